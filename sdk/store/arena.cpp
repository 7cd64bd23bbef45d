#include "store/arena.hpp"

#include <sqlite3.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <new>

#include "base/fork_guard.hpp"

namespace tessera::store {
namespace {

constexpr size_t kAlignment = 16;
constexpr size_t kSlabBytes = size_t{64} << 10;  // of blocks of one size; starts at a multiple of itself
constexpr size_t kSlabsOfChunk = 16;             // mapped at a time
constexpr size_t kHeaderBytes = 128;
constexpr size_t kSmallest = 256;       // up to here in steps of 16 bytes
constexpr size_t kLargestBlock = 8192;  // more is a mapping of its own
constexpr size_t kStepsOfDoubling = 8;
constexpr size_t kClasses = kSmallest / kAlignment + kStepsOfDoubling * 5;
constexpr size_t kShards = 8;
constexpr size_t kResidentSlabs = 64;  // free ones beyond that give their memory back
constexpr size_t kPageBytes = 4096;
constexpr size_t kKeptMappings = 64;
constexpr size_t kKeptBytes = size_t{16} << 20;
constexpr size_t kLargestKept = size_t{2} << 20;

constexpr size_t class_of(size_t size) {
  if (size <= kSmallest) return size == 0 ? 0 : (size - 1) / kAlignment;
  const auto width = static_cast<size_t>(std::bit_width(size - 1));
  return kSmallest / kAlignment + (width - 9) * kStepsOfDoubling + ((size - 1) >> (width - 4)) -
         kStepsOfDoubling;
}

constexpr size_t bytes_of(size_t size_class) {
  if (size_class < kSmallest / kAlignment) return (size_class + 1) * kAlignment;
  const size_t above = size_class - kSmallest / kAlignment;
  return (kStepsOfDoubling + 1 + above % kStepsOfDoubling) << (5 + above / kStepsOfDoubling);
}

static_assert(class_of(kLargestBlock) == kClasses - 1 && bytes_of(kClasses - 1) == kLargestBlock);
static_assert(bytes_of(class_of(4408)) == 4608, "a page of the cache wastes little");

/// Whole mapping of an allocation that is no block, its header included.
constexpr size_t mapping_bytes(size_t size) {
  const size_t total = size + kHeaderBytes;
  const size_t step = std::max(std::bit_floor(total - 1) / 4, kPageBytes);
  return (total + step - 1) / step * step;
}

struct FreeBlock {
  FreeBlock* next;
};

struct Shard;

/// In front of the blocks of a slab, and of the one block of a mapping.
struct Slab {
  Shard* shard = nullptr;     // null: a mapping
  size_t bytes = 0;           // of a block, or of the whole mapping
  uint64_t token = 0;         // process_token() of the process that allocated it
  FreeBlock* free = nullptr;  // given back before
  Slab* next = nullptr;       // of its shard's list while a block is free, or of the list of free slabs
  Slab* previous = nullptr;
  uint32_t used = 0;
  uint32_t touched = 0;  // blocks that were handed out once; those behind are as the kernel gave them
  uint32_t capacity = 0;
  uint32_t size_class = 0;
};
static_assert(sizeof(Slab) <= kHeaderBytes);

struct alignas(64) Shard {
  std::mutex mutex;
  std::array<Slab*, kClasses> open{};  // slabs with a free block
};

struct Arena {
  uint64_t token = process_token();
  std::array<Shard, kShards> shards;
  std::mutex mutex;
  Slab* free_slabs = nullptr;
  size_t free_count = 0;
  std::array<Slab*, kKeptMappings> kept{};
  size_t kept_count = 0;
  size_t kept_bytes = 0;
  std::atomic<size_t> mapped{0};
};

constinit std::atomic<Arena*> current_arena{nullptr};
constinit std::atomic<uint32_t> threads_seen{0};
// Zero until the thread allocates. Needs no destructor.
constinit thread_local uint32_t thread_number = 0;

/// The arena of this process. A forked child leaves its parent's behind: a lock of it may be held by a thread
/// that the child does not have.
Arena* arena() {
  Arena* known = current_arena.load(std::memory_order_acquire);
  if (known != nullptr && known->token == process_token()) return known;
  Arena* made = new (std::nothrow) Arena;
  if (made == nullptr) return nullptr;
  if (current_arena.compare_exchange_strong(known, made)) return made;
  delete made;
  return current_arena.load(std::memory_order_acquire);
}

Shard& shard_of_thread(Arena& arena) {
  if (thread_number == 0) thread_number = threads_seen.fetch_add(1, std::memory_order_relaxed) + 1;
  return arena.shards[thread_number % kShards];
}

Slab* slab_of(const void* block) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): blocks find their slab by its alignment
  return reinterpret_cast<Slab*>(reinterpret_cast<uintptr_t>(block) & ~(kSlabBytes - 1));
}

std::byte* first_block(Slab* slab) { return reinterpret_cast<std::byte*>(slab) + kHeaderBytes; }

/// Null when the kernel has no memory, or would dump it.
std::byte* map(Arena& arena, size_t bytes) {
  const size_t wanted = bytes + kSlabBytes;
  void* mapped = mmap(nullptr, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  auto* begin = static_cast<std::byte*>(mapped);
  const size_t before = (kSlabBytes - reinterpret_cast<uintptr_t>(mapped) % kSlabBytes) % kSlabBytes;
  if (before != 0) munmap(begin, before);
  if (before != kSlabBytes) munmap(begin + before + bytes, kSlabBytes - before);
  if (madvise(begin + before, bytes, MADV_DONTDUMP) != 0) {
    munmap(begin + before, bytes);
    return nullptr;
  }
  arena.mapped.fetch_add(bytes, std::memory_order_relaxed);
  return begin + before;
}

void unmap(Arena& arena, Slab* mapping, size_t bytes) {
  munmap(mapping, bytes);
  arena.mapped.fetch_sub(bytes, std::memory_order_relaxed);
}

Slab* take_slab(Arena& arena) {
  const std::lock_guard lock(arena.mutex);
  if (arena.free_slabs == nullptr) {
    std::byte* chunk = map(arena, kSlabsOfChunk * kSlabBytes);
    if (chunk == nullptr) return nullptr;
    for (size_t i = kSlabsOfChunk; i-- > 0;) {
      arena.free_slabs = new (chunk + i * kSlabBytes) Slab{.next = arena.free_slabs};
      ++arena.free_count;
    }
  }
  Slab* slab = arena.free_slabs;
  arena.free_slabs = slab->next;
  --arena.free_count;
  return slab;
}

void give_slab(Arena& arena, Slab* slab) {
  const std::lock_guard lock(arena.mutex);
  slab->next = arena.free_slabs;
  arena.free_slabs = slab;
  if (++arena.free_count > kResidentSlabs)
    madvise(reinterpret_cast<std::byte*>(slab) + kPageBytes, kSlabBytes - kPageBytes, MADV_DONTNEED);
}

void link(Shard& shard, Slab* slab) {
  Slab*& head = shard.open[slab->size_class];
  slab->previous = nullptr;
  slab->next = head;
  if (head != nullptr) head->previous = slab;
  head = slab;
}

void unlink(Shard& shard, Slab* slab) {
  if (slab->previous != nullptr) {
    slab->previous->next = slab->next;
  } else {
    shard.open[slab->size_class] = slab->next;
  }
  if (slab->next != nullptr) slab->next->previous = slab->previous;
}

Slab* open_slab(Arena& arena, Shard& shard, size_t size_class) {
  Slab* slab = take_slab(arena);
  if (slab == nullptr) return nullptr;
  const size_t bytes = bytes_of(size_class);
  *slab = Slab{.shard = &shard,
               .bytes = bytes,
               .token = arena.token,
               .capacity = static_cast<uint32_t>((kSlabBytes - kHeaderBytes) / bytes),
               .size_class = static_cast<uint32_t>(size_class)};
  link(shard, slab);
  return slab;
}

void* allocate_block(Arena& arena, size_t size) {
  const size_t size_class = class_of(size);
  Shard& shard = shard_of_thread(arena);
  const std::lock_guard lock(shard.mutex);
  Slab* slab = shard.open[size_class];
  if (slab == nullptr) slab = open_slab(arena, shard, size_class);
  if (slab == nullptr) return nullptr;
  void* block = slab->free;
  if (block != nullptr) {
    slab->free = slab->free->next;
  } else {
    block = first_block(slab) + slab->touched++ * slab->bytes;
  }
  if (++slab->used == slab->capacity) unlink(shard, slab);
  return block;
}

void free_block(Arena& arena, Slab* slab, void* block) {
  Shard& shard = *slab->shard;
  const std::lock_guard lock(shard.mutex);
  slab->free = new (block) FreeBlock{slab->free};
  if (slab->used-- == slab->capacity) link(shard, slab);
  // The last slab of a size stays: a statement that comes and goes must not map and unmap one each time.
  if (slab->used != 0 || (slab->previous == nullptr && slab->next == nullptr)) return;
  unlink(shard, slab);
  give_slab(arena, slab);
}

void* allocate_mapping(Arena& arena, size_t size) {
  const size_t bytes = mapping_bytes(size);
  {
    const std::lock_guard lock(arena.mutex);
    for (size_t i = arena.kept_count; i-- > 0;) {
      Slab* mapping = arena.kept[i];
      if (mapping->bytes != bytes) continue;
      arena.kept[i] = arena.kept[--arena.kept_count];
      arena.kept_bytes -= bytes;
      return first_block(mapping);
    }
  }
  std::byte* mapped = map(arena, bytes);
  if (mapped == nullptr) return nullptr;
  return first_block(new (mapped) Slab{.bytes = bytes, .token = arena.token});
}

void free_mapping(Arena& arena, Slab* mapping) {
  const size_t bytes = mapping->bytes;
  if (bytes <= kLargestKept) {
    const std::lock_guard lock(arena.mutex);
    if (arena.kept_count < kKeptMappings && arena.kept_bytes + bytes <= kKeptBytes) {
      arena.kept[arena.kept_count++] = mapping;
      arena.kept_bytes += bytes;
      return;
    }
  }
  unmap(arena, mapping, bytes);
}

// SQLite counts in int and asks for 2,147,483,391 bytes at most.
size_t unsigned_of(int size) { return size > 0 ? static_cast<size_t>(size) : 0; }

constexpr sqlite3_mem_methods kMethods = {
    .xMalloc = [](int size) { return arena_allocate(unsigned_of(size)); },
    .xFree = arena_free,
    .xRealloc = [](void* block, int size) { return arena_resize(block, unsigned_of(size)); },
    .xSize = [](void* block) { return static_cast<int>(arena_usable(block)); },
    .xRoundup = [](int size) { return static_cast<int>(arena_rounded(unsigned_of(size))); },
    .xInit = [](void*) { return SQLITE_OK; },
    .xShutdown = [](void*) {},
    .pAppData = nullptr};

}  // namespace

void* arena_allocate(size_t size) {
  Arena* mine = arena();
  if (mine == nullptr || size > PTRDIFF_MAX / 2) return nullptr;
  return size <= kLargestBlock ? allocate_block(*mine, size) : allocate_mapping(*mine, size);
}

void arena_free(void* block) {
  if (block == nullptr) return;
  Slab* slab = slab_of(block);
  Arena* mine = arena();
  if (mine == nullptr || slab->token != mine->token) return;
  if (slab->shard != nullptr) {
    free_block(*mine, slab, block);
  } else {
    free_mapping(*mine, slab);
  }
}

void* arena_resize(void* block, size_t size) {
  if (block == nullptr) return arena_allocate(size);
  const size_t usable = arena_usable(block);
  if (size <= usable && size >= usable / 2) return block;
  void* moved = arena_allocate(size);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, block, std::min(size, usable));
  arena_free(block);
  return moved;
}

size_t arena_usable(const void* block) {
  if (block == nullptr) return 0;
  const Slab* slab = slab_of(block);
  return slab->shard != nullptr ? slab->bytes : slab->bytes - kHeaderBytes;
}

size_t arena_rounded(size_t size) {
  return size <= kLargestBlock ? bytes_of(class_of(size)) : mapping_bytes(size) - kHeaderBytes;
}

size_t arena_mapped() {
  const Arena* mine = arena();
  return mine == nullptr ? 0 : mine->mapped.load(std::memory_order_relaxed);
}

Status use_arena() {
  if (sqlite3_config(SQLITE_CONFIG_MALLOC, &kMethods) == SQLITE_OK) return {};
  return Error{ErrorCode::kINTERNAL, "store", "SQLite was in use before its memory was set up", {}};
}

}  // namespace tessera::store
