// The content of a sealed file: chunks of 64 KiB under XChaCha20-Poly1305 in the STREAM construction (nonce =
// prefix, counter, last flag; file id as associated data). A file that was resumed has several runs, each
// with a prefix of its own: what an interrupted writer left behind can have been copied, so its nonces are
// never used again.
#pragma once

#include <vector>

#include "sealed/header.hpp"

namespace tessera::sealed {

inline constexpr size_t kChunkBytes = size_t{64} << 10;
inline constexpr size_t kTagBytes = 16;
inline constexpr size_t kSealedChunkBytes = kChunkBytes + kTagBytes;
inline constexpr uint64_t kMaxChunks = uint64_t{1} << 32;
/// Runs of a file that can be resumed: what a header of one page holds.
inline constexpr size_t kResumableRuns = 173;

/// Chunks from `first_chunk` on, until the next run.
struct Run {
  uint64_t first_chunk = 0;
  std::array<uint8_t, 19> prefix{};
};

/// The runs of one file, in the order of their chunks; the first begins at chunk 0. Never empty.
class RunTable {
 public:
  RunTable(size_t capacity, Random& random);
  /// Nothing when `body` is not what write() gives.
  static std::optional<RunTable> read(ByteView body);
  /// The body of the file's header: of the same length whatever the table holds.
  Bytes write() const;
  /// A new run from `chunk` on, in the place of those that begin there or later. False when the table is
  /// full.
  bool restart(uint64_t chunk, Random& random);
  const Run& of(uint64_t chunk) const;

 private:
  explicit RunTable(size_t capacity) : capacity_(capacity) {}
  size_t capacity_;
  std::vector<Run> runs_;
};

/// Into exactly as many bytes as it takes: the tag is kTagBytes.
void seal_chunk(const OpenedHeader& header, const RunTable& runs, uint64_t index, bool is_last,
                ByteView plain, std::span<uint8_t> sealed);
/// CRYPTO when it is not that chunk of that file; `plain` then holds nothing of it.
Status open_chunk(const OpenedHeader& header, const RunTable& runs, uint64_t index, bool is_last,
                  ByteView sealed, std::span<uint8_t> plain);

}  // namespace tessera::sealed
