#include <sys/stat.h>

#include <array>
#include <ctime>
#include <utility>

#include "base/files.hpp"
#include "store/care.hpp"
#include "store/errors.hpp"
#include "store/part_file.hpp"

namespace tessera::store {
namespace {

bool exists(const std::string& path) {
  struct stat status{};
  return lstat(path.c_str(), &status) == 0;
}

std::string utc_text(int64_t wall_ms) {
  const auto seconds = static_cast<time_t>(wall_ms / 1000);
  struct tm parts{};
  std::array<char, 32> text{};
  gmtime_r(&seconds, &parts);
  const size_t length = std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &parts);
  return {text.data(), length};
}

/// A name that none of the files would take from another.
Result<std::string> free_name(const std::string& path, Clock& clock) {
  constexpr int kMostInOneSecond = 100;
  const std::string name = path + ".damaged-" + utc_text(clock.wall_ms());
  for (int i = 1; i <= kMostInOneSecond; ++i) {
    std::string candidate = i == 1 ? name : name + "-" + std::to_string(i);
    if (!exists(candidate) && !exists(candidate + "-wal") && !exists(candidate + ".tsq")) return candidate;
  }
  return store_error(ErrorCode::kSTATE, {},
                     path + " was moved aside too often within a second; look at the files beside it");
}

}  // namespace

Result<std::string> move_aside(const std::string& path, Clock& clock) {
  if (!exists(path)) return store_error(ErrorCode::kNOT_FOUND, {}, path + " does not exist");
  Files& files = system_files();
  TSR_ASSIGN_OR_RETURN(std::string name, free_name(path, clock));
  // The log first and the database last: a log without its database would be applied to the next one.
  const std::array<std::pair<std::string, std::string>, 4> moves = {{{path + "-wal", name + "-wal"},
                                                                     {path + "-journal", name + "-journal"},
                                                                     {stem_of(path) + ".tsq", name + ".tsq"},
                                                                     {path, name}}};
  for (auto move = moves.begin(); move != moves.end(); ++move) {
    if (!exists(move->first)) continue;
    const Status moved = files.rename(move->first, move->second);
    if (moved) continue;
    while (move != moves.begin()) {
      --move;
      if (exists(move->second)) static_cast<void>(files.rename(move->second, move->first));
    }
    return moved.error();
  }
  TSR_RETURN_IF_ERROR(files.sync_directory(parent_directory(path)));
  return name;
}

}  // namespace tessera::store
