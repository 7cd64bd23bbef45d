// SQLite's heap: memory that never reaches a core dump (decision 17), because keys, decrypted pages and the
// parameters of statements lie in it. Thread-safe; each thread allocates from one of several shards.
#pragma once

#include <cstddef>

#include "base/result.hpp"

namespace tessera::store {

/// `size` bytes aligned to 16; null when there is no memory.
void* arena_allocate(size_t size);
/// Null is allowed. In a forked child, memory of the parent is left alone: its locks may be held for ever.
void arena_free(void* block);
/// Moves the content where it has to; null, and `block` unchanged, when there is no memory.
void* arena_resize(void* block, size_t size);
/// Bytes that the block really has.
size_t arena_usable(const void* block);
/// What arena_usable() of an allocation of `size` bytes would be.
size_t arena_rounded(size_t size);
/// Address space that the arena holds in this process, free or not.
size_t arena_mapped();

/// Makes it SQLite's heap. INTERNAL once SQLite was used with another one.
Status use_arena();

}  // namespace tessera::store
