// Big-endian numbers at known places of a buffer that is long enough.
#pragma once

#include "base/bytes.hpp"

namespace tessera::store {

inline uint16_t big_endian_16(ByteView bytes, size_t at) {
  return static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}
inline uint32_t big_endian_32(ByteView bytes, size_t at) {
  return static_cast<uint32_t>(bytes[at]) << 24 | static_cast<uint32_t>(bytes[at + 1]) << 16 |
         static_cast<uint32_t>(bytes[at + 2]) << 8 | bytes[at + 3];
}

}  // namespace tessera::store
