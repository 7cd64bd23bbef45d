// The second place that remembers the clock mark and used trials, outside the data folder, so that deleting
// or restoring the folder is noticed. Best effort: a machine without one still works.
#pragma once

#include <map>
#include <set>
#include <string>

#include "base/files.hpp"
#include "crypto/crypto.hpp"

namespace tessera {

struct DeviceMemory {
  int64_t floor_ms = 0;
  std::set<std::string> trials;                // ids of trials that were started
  std::map<std::string, int64_t> generations;  // newest state generation by installation
  bool operator==(const DeviceMemory&) const = default;
};

class MemoryFile {
 public:
  /// An empty `directory` remembers nothing.
  MemoryFile(Files& files, Random& random, const std::string& directory, std::string_view product);
  /// Empty when there is none or it is damaged.
  DeviceMemory load();
  /// `change` edits what is stored, under a lock; nothing is written when it changes nothing.
  template <class Change>
  Status update(Change change);

 private:
  Result<FileLock> lock();
  Status store(const DeviceMemory& memory);
  Files* files_;
  Random* random_;
  std::string directory_;
  std::string path_;
  Key256 key_;
};

template <class Change>
Status MemoryFile::update(Change change) {
  if (path_.empty()) return {};
  TSR_ASSIGN_OR_RETURN(const FileLock held, lock());
  const DeviceMemory before = load();
  DeviceMemory after = before;
  change(after);
  return after == before ? Status() : store(after);
}

}  // namespace tessera
