#include "base/fork_guard.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>

namespace tessera {
namespace {

using Word = std::atomic<uint64_t>;
static_assert(Word::is_always_lock_free);

// A page that the kernel zeroes in a forked child; null until mapped.
constinit std::atomic<Word*> wiped_word{nullptr};
constinit std::atomic<bool> unsupported{false};
// Ordinary memory: a child inherits the count, so its token is also none of an ancestor's.
constinit std::atomic<uint32_t> minted{0};

/// Null when the kernel can't wipe on fork. Racing threads agree on one page.
Word* map_word() {
  const auto size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* page = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return nullptr;
  if (madvise(page, size, MADV_WIPEONFORK) != 0) {
    munmap(page, size);
    return nullptr;
  }
  Word* expected = nullptr;
  auto* mine = static_cast<Word*>(page);
  if (wiped_word.compare_exchange_strong(expected, mine)) return mine;
  munmap(page, size);
  return expected;
}

Word* word() {
  if (Word* known = wiped_word.load(std::memory_order_acquire)) return known;
  if (unsupported.load(std::memory_order_relaxed)) return nullptr;
  Word* mapped = map_word();
  if (mapped == nullptr) unsupported.store(true, std::memory_order_relaxed);
  return mapped;
}

/// Count and pid together: pids are reused and start again in a new pid namespace.
uint64_t mint_token() { return (uint64_t{minted.fetch_add(1) + 1} << 32) | static_cast<uint32_t>(getpid()); }

}  // namespace

uint64_t process_token() {
  Word* current = word();
  if (current == nullptr) return static_cast<uint64_t>(getpid());
  uint64_t token = current->load(std::memory_order_acquire);
  if (token != 0) return token;
  const uint64_t fresh = mint_token();
  return current->compare_exchange_strong(token, fresh) ? fresh : token;
}

}  // namespace tessera
