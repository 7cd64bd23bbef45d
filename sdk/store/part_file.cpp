#include "store/part_file.hpp"

#include <array>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "base/files.hpp"
#include "base/unique_fd.hpp"
#include "store/errors.hpp"

namespace tessera::store {
namespace {

constexpr std::array<std::string_view, 3> kLogs = {"-wal", "-journal", "-shm"};

bool is_same_file(const std::string& one, const std::string& other) {
  struct stat a{};
  struct stat b{};
  return stat(one.c_str(), &a) == 0 && stat(other.c_str(), &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
}

bool belongs_to(const std::string& target, const std::string& database_path) {
  if (database_path.empty()) return false;
  std::vector<std::string> names = {database_path};
  for (const std::string_view log : kLogs) names.push_back(database_path + std::string(log));
  for (const char* other : {".tks", ".tsq", ".lock"}) names.push_back(stem_of(database_path) + other);
  for (const std::string& name : names) {
    if (target == name || is_same_file(target, name)) return true;
  }
  return false;
}

Status check_target(const std::string& target, const std::string& database_path) {
  if (target.empty() || target.back() == '/')
    return store_error(ErrorCode::kARG, {}, "the copy needs the path of a file to write");
  if (belongs_to(target, database_path))
    return store_error(ErrorCode::kARG, {}, target + " is a file of the store itself; choose another path");
  struct stat status{};
  if (lstat(target.c_str(), &status) == 0 && !is_regular(status))
    return store_error(ErrorCode::kARG, {}, target + " is not a regular file; choose another path");
  for (const char* log : {"-wal", "-journal"}) {
    const std::string name = target + log;
    if (lstat(name.c_str(), &status) == 0 && status.st_size != 0)
      return store_error(ErrorCode::kSTATE, {},
                         std::string(target)
                             .append(" is a database that is open or was not closed (")
                             .append(name)
                             .append(" is not empty); close it or choose another path"));
  }
  return {};
}

}  // namespace

Result<PartFile> PartFile::create(const std::string& target, const std::string& database_path) {
  TSR_RETURN_IF_ERROR(check_target(target, database_path));
  std::error_code failed;
  const std::filesystem::path folder = std::filesystem::canonical(parent_directory(target), failed);
  if (failed) return error_from_errno("store", "open the folder of " + target, failed.value());
  // SQLite refuses links in any part of a path.
  const std::string real = (folder / std::filesystem::path(target).filename()).string();
  PartFile part(real, real + ".part");
  remove_database(part.path_);
  TSR_RETURN_IF_ERROR(system_files().write(part.path_, {}));
  return part;
}

PartFile::PartFile(PartFile&& other) noexcept
    : target_(std::move(other.target_)), path_(std::exchange(other.path_, {})) {}

PartFile::~PartFile() {
  if (!path_.empty()) remove_database(path_);
}

Status PartFile::publish() {
  Files& files = system_files();
  TSR_RETURN_IF_ERROR(files.sync(path_));
  TSR_RETURN_IF_ERROR(files.rename(path_, target_));
  path_.clear();
  return files.sync_directory(parent_directory(target_));
}

void remove_database(const std::string& path) {
  static_cast<void>(system_files().remove(path));
  for (const std::string_view log : kLogs) static_cast<void>(system_files().remove(path + std::string(log)));
}

std::string stem_of(const std::string& database_path) {
  constexpr std::string_view kEnding = ".tdb";
  if (!database_path.ends_with(kEnding)) return database_path;
  return database_path.substr(0, database_path.size() - kEnding.size());
}

}  // namespace tessera::store
