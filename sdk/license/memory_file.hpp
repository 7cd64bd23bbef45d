// The second place that remembers the clock mark, used trials and licences given back, outside the data
// folder, so that deleting or restoring the folder is noticed. Best effort: a machine without one still
// works.
#pragma once

#include <map>
#include <set>
#include <string>

#include "base/files.hpp"
#include "crypto/crypto.hpp"

namespace tessera {

struct DeviceMemory {
  struct Installation {
    int64_t generation = 0;  // newest one written
    int64_t seen_ms = 0;     // when it was written
    bool operator==(const Installation&) const = default;
  };

  int64_t floor_ms = 0;
  std::set<std::string> trials;                       // ids of trials that were started
  std::set<std::string> tombstones;                   // ids of licences that were given back
  std::map<std::string, int64_t> rebinds;             // when a licence first came back under a new key, by id
  std::map<std::string, Installation> installations;  // by installation key

  /// The newest generation that `installation` is known to have written; 0 when it is unknown.
  int64_t generation_of(const std::string& installation) const;
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
  Key256 key_{};
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
