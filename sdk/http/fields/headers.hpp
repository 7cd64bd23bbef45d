// Header fields of one message, in the order of their arrival; names compare without case (RFC 9110 section
// 5).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tessera::http {

/// A view into a Headers, valid until it changes.
struct Field {
  std::string_view name, value;
};

bool same_name(std::string_view a, std::string_view b);
/// ARG for a name that is no token, or a value with CR, LF, NUL or another control character but the tab.
/// The text names the field, never its value.
Status check_field(std::string_view name, std::string_view value);

class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Field> fields);

  /// As they are: who adds what comes from outside calls check_field() first.
  void add(std::string_view name, std::string_view value);
  /// Instead of every field of that name.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  void clear();

  bool has(std::string_view name) const { return get(name).has_value(); }
  /// The first of that name.
  std::optional<std::string_view> get(std::string_view name) const;
  /// All of that name, joined by ", " as a list field allows (RFC 9110 section 5.2); empty when there is
  /// none.
  std::string joined(std::string_view name) const;

  size_t size() const { return places_.size(); }
  Field operator[](size_t index) const { return at(places_[index]); }

 private:
  // One text for all: a message has twenty fields, and two allocations.
  struct Place {
    uint32_t name, name_size, value, value_size;
  };
  Field at(const Place& place) const {
    return {{text_.data() + place.name, place.name_size}, {text_.data() + place.value, place.value_size}};
  }
  std::string text_;
  std::vector<Place> places_;
};

}  // namespace tessera::http
