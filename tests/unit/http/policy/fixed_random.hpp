// A random source whose next number the test chooses.
#pragma once

#include <algorithm>

#include "base/random.hpp"

namespace tessera::http {

/// Draws from [0, n] give `value` when it is at most n.
class FixedRandom final : public Random {
 public:
  explicit FixedRandom(uint64_t number = 0) : value(number) {}
  void fill(std::span<uint8_t> out) override {
    std::ranges::fill(out, uint8_t{0});
    for (size_t i = 0; i < std::min<size_t>(out.size(), 8); ++i) {
      out[out.size() - 1 - i] = static_cast<uint8_t>(value >> (8 * i));
    }
  }

  uint64_t value;
};

}  // namespace tessera::http
