#include "store/part_file.hpp"

#include <filesystem>
#include <utility>

#include "base/files.hpp"
#include "base/unique_fd.hpp"
#include "store/errors.hpp"
#include "store/file_names.hpp"

namespace tessera::store {
namespace {

bool is_same_file(const std::string& one, const std::string& other) {
  struct stat a{};
  struct stat b{};
  return stat(one.c_str(), &a) == 0 && stat(other.c_str(), &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
}

/// With the links of its folder resolved, for SQLite refuses links in any part of a path.
Result<std::string> resolved(const std::string& path) {
  std::error_code failed;
  const std::filesystem::path folder = std::filesystem::canonical(parent_directory(path), failed);
  if (failed) return error_from_errno("store", "open the folder of " + path, failed.value());
  return (folder / std::filesystem::path(path).filename()).string();
}

/// `target` is resolved; the database's path may be spelt in another way.
bool belongs_to(const std::string& target, const std::string& database_path) {
  if (database_path.empty()) return false;
  const auto database = resolved(database_path);
  if (belongs_to_store(target, database.ok() ? *database : database_path)) return true;
  for (const std::string& file : data_files_of(database_path)) {
    if (is_same_file(target, file)) return true;
  }
  return is_same_file(target, stem_of(database_path).append(kSlots));
}

Status check_target(const std::string& target, const std::string& database_path) {
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
  if (target.empty() || target.back() == '/')
    return store_error(ErrorCode::kARG, {}, "the copy needs the path of a file to write");
  TSR_ASSIGN_OR_RETURN(const std::string real, resolved(target));
  TSR_RETURN_IF_ERROR(check_target(real, database_path));
  PartFile part(real, real + std::string(kPart));
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
  for (const std::string& file : with_logs(path)) static_cast<void>(system_files().remove(file));
}

}  // namespace tessera::store
