// Bytes between one who produces and one who consumes them, first in, first out.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "base/bytes.hpp"

namespace tessera::http {

class ByteQueue {
 public:
  size_t size() const { return bytes_.size() - start_; }
  bool empty() const { return size() == 0; }
  void push(ByteView piece) {
    if (start_ >= bytes_.size() - start_) {  // moves no more than was taken
      bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(start_));
      start_ = 0;
    }
    bytes_.insert(bytes_.end(), piece.begin(), piece.end());
  }
  size_t take(std::span<uint8_t> out) {
    const size_t count = std::min(out.size(), size());
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(start_), count, out.begin());
    start_ += count;
    return count;
  }
  Bytes take(size_t most) {
    Bytes out(std::min(most, size()));
    take(std::span(out));
    return out;
  }
  void clear() {
    bytes_.clear();
    start_ = 0;
  }

 private:
  Bytes bytes_;
  size_t start_ = 0;
};

}  // namespace tessera::http
