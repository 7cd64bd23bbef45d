// Little-endian fields of the slot file; a reader that never goes past the end.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "base/bytes.hpp"

namespace tessera::keys {

class WireWriter {
 public:
  template <class Integer>
  void number(Integer value) {
    for (size_t i = 0; i < sizeof(Integer); ++i)
      bytes_.push_back(static_cast<uint8_t>(static_cast<uint64_t>(value) >> (8 * i)));
  }
  void bytes(ByteView value) { bytes_.insert(bytes_.end(), value.begin(), value.end()); }
  /// With its length in one byte in front.
  void text(std::string_view value) {
    number(static_cast<uint8_t>(value.size()));
    bytes(as_bytes(value));
  }
  const Bytes& written() const { return bytes_; }
  Bytes take() && { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

/// After the first read that failed every other gives zeros, and ok() is false.
class WireReader {
 public:
  explicit WireReader(ByteView bytes) : rest_(bytes) {}

  template <class Integer>
  Integer number() {
    uint64_t value = 0;
    const ByteView bytes = take(sizeof(Integer));
    for (size_t i = 0; i < bytes.size(); ++i) value |= uint64_t{bytes[i]} << (8 * i);
    return static_cast<Integer>(value);
  }
  template <size_t kSize>
  std::array<uint8_t, kSize> array() {
    std::array<uint8_t, kSize> value{};
    const ByteView bytes = take(kSize);
    std::copy(bytes.begin(), bytes.end(), value.begin());
    return value;
  }
  Bytes bytes(size_t count) {
    const ByteView bytes = take(count);
    return {bytes.begin(), bytes.end()};
  }
  std::string text() {
    const ByteView bytes = take(number<uint8_t>());
    return {bytes.begin(), bytes.end()};
  }
  bool ok() const { return ok_; }
  size_t left() const { return rest_.size(); }

 private:
  ByteView take(size_t count) {
    ok_ = ok_ && count <= rest_.size();
    if (!ok_) return {};
    const ByteView taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  ByteView rest_;
  bool ok_ = true;
};

}  // namespace tessera::keys
