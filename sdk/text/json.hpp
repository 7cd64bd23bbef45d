// Bounded JSON reading on nlohmann/json, and typed access to members of an untrusted object.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tessera {

using Json = nlohmann::json;

struct JsonLimits {
  size_t max_document = size_t{64} << 10;  // bytes
  size_t max_depth = 8;                    // nested arrays and objects
  size_t max_members = 1024;               // object members and array elements in the whole document
  size_t max_string = size_t{4} << 10;     // bytes of one key or string
};

/// Strict RFC 8259 with UTF-8 checking; a duplicate member, NaN, a byte-order mark, a lone surrogate or
/// trailing data is an error (ARG); a limit passed is LIMIT. Bounded time and memory.
Result<Json> parse_json(std::string_view text, const JsonLimits& limits = {});

/// Compact UTF-8 text with members in key order. `value` must hold valid UTF-8.
std::string dump_json(const Json& value);

/// Typed, absent-tolerant access: nothing when the member is absent, an error when it has another type.
/// Error texts name the member, never its value.
Result<std::optional<std::string>> json_string(const Json& object, std::string_view name);
/// Integers in [least, most]; floats, negative zero and exponents are refused.
Result<std::optional<int64_t>> json_integer(const Json& object, std::string_view name, int64_t least,
                                            int64_t most);
Result<std::optional<bool>> json_bool(const Json& object, std::string_view name);
/// The member as object or array, or null when absent.
Result<const Json*> json_object(const Json& object, std::string_view name);
Result<const Json*> json_array(const Json& object, std::string_view name);
/// Error (ARG) naming the first member of `object` that is not in `allowed`.
Status json_only(const Json& object, std::initializer_list<std::string_view> allowed);

}  // namespace tessera
