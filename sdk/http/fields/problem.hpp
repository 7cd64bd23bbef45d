// The body of an error in application/problem+json (RFC 9457).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tessera::http {

constexpr size_t kLargestProblem = size_t{64} << 10;

/// A standard member of another type than it should have is left out, as if it had not come.
struct Problem {
  std::string type = "about:blank";
  std::string title, detail, instance;
  std::optional<int> status;    // 100 to 599
  std::string extensions_json;  // an object of the other members, or empty without any
};

/// ARG for what is no JSON object, LIMIT past kLargestProblem; the text holds nothing of the body.
Result<Problem> parse_problem(std::string_view body);

}  // namespace tessera::http
