// Identifiers read from hardware live in RawText, which wipes its bytes when it goes. Values that the
// application itself supplies are in its hands anyway.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "crypto/crypto.hpp"

namespace tessera::hwid {

template <class T>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() = default;
  template <class U>
  WipingAllocator(const WipingAllocator<U>&) {}  // NOLINT(google-explicit-constructor)
  T* allocate(size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T* data, size_t count) {
    wipe(data, count * sizeof(T));
    std::allocator<T>().deallocate(data, count);
  }
  bool operator==(const WipingAllocator&) const = default;
};

/// Text on the heap at every length: a move hands over the block and leaves no copy behind. Not copyable.
class RawText {
 public:
  RawText() = default;
  explicit RawText(std::string_view text) : bytes_(text.begin(), text.end()) {}
  RawText(RawText&&) = default;
  RawText& operator=(RawText&&) = default;

  std::string_view view() const { return {bytes_.data(), bytes_.size()}; }
  bool empty() const { return bytes_.empty(); }
  void reserve(size_t count) { bytes_.reserve(count); }
  void append(std::string_view text) { bytes_.insert(bytes_.end(), text.begin(), text.end()); }
  void append(char c) { bytes_.push_back(c); }

 private:
  std::vector<char, WipingAllocator<char>> bytes_;
};

}  // namespace tessera::hwid
