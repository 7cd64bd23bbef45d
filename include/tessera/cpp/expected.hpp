/// @file tessera/cpp/expected.hpp  A value or the Error that prevented it.
#ifndef TESSERA_CPP_EXPECTED_HPP
#define TESSERA_CPP_EXPECTED_HPP

#include <utility>
#include <variant>

#include "tessera/cpp/error.hpp"

namespace tessera::inline v1 {

/// What a try_ call returns. value() throws the Error when there is no value; `*` and `->` demand one, and
/// error() demands that there is none.  @since 1.0
template <typename T>
class [[nodiscard]] Expected {
 public:
  Expected(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Expected(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & {
    require_value();
    return **this;
  }
  const T& value() const& {
    require_value();
    return **this;
  }
  T value() && {
    require_value();
    return *std::move(*this);
  }
  template <typename U>
  T value_or(U&& fallback) && {
    return has_value() ? *std::move(*this) : static_cast<T>(std::forward<U>(fallback));
  }

  T& operator*() & noexcept { return *std::get_if<0>(&state_); }
  const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }
  T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() noexcept { return std::get_if<0>(&state_); }
  const T* operator->() const noexcept { return std::get_if<0>(&state_); }

  const Error& error() const noexcept { return *std::get_if<1>(&state_); }

 private:
  void require_value() const {
    if (!has_value()) throw error();
  }

  std::variant<T, Error> state_;
};

/// Success or an Error.  @since 1.0
template <>
class [[nodiscard]] Expected<void> {
 public:
  Expected() = default;
  Expected(Error error) : error_(std::move(error)) {}

  bool has_value() const noexcept { return !error_.has_value(); }
  explicit operator bool() const noexcept { return has_value(); }

  void value() const {
    if (error_) throw *error_;
  }
  const Error& error() const noexcept { return *error_; }

 private:
  std::optional<Error> error_;
};

}  // namespace tessera::inline v1

#endif
