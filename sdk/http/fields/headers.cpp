#include "http/fields/headers.hpp"

#include <algorithm>

#include "http/fields/cursor.hpp"

namespace tessera::http {
namespace {

/// The name as an error may show it: it may itself be what is wrong.
std::string shown(std::string_view name) {
  std::string text(name.substr(0, 64));
  std::ranges::replace_if(text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return to_lower(x) == to_lower(y); });
}

Status check_field(std::string_view name, std::string_view value) {
  if (!is_token(name)) {
    return Error{ErrorCode::kARG, "http", "the header name \"" + shown(name) + "\" is not a token", {}};
  }
  const bool printable = std::ranges::none_of(value, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < ' ' && c != '\t') || byte == 0x7F;
  });
  if (!printable) {
    return Error{ErrorCode::kARG,
                 "http",
                 "the value of the header " + shown(name) + " holds a control character; encode it first",
                 {}};
  }
  return {};
}

Headers::Headers(std::initializer_list<Field> fields) {
  for (const Field& field : fields) add(field.name, field.value);
}

void Headers::add(std::string_view name, std::string_view value) {
  const auto start = static_cast<uint32_t>(text_.size());
  const auto name_size = static_cast<uint32_t>(name.size());
  text_.append(name).append(value);
  places_.push_back({start, name_size, start + name_size, static_cast<uint32_t>(value.size())});
}

void Headers::set(std::string_view name, std::string_view value) {
  // Copies: both may be views into this.
  const std::string kept_name(name), kept_value(value);
  remove(kept_name);
  add(kept_name, kept_value);
}

void Headers::remove(std::string_view name) {
  std::erase_if(places_, [&](const Place& place) {
    return same_name(std::string_view(text_).substr(place.name, place.name_size), name);
  });
}

void Headers::clear() {
  text_.clear();
  places_.clear();
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const Place& place : places_) {
    const Field field = at(place);
    if (field.name.size() == name.size() && same_name(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::string Headers::joined(std::string_view name) const {
  std::string all;
  bool found = false;
  for (const Place& place : places_) {
    const Field field = at(place);
    if (field.name.size() != name.size() || !same_name(field.name, name)) continue;
    if (found) all += ", ";
    all += field.value;
    found = true;
  }
  return all;
}

}  // namespace tessera::http
