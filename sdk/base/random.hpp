// Random source port.
#pragma once

#include <cstddef>

#include "base/bytes.hpp"

namespace tessera {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<uint8_t> out) = 0;
};

Bytes random_bytes(Random& source, size_t count);

}  // namespace tessera
