/// @file tessera/cpp/detail/handle.hpp  Owners of what the C ABI hands out. Not for direct use.
#ifndef TESSERA_CPP_DETAIL_HANDLE_HPP
#define TESSERA_CPP_DETAIL_HANDLE_HPP

#include <string>
#include <string_view>
#include <utility>

#include "tessera/types.h"

namespace tessera::inline v1::detail {

/// Sole owner of a C handle.
template <typename T, auto Free>
class Handle {
 public:
  Handle() = default;
  Handle(Handle&& other) noexcept : ptr_(std::exchange(other.ptr_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) Free(std::exchange(ptr_, std::exchange(other.ptr_, nullptr)));
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { Free(ptr_); }

  T* get() const noexcept { return ptr_; }

  /// For the `out` parameter of a call; the handle must be empty.
  T** out() noexcept { return &ptr_; }

 private:
  T* ptr_ = nullptr;
};

/// Sole owner of a C buffer; its bytes are wiped on release.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept : buf_(std::exchange(other.buf_, tsr_buf{})) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(buf_, other.buf_);
    return *this;
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { tsr_buf_free(&buf_); }

  tsr_buf* out() noexcept { return &buf_; }
  std::string_view view() const noexcept { return {reinterpret_cast<const char*>(buf_.data), buf_.len}; }

 private:
  tsr_buf buf_{};
};

inline tsr_str borrow(std::string_view text) noexcept { return {text.data(), text.size()}; }

/// Empty text counts as absent.
inline tsr_str borrow_if_any(std::string_view text) noexcept {
  return text.empty() ? tsr_str{nullptr, 0} : borrow(text);
}

}  // namespace tessera::inline v1::detail

#endif
