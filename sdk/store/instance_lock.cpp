#include "store/instance_lock.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <vector>

#include "base/files.hpp"
#include "base/fork_guard.hpp"

namespace tessera::store {
namespace {

/// Stores open in this process, by path.
struct Registry {
  uint64_t token = process_token();
  std::mutex mutex;
  std::condition_variable released;
  std::vector<std::string> held;
};

constinit std::atomic<Registry*> current_registry{nullptr};

/// The registry of this process; a forked child starts with an empty one, for a thread that it does not have
/// may hold its parent's. Its parent's locks are then those of another process.
Registry& registry() {
  Registry* known = current_registry.load(std::memory_order_acquire);
  if (known != nullptr && known->token == process_token()) return *known;
  auto* made = new Registry;
  if (current_registry.compare_exchange_strong(known, made)) return *made;
  delete made;
  return *current_registry.load(std::memory_order_acquire);
}

/// One spelling for each file, whatever links lead to its folder.
Result<std::string> full_path(const std::string& path) {
  const std::string folder = parent_directory(path);
  const std::unique_ptr<char, decltype(&std::free)> resolved(realpath(folder.c_str(), nullptr), &std::free);
  if (resolved == nullptr) return error_from_errno("store", "open the folder " + folder, errno);
  return std::string(resolved.get()) + '/' + path.substr(path.find_last_of('/') + 1);
}

/// What the owner wrote into the lock file; 0 when it did not (yet).
pid_t owner_of(const std::string& path) {
  constexpr size_t kLongestNote = 32;
  const Result<Bytes> note = system_files().read(path, kLongestNote);
  if (!note) return 0;
  const std::string_view text = as_text(*note);
  pid_t pid = 0;
  std::from_chars(text.data(), text.data() + text.size(), pid);
  return std::max(pid, 0);
}

Error locked(const std::string& path, pid_t owner) {
  std::string text = "another process has the store of " + path + " open";
  if (owner == getpid()) {
    text = "this process has the store of " + path + " open already; close it or use that handle";
  } else if (owner > 0 && kill(owner, 0) != 0 && errno == ESRCH) {
    text += ": a child of process " + std::to_string(owner) + ", which is gone; end that child and try again";
  } else {
    if (owner > 0) text += " (process " + std::to_string(owner) + ')';
    text += "; close it there first, a store belongs to one process at a time";
  }
  std::string detail = R"({"reason":"STORE_LOCKED")";
  if (owner > 0) detail += R"(,"owner_pid":)" + std::to_string(owner);
  return {ErrorCode::kBUSY, "store", std::move(text), detail + '}'};
}

void forget(const std::string& path) {
  Registry& known = registry();
  {
    const std::lock_guard lock(known.mutex);
    std::erase(known.held, path);
  }
  known.released.notify_all();
}

class HeldLock final : public InstanceLock {
 public:
  explicit HeldLock(std::string path) : path_(std::move(path)) {}
  ~HeldLock() override {
    file_.reset();
    if (!guard_.in_child()) forget(path_);
  }
  HeldLock(const HeldLock&) = delete;
  HeldLock& operator=(const HeldLock&) = delete;
  void hold(FileLock file) { file_.emplace(std::move(file)); }

 private:
  std::string path_;
  std::optional<FileLock> file_;
  ForkGuard guard_;
};

/// Enters `path` as held by this process; false when another instance of it does not close in time.
bool enter(const std::string& path, int64_t timeout_ms) {
  Registry& known = registry();
  std::unique_lock lock(known.mutex);
  const auto is_free = [&] { return std::ranges::find(known.held, path) == known.held.end(); };
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  if (!known.released.wait_until(lock, deadline, is_free)) return false;
  known.held.push_back(path);
  return true;
}

}  // namespace

Result<std::unique_ptr<InstanceLock>> InstanceLock::acquire(const std::string& path, int64_t timeout_ms) {
  TSR_ASSIGN_OR_RETURN(const std::string full, full_path(path));
  if (!enter(full, std::max<int64_t>(timeout_ms, 0))) return locked(full, getpid());
  auto held = std::make_unique<HeldLock>(full);
  Result<FileLock> file = FileLock::acquire(full, 0);
  if (!file) {
    if (file.error().code == ErrorCode::kBUSY) return locked(full, owner_of(full));
    Error error = file.error();
    error.domain = "store";
    return error;
  }
  held->hold(std::move(*file));
  return std::unique_ptr<InstanceLock>(std::move(held));
}

}  // namespace tessera::store
