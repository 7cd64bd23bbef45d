/// @file tessera/cpp/detail/next.hpp  What comes one after another until there is no more. Not for direct
/// use.
#ifndef TESSERA_CPP_DETAIL_NEXT_HPP
#define TESSERA_CPP_DETAIL_NEXT_HPP

#include <cstddef>
#include <iterator>
#include <optional>
#include <utility>

#include "tessera/cpp/detail/call.hpp"
#include "tessera/op.h"

namespace tessera::inline v1::detail {

/// Runs `call(T**, tsr_error**)`; nothing when it gives NULL.
template <typename Class, typename Call>
Expected<std::optional<Class>> obtain_next(Call&& call) {
  Expected<typename Class::Owner> owner = obtain<typename Class::Owner>(std::forward<Call>(call));
  if (!owner) return owner.error();
  if (owner->get() == nullptr) return std::optional<Class>();
  return std::optional<Class>(Class(*std::move(owner)));
}

/// The same of an operation.
template <typename Class, auto Take>
Expected<std::optional<Class>> take_next(tsr_op* op) {
  return obtain_next<Class>([&](auto** out, tsr_error** error) { return Take(op, out, error); });
}

/// Input iterator over `source->next()`.
template <typename Source, typename Class>
class NextIterator {
 public:
  using value_type = Class;
  using difference_type = std::ptrdiff_t;

  explicit NextIterator(Source* source) : source_(source), current_(source->next()) {}
  const Class& operator*() const { return *current_; }
  const Class* operator->() const { return &*current_; }
  NextIterator& operator++() {
    current_ = source_->next();
    return *this;
  }
  void operator++(int) { ++*this; }
  bool operator==(std::default_sentinel_t) const noexcept { return !current_; }

 private:
  Source* source_;
  std::optional<Class> current_;
};

}  // namespace tessera::inline v1::detail

#endif
