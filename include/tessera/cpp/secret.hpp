/// @file tessera/cpp/secret.hpp  Text that is wiped when its owner goes.
#ifndef TESSERA_CPP_SECRET_HPP
#define TESSERA_CPP_SECRET_HPP

#include <string_view>
#include <utility>

#include "tessera/cpp/detail/handle.hpp"

namespace tessera::inline v1 {

/// A private key as text. Move-only; the destructor wipes the bytes, but not copies made through view().
/// @threads one at a time  @since 1.0
class Secret {
 public:
  /// For the facade's own use.
  explicit Secret(detail::Buffer buffer) noexcept : buffer_(std::move(buffer)) {}

  /// Valid as long as this object stays where it is.
  std::string_view view() const noexcept { return buffer_.view(); }

 private:
  detail::Buffer buffer_;
};

}  // namespace tessera::inline v1

#endif
