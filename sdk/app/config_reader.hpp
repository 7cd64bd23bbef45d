// Reading members of a configuration: what every schema of the SDK shares. Error texts name the member, never
// its value.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "hwid/scheme.hpp"
#include "text/json.hpp"

namespace tessera::config_reader {

/// Room for a key set and PEM keys beside the short members.
inline constexpr JsonLimits kLimits{.max_document = size_t{256} << 10, .max_string = size_t{64} << 10};

Error malformed(std::string text);
Error malformed(std::string_view name, std::string_view rule);
/// Whatever is wrong with the text is the caller's to correct.
Error in_configuration(const Error& error);

/// ARG unless `object` is one and every member is in `allowed`; a secret is refused by name.
Status require_only(const Json& object, std::initializer_list<std::string_view> allowed);
/// These leave `out` alone when the member is absent.
Status read_text(const Json& object, std::string_view name, std::string* out);
Status read_integer(const Json& object, std::string_view name, int64_t least, int64_t most, int64_t* out);
Status read_bool(const Json& object, std::string_view name, bool* out);
/// An absolute path with "~" expanded, so that a later change of directory moves nothing.
Status read_path(const Json& object, std::string_view name, std::string* out);
Status read_required_text(const Json& object, std::string_view name, std::string* out);
/// An array of objects, or null when the member is absent.
Result<const Json*> read_objects(const Json& object, std::string_view name);
/// HW_CUSTOM_INVALID when a factor breaks a rule of hwid's.
Status read_app_factors(const Json& object, std::vector<hwid::AppFactor>* out);
Status require_app_factors(const std::vector<hwid::AppFactor>& factors);

template <class T>
struct Choice {
  std::string_view name;
  T value;
};

template <class T, size_t kCount>
Status read_choice(const Json& object, std::string_view name, const Choice<T> (&choices)[kCount], T* out) {
  TSR_ASSIGN_OR_RETURN(const auto text, json_string(object, name));
  if (!text) return {};
  std::string known;
  for (const Choice<T>& choice : choices) {
    if (choice.name == *text) {
      *out = choice.value;
      return {};
    }
    known.append(known.empty() ? "\"" : ", \"").append(choice.name).append("\"");
  }
  return malformed(name, "must be one of " + known);
}

}  // namespace tessera::config_reader
