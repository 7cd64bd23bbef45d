// Reading of single pages of a SQLCipher 4 file with a raw key: AES-256-CBC and HMAC-SHA512, each page by
// itself, whatever the state of the pages around it.
#pragma once

#include <memory>
#include <span>

#include "base/result.hpp"
#include "crypto/crypto.hpp"

namespace tessera {

/// One thread at a time.
class PageCipher {
 public:
  static constexpr size_t kPageBytes = 4096;
  static constexpr size_t kSaltBytes = 16;
  static constexpr size_t kReservedBytes = 80;  // initialisation vector and tag at the end of a page

  using Page = std::span<const uint8_t, kPageBytes>;
  using PlainPage = std::span<uint8_t, kPageBytes>;

  /// `key` is 32 bytes, `salt` the 16 bytes that stand at the beginning of the file; ARG otherwise.
  static Result<PageCipher> create(ByteView key, ByteView salt);
  PageCipher(PageCipher&& other) noexcept;
  PageCipher& operator=(PageCipher&&) = delete;
  ~PageCipher();

  /// Whether the tag of page `number` (the first is 1) fits its content and its place.
  bool authentic(Page page, uint32_t number);
  /// Decrypts an authentic page; its reserved bytes become zero, and the salt of page 1 becomes SQLite's
  /// magic. False when the page is not authentic.
  bool open(Page page, uint32_t number, PlainPage plain);

 private:
  struct State;
  explicit PageCipher(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tessera
