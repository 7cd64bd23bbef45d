// Result<T>: a value or an Error. Expected failures travel in it; exceptions are for defects and memory.
#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "base/error.hpp"

namespace tessera {

template <class T>
class [[nodiscard]] Result {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const& { return error_.value(); }
  Error&& error() && { return std::move(error_).value(); }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace tessera

#define TSR_CONCAT_INNER(a, b) a##b
#define TSR_CONCAT(a, b) TSR_CONCAT_INNER(a, b)
/// Returns the error of a Status or Result expression from the enclosing function.
#define TSR_RETURN_IF_ERROR(expression)                           \
  do {                                                            \
    auto&& tsr_status_ = (expression);                            \
    if (!tsr_status_.ok()) return std::move(tsr_status_).error(); \
  } while (false)
/// TSR_ASSIGN_OR_RETURN(auto key, load_key()): declares `key` or returns the error.
#define TSR_ASSIGN_OR_RETURN(declaration, expression)                                                       \
  auto TSR_CONCAT(tsr_result_, __LINE__) = (expression);                                                    \
  if (!TSR_CONCAT(tsr_result_, __LINE__).ok()) return std::move(TSR_CONCAT(tsr_result_, __LINE__)).error(); \
  declaration = std::move(TSR_CONCAT(tsr_result_, __LINE__)).value()
