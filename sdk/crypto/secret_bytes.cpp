#include <algorithm>
#include <new>
#include <utility>

#include "crypto/crypto.hpp"
#include "crypto/sodium.hpp"

namespace tessera {

SecretBytes::SecretBytes(size_t size) : size_(size) {
  if (size == 0) return;
  ensure_sodium();
  data_ = static_cast<uint8_t*>(sodium_malloc(size));
  if (data_ == nullptr) throw std::bad_alloc();
  std::fill_n(data_, size, uint8_t{0});
}

SecretBytes::SecretBytes(ByteView content) : SecretBytes(content.size()) {
  std::copy(content.begin(), content.end(), data_);
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this == &other) return *this;
  sodium_free(data_);
  data_ = std::exchange(other.data_, nullptr);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

SecretBytes::~SecretBytes() { sodium_free(data_); }

}  // namespace tessera
