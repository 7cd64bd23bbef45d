#include "http/fields/problem.hpp"

#include "text/json.hpp"

namespace tessera::http {

Result<Problem> parse_problem(std::string_view body) {
  const JsonLimits limits{kLargestProblem, /*max_depth=*/16, /*max_members=*/4096, kLargestProblem};
  auto document = parse_json(body, limits);
  if (!document) {
    return Error{document.error().code, "http", "the problem+json body is malformed or too large", {}};
  }
  if (!document->is_object()) {
    return Error{ErrorCode::kARG, "http", "the problem+json body is no JSON object", {}};
  }
  Problem problem;
  const auto read_text = [&](std::string_view name, std::string* out) {
    auto member = json_string(*document, name);
    if (member && *member) *out = **std::move(member);
    document->erase(name);
  };
  read_text("type", &problem.type);
  read_text("title", &problem.title);
  read_text("detail", &problem.detail);
  read_text("instance", &problem.instance);
  const auto status = json_integer(*document, "status", 100, 599);
  if (status && *status) problem.status = static_cast<int>(**status);
  document->erase("status");
  if (!document->empty()) problem.extensions_json = dump_json(*document);
  return problem;
}

}  // namespace tessera::http
