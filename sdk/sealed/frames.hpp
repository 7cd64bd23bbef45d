// The records of a sealed log: frames {length, end flag, nonce, ciphertext} one after the other. Each is
// bound to the file, its number and the frame before it, so that none can be removed, moved or exchanged.
// Nonces are random: a frame that a crash took away is never sealed again under its nonce.
#pragma once

#include "sealed/header.hpp"

namespace tessera::sealed {

inline constexpr size_t kMaxRecordBytes = size_t{1} << 20;
/// What a frame adds to its record.
inline constexpr size_t kFrameBytes = 8 + 24 + 16;

/// Seals frames, or opens them in the order they were sealed in.
class FrameChain {
 public:
  /// The chain of an empty log file.
  explicit FrameChain(OpenedHeader header);
  /// Appends a frame to `out`. The end frame says that the file was left in order: none follows it.
  void seal(ByteView record, bool is_end, Random& random, Bytes* out);
  /// `body` is nonce and ciphertext. CRYPTO when it is not the next frame; the chain stays where it is.
  Result<Bytes> open(bool is_end, ByteView body);

 private:
  Bytes associated(bool is_end) const;
  void advance(ByteView ciphertext);

  OpenedHeader header_;
  uint64_t count_ = 0;
  std::array<uint8_t, 16> previous_{};  // tag of the frame before, at first the beginning of the header's
};

/// Reads the frames of a file that may grow meanwhile.
class FrameScanner {
 public:
  enum class Found {
    kRecord,
    kEndFrame,   // the writer left the file in order
    kEndOfFile,  // right behind a frame
    kTorn,       // within a frame, as an interrupted writer leaves it
    kDamaged,    // anything else
  };
  struct Frame {
    Found found;
    Bytes record;
  };

  /// From the first frame on.
  FrameScanner(const DiskFile& file, OpenedHeader header);
  /// IO of the disk. At the end of the file a later call finds what was appended meanwhile.
  Result<Frame> next();
  /// Where the next frame begins, or what is no frame.
  uint64_t offset() const { return offset_; }
  /// To append behind the frames read so far.
  FrameChain take_chain() && { return std::move(chain_); }

 private:
  Result<ByteView> window(size_t bytes);
  Result<bool> is_zero_to_the_end();

  const DiskFile* file_;
  uint64_t offset_;
  FrameChain chain_;
  bool has_ended_ = false;
  Bytes buffer_;
  uint64_t buffer_offset_ = 0;
};

}  // namespace tessera::sealed
