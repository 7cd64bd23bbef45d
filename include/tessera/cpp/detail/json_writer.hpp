/// @file tessera/cpp/detail/json_writer.hpp  Writes configuration structs as JSON. Not for direct use.
#ifndef TESSERA_CPP_DETAIL_JSON_WRITER_HPP
#define TESSERA_CPP_DETAIL_JSON_WRITER_HPP

#include <chrono>
#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "tessera/cpp/time.hpp"

namespace tessera::inline v1::detail {

/// A struct that knows its own JSON.
template <typename T>
concept WritesJson = requires(const T& value) {
  { value.to_json() } -> std::same_as<std::string>;
};

inline void append_json(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (const auto byte = static_cast<unsigned char>(c); byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 0xFU];
    } else {
      out += c;
    }
  }
  out += '"';
}
inline void append_json(std::string& out, const std::string& text) {
  append_json(out, std::string_view(text));
}
inline void append_json(std::string& out, const char* text) { append_json(out, std::string_view(text)); }
inline void append_json(std::string& out, bool value) { out += value ? "true" : "false"; }
template <std::integral T>
  requires(!std::same_as<T, bool>)
void append_json(std::string& out, T value) {
  out += std::to_string(value);
}
inline void append_json(std::string& out, std::chrono::seconds duration) {
  append_json(out, duration.count());
}
inline void append_json(std::string& out, TimePoint time) {
  append_json(out, std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()));
}
template <typename E>
  requires std::is_enum_v<E>
void append_json(std::string& out, E value) {
  append_json(out, name(value));
}
template <WritesJson T>
void append_json(std::string& out, const T& value) {
  out += value.to_json();
}
template <typename... T>
void append_json(std::string& out, const std::variant<T...>& value) {
  std::visit([&out](const auto& alternative) { append_json(out, alternative); }, value);
}
template <typename T>
void append_json(std::string& out, const std::vector<T>& values) {
  out += '[';
  for (const char* separator = ""; const T& value : values) {
    out += std::exchange(separator, ",");
    append_json(out, value);
  }
  out += ']';
}
template <typename T>
void append_json(std::string& out, const std::map<std::string, T>& members) {
  out += '{';
  for (const char* separator = ""; const auto& [name, value] : members) {
    out += std::exchange(separator, ",");
    append_json(out, name);
    out += ':';
    append_json(out, value);
  }
  out += '}';
}

/// Builds one object. A member without a value stays out of it.
class JsonObject {
 public:
  template <typename T>
  JsonObject& add(std::string_view name, const T& value) {
    if (text_.size() > 1) text_ += ',';
    append_json(text_, name);
    text_ += ':';
    append_json(text_, value);
    return *this;
  }
  template <typename T>
  JsonObject& add(std::string_view name, const std::optional<T>& value) {
    return value ? add(name, *value) : *this;
  }
  template <typename T>
  JsonObject& add_if_any(std::string_view name, const T& value) {
    return value.empty() ? *this : add(name, value);
  }
  std::string text() const { return text_ + '}'; }

 private:
  std::string text_ = "{";
};

}  // namespace tessera::inline v1::detail

#endif
