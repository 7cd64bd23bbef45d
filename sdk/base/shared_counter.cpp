#include <sys/mman.h>

#include <atomic>

#include "base/files.hpp"
#include "base/unique_fd.hpp"

namespace tessera {
namespace {

constexpr size_t kFileSize = 4096;
static_assert(std::atomic_ref<uint64_t>::is_always_lock_free,
              "only lock-free atomics work between processes");

class MappedCounter final : public SharedCounter {
 public:
  MappedCounter(std::string path, const struct stat& file, void* page)
      : path_(std::move(path)), device_(file.st_dev), inode_(file.st_ino), page_(page) {}
  MappedCounter(const MappedCounter&) = delete;
  MappedCounter& operator=(const MappedCounter&) = delete;
  ~MappedCounter() override { munmap(page_, kFileSize); }

  uint64_t load() const override { return word().load(std::memory_order_acquire); }
  void increment() override { word().fetch_add(1, std::memory_order_acq_rel); }
  bool current() const override {
    struct stat now{};
    return lstat(path_.c_str(), &now) == 0 && now.st_dev == device_ && now.st_ino == inode_;
  }

 private:
  std::atomic_ref<uint64_t> word() const { return std::atomic_ref<uint64_t>(*static_cast<uint64_t*>(page_)); }

  std::string path_;
  dev_t device_;
  ino_t inode_;
  void* page_;
};

class PrivateCounter final : public SharedCounter {
 public:
  uint64_t load() const override { return value_.load(std::memory_order_acquire); }
  void increment() override { value_.fetch_add(1, std::memory_order_acq_rel); }
  bool current() const override { return true; }

 private:
  std::atomic<uint64_t> value_{0};
};

/// Only ever grows the file: a shorter one would raise SIGBUS in the processes that map it. Blocks are
/// reserved where the file system can, so that a full disk fails here and not in a later memory write.
bool ensure_size(int fd) {
  const int error = posix_fallocate(fd, 0, off_t{kFileSize});
  if (error == 0) return true;
  return (error == EOPNOTSUPP || error == EINVAL) && ftruncate(fd, off_t{kFileSize}) == 0;
}

}  // namespace

std::unique_ptr<SharedCounter> SharedCounter::open(const std::string& path) {
  const UniqueFd file = open_plain(path, O_RDWR | O_CREAT, 0600);
  struct stat status{};
  if (!file.valid() || fstat(file.get(), &status) != 0 || !is_regular(status)) {
    return std::make_unique<PrivateCounter>();
  }
  if (status.st_size < off_t{kFileSize} && !ensure_size(file.get()))
    return std::make_unique<PrivateCounter>();
  void* page = mmap(nullptr, kFileSize, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (page == MAP_FAILED) return std::make_unique<PrivateCounter>();
  return std::make_unique<MappedCounter>(path, status, page);
}

}  // namespace tessera
