// What long work writes before it may have its name: "<target>.part", owner-only, gone unless published.
#pragma once

#include <string>

#include "base/result.hpp"

namespace tessera::store {

class PartFile {
 public:
  /// An empty file in the place of one that an earlier crash left. `target` may exist: publish() replaces it.
  /// ARG when it is one of the files of the database at `database_path` (may be empty) or no regular file;
  /// STATE when a log lies beside it, which would be applied to the new file.
  static Result<PartFile> create(const std::string& target, const std::string& database_path);
  PartFile(PartFile&& other) noexcept;
  PartFile& operator=(PartFile&&) = delete;
  ~PartFile();

  const std::string& path() const { return path_; }
  /// Syncs, renames to the target, syncs the folder.
  Status publish();

 private:
  PartFile(std::string target, std::string path) : target_(std::move(target)), path_(std::move(path)) {}
  std::string target_;
  std::string path_;  // empty: nothing to remove
};

/// Removes the database file at `path` with what SQLite may have left beside it.
void remove_database(const std::string& path);

}  // namespace tessera::store
