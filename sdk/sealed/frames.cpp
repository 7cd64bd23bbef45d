#include "sealed/frames.hpp"

#include <algorithm>

namespace tessera::sealed {
namespace {

constexpr size_t kTagBytes = 16;
constexpr size_t kNonceBytes = 24;
constexpr size_t kWordBytes = 4;
constexpr size_t kPrefixBytes = 2 * kWordBytes;  // a word and its complement
constexpr uint32_t kEndBit = uint32_t{1} << 31;
constexpr size_t kReadStep = size_t{64} << 10;
static_assert(kFrameBytes == kPrefixBytes + kNonceBytes + kTagBytes);

}  // namespace

FrameChain::FrameChain(OpenedHeader header) : header_(std::move(header)) {
  std::copy_n(header_.tag.begin(), previous_.size(), previous_.begin());
}

Bytes FrameChain::associated(bool is_end) const {
  Bytes out(header_.file_id.begin(), header_.file_id.end());
  put_big_endian(count_, 8, &out);
  out.insert(out.end(), previous_.begin(), previous_.end());
  out.push_back(is_end ? 1 : 0);
  return out;
}

void FrameChain::advance(ByteView ciphertext) {
  std::copy_n(ciphertext.last(kTagBytes).begin(), kTagBytes, previous_.begin());
  ++count_;
}

void FrameChain::seal(ByteView record, bool is_end, Random& random, Bytes* out) {
  const Bytes body = aead_seal(header_.keys.content(), record, associated(is_end), random);
  const auto word = static_cast<uint32_t>(body.size() - kNonceBytes) | (is_end ? kEndBit : 0);
  put_big_endian(word, kWordBytes, out);
  put_big_endian(~word, kWordBytes, out);
  out->insert(out->end(), body.begin(), body.end());
  advance(body);
}

Result<Bytes> FrameChain::open(bool is_end, ByteView body) {
  TSR_ASSIGN_OR_RETURN(Bytes record, aead_open(header_.keys.content(), body, associated(is_end)));
  advance(body);
  return record;
}

FrameScanner::FrameScanner(const DiskFile& file, OpenedHeader header)
    : file_(&file), offset_(header.bytes), chain_(std::move(header)) {}

Result<FrameScanner::Frame> FrameScanner::next() {
  TSR_ASSIGN_OR_RETURN(const ByteView prefix, window(kPrefixBytes));
  if (prefix.empty()) return Frame{Found::kEndOfFile, {}};
  if (has_ended_) return Frame{Found::kDamaged, {}};
  if (prefix.size() < kPrefixBytes) return Frame{Found::kTorn, {}};

  const auto word = static_cast<uint32_t>(big_endian(prefix.first(kWordBytes)));
  const auto complement = static_cast<uint32_t>(big_endian(prefix.last(kWordBytes)));
  const bool is_end = (word & kEndBit) != 0;
  const size_t ciphertext_bytes = word & ~kEndBit;
  if (complement != ~word || ciphertext_bytes < kTagBytes || ciphertext_bytes > kMaxRecordBytes + kTagBytes) {
    // After a power cut a file can be longer than what was written of it.
    TSR_ASSIGN_OR_RETURN(const bool is_zero, is_zero_to_the_end());
    return Frame{is_zero ? Found::kTorn : Found::kDamaged, {}};
  }
  const size_t frame_bytes = kPrefixBytes + kNonceBytes + ciphertext_bytes;
  TSR_ASSIGN_OR_RETURN(const ByteView frame, window(frame_bytes));
  if (frame.size() < frame_bytes) return Frame{Found::kTorn, {}};
  auto record = chain_.open(is_end, frame.subspan(kPrefixBytes));
  if (!record || (is_end && !record->empty())) return Frame{Found::kDamaged, {}};
  offset_ += frame_bytes;
  has_ended_ = is_end;
  return Frame{is_end ? Found::kEndFrame : Found::kRecord, std::move(*record)};
}

/// `bytes` bytes from offset_ on, fewer at the end of the file.
Result<ByteView> FrameScanner::window(size_t bytes) {
  const size_t skip = static_cast<size_t>(offset_ - buffer_offset_);
  if (skip > buffer_.size() || buffer_.size() - skip < bytes) {
    buffer_.resize(std::max(bytes, kReadStep));
    TSR_ASSIGN_OR_RETURN(const size_t count, file_->read_at(offset_, buffer_));
    buffer_.resize(count);
    buffer_offset_ = offset_;
  }
  const ByteView rest = ByteView(buffer_).subspan(static_cast<size_t>(offset_ - buffer_offset_));
  return rest.first(std::min(bytes, rest.size()));
}

Result<bool> FrameScanner::is_zero_to_the_end() {
  Bytes piece(kReadStep);
  for (uint64_t at = offset_;; at += piece.size()) {
    TSR_ASSIGN_OR_RETURN(const size_t count, file_->read_at(at, piece));
    if (!std::all_of(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(count),
                     [](uint8_t byte) { return byte == 0; }))
      return false;
    if (count < piece.size()) return true;
  }
}

}  // namespace tessera::sealed
