#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <ranges>

#include "base/files.hpp"
#include "store/care.hpp"
#include "store/errors.hpp"
#include "store/file_names.hpp"

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

std::string note_of(const std::string& path) { return path + std::string(kMoveNote); }

/// What a file of the database at `path` is called beside the one that is called `name`.
std::string moved_name(const std::string& file, const std::string& path, const std::string& name) {
  if (file.starts_with(path)) return name + file.substr(path.size());
  return name + std::string(kMark);
}

/// A name that none of the files would take from another.
Result<std::string> free_name(const std::string& path, Clock& clock) {
  constexpr int kMostInOneSecond = 100;
  const std::string name = path + std::string(kDamagedData) + utc_text(clock.wall_ms());
  for (int i = 1; i <= kMostInOneSecond; ++i) {
    const std::string candidate = i == 1 ? name : name + "-" + std::to_string(i);
    if (std::ranges::none_of(data_files_of(path), [&](const std::string& file) {
          return exists(moved_name(file, path, candidate));
        }))
      return candidate;
  }
  return store_error(ErrorCode::kSTATE, {},
                     path + " was moved aside too often within a second; look at the files beside it");
}

/// The database last: once it has its new name, the move is over.
Status move_files(const std::string& path, const std::string& name) {
  Files& files = system_files();
  for (const std::string& file : data_files_of(path) | std::views::reverse) {
    if (!exists(file)) continue;
    if (file == path) TSR_RETURN_IF_ERROR(files.sync_directory(parent_directory(path)));
    TSR_RETURN_IF_ERROR(files.rename(file, moved_name(file, path, name)));
  }
  return files.sync_directory(parent_directory(path));
}

}  // namespace

Result<std::string> move_aside(const std::string& path, Clock& clock) {
  if (!exists(path)) return store_error(ErrorCode::kNOT_FOUND, {}, path + " does not exist");
  TSR_ASSIGN_OR_RETURN(std::string name, free_name(path, clock));
  // In the folder only: it may be moved as a whole.
  const std::string last = name.substr(name.find_last_of('/') + 1);
  TSR_RETURN_IF_ERROR(write_atomic(system_files(), note_of(path), as_bytes(last)));
  TSR_RETURN_IF_ERROR(move_files(path, name));
  return name;
}

Result<std::optional<std::string>> resume_move_aside(const std::string& path) {
  constexpr size_t kLongestName = 1024;
  if (!exists(note_of(path))) return std::optional<std::string>();
  TSR_ASSIGN_OR_RETURN(const Bytes note, system_files().read(note_of(path), kLongestName));
  const std::string name = parent_directory(path) + '/' + std::string(as_text(note));
  const bool is_ours =
      as_text(note).find('/') == std::string_view::npos &&
      as_text(note).starts_with(path.substr(path.find_last_of('/') + 1) + std::string(kDamagedData));
  if (!is_ours)
    return store_error(ErrorCode::kCORRUPT, "DAMAGED",
                       note_of(path) + " does not say where a damaged database was moved; remove it");
  if (!exists(name)) {
    if (!exists(path)) return std::optional<std::string>();  // somebody took the database away
    TSR_RETURN_IF_ERROR(move_files(path, name));
  }
  return std::optional(name);
}

Status end_move_aside(const std::string& path) {
  TSR_RETURN_IF_ERROR(system_files().remove(note_of(path)));
  return system_files().sync_directory(parent_directory(path));
}

}  // namespace tessera::store
