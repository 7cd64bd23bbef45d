// A disk in memory that loses power where a test says: nothing unsynced has to be there after reboot().
#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/files.hpp"

namespace tessera::test {

/// The power failed: what would have come next in this process never happens.
struct PowerCut : std::exception {
  const char* what() const noexcept override { return "the power was cut"; }
};

/// What of the unsynced data is there after a power cut. File systems promise none of these, so all must do.
enum class Survivors {
  kSynced,  // neither content nor names
  kNames,   // created and renamed entries, but not their content
  kTorn,    // names, and the first half of each content
  kAll,     // everything: only the process died
};

/// Copies are disks of their own.
class FaultFiles final : public Files {
 public:
  /// Power fails right before durable operation `count` from now (0: the next one).
  void cut_before(int64_t count) { left_ = count; }
  /// Durable operations so far.
  int64_t operations() const { return operations_; }
  /// The next sync_directory() fails.
  void fail_directory_sync() { fails_directory_sync_ = true; }
  /// From now on sync() and sync_directory() only say that they did it.
  void ignore_syncs() { ignores_syncs_ = true; }

  void reboot(Survivors survivors) {
    left_.reset();
    if (survivors == Survivors::kSynced) {
      names_ = durable_names_;
    } else {
      durable_names_ = names_;
    }
    for (auto& [number, file] : files_) {
      if (survivors == Survivors::kTorn && file.content != file.durable)
        file.content.resize(file.content.size() / 2);
      if (survivors == Survivors::kSynced || survivors == Survivors::kNames) file.content = file.durable;
      file.durable = file.content;
    }
  }

  Result<Bytes> read(const std::string& path, size_t limit) override {
    if (left_ && *left_ < 0) throw PowerCut();
    const auto name = names_.find(path);
    if (name == names_.end()) return missing(path);
    const Bytes& content = files_.at(name->second).content;
    if (content.size() > limit) return Error{ErrorCode::kLIMIT, "base", path + " is too large", {}};
    return content;
  }

  Status write(const std::string& path, ByteView content) override {
    step();
    const auto [name, is_new] = names_.try_emplace(path, next_file_);
    if (is_new) ++next_file_;
    files_[name->second].content.assign(content.begin(), content.end());
    return {};
  }

  Status sync(const std::string& path) override {
    step();
    const auto name = names_.find(path);
    if (name == names_.end()) return missing(path);
    File& file = files_.at(name->second);
    if (!ignores_syncs_) file.durable = file.content;
    return {};
  }

  Status rename(const std::string& from, const std::string& to) override {
    step();
    const auto name = names_.find(from);
    if (name == names_.end()) return missing(from);
    names_[to] = name->second;
    names_.erase(name);
    return {};
  }

  Status sync_directory(const std::string& directory) override {
    step();
    if (std::exchange(fails_directory_sync_, false))
      return Error{ErrorCode::kIO, "base", "could not sync " + directory, {}};
    if (ignores_syncs_) return {};
    const auto is_inside = [&](const auto& entry) { return parent_directory(entry.first) == directory; };
    std::erase_if(durable_names_, is_inside);
    std::copy_if(names_.begin(), names_.end(), std::inserter(durable_names_, durable_names_.end()),
                 is_inside);
    return {};
  }

  Status remove(const std::string& path) override {
    step();
    return names_.erase(path) == 1 ? Status() : missing(path);
  }

 private:
  struct File {
    Bytes content;
    Bytes durable;  // as of its last sync
  };

  static Error missing(const std::string& path) {
    return {ErrorCode::kNOT_FOUND, "base", path + " does not exist", {}};
  }
  void step() {
    if (left_ && (*left_)-- <= 0) throw PowerCut();
    ++operations_;
  }

  std::map<int, File> files_;
  std::map<std::string, int> names_;
  std::map<std::string, int> durable_names_;  // as of the last sync of their directory
  int next_file_ = 0;
  std::optional<int64_t> left_;  // until the cut; negative after it
  int64_t operations_ = 0;
  bool ignores_syncs_ = false;
  bool fails_directory_sync_ = false;
};

}  // namespace tessera::test
