// Big-endian numbers of file formats.
#pragma once

#include "base/bytes.hpp"

namespace tessera {

/// Appends the lowest `bytes` bytes of `number`.
inline void put_big_endian(uint64_t number, size_t bytes, Bytes* out) {
  for (size_t i = bytes; i-- > 0;) out->push_back(static_cast<uint8_t>(number >> (8 * i)));
}

/// The number that `bytes` are, eight at most.
inline uint64_t big_endian(ByteView bytes) {
  uint64_t number = 0;
  for (const uint8_t byte : bytes) number = number << 8 | byte;
  return number;
}

// At a known place of a buffer that is long enough.
inline uint16_t big_endian_16(ByteView bytes, size_t at) {
  return static_cast<uint16_t>(big_endian(bytes.subspan(at, 2)));
}
inline uint32_t big_endian_32(ByteView bytes, size_t at) {
  return static_cast<uint32_t>(big_endian(bytes.subspan(at, 4)));
}

}  // namespace tessera
