// A disk in memory. Comparing two shows whether anything was written.
#pragma once

#include <map>
#include <string>

#include "base/files.hpp"

namespace tessera::fuzz {

class MemoryFiles final : public Files {
 public:
  std::map<std::string, Bytes> content;

  Result<Bytes> read(const std::string& path, size_t limit) override {
    const auto found = content.find(path);
    if (found == content.end()) return missing(path);
    if (found->second.size() > limit) return Error{ErrorCode::kLIMIT, "fuzz", path + " is too large", {}};
    return found->second;
  }
  Status write(const std::string& path, ByteView bytes) override {
    content[path].assign(bytes.begin(), bytes.end());
    return {};
  }
  Status sync(const std::string&) override { return {}; }
  Status rename(const std::string& from, const std::string& to) override {
    auto moved = content.extract(from);
    if (moved.empty()) return missing(from);
    content[to] = std::move(moved.mapped());
    return {};
  }
  Status sync_directory(const std::string&) override { return {}; }
  Status remove(const std::string& path) override {
    return content.erase(path) == 1 ? Status() : missing(path);
  }

 private:
  static Error missing(const std::string& path) {
    return {ErrorCode::kNOT_FOUND, "fuzz", path + " does not exist", {}};
  }
};

}  // namespace tessera::fuzz
