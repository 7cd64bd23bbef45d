// Bodies of application/problem+json.
#include "base/bytes.hpp"
#include "http/fields/problem.hpp"
#include "text/json.hpp"
#include "text/utf8.hpp"

namespace {

using namespace tessera;

void check(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto problem = http::parse_problem(as_text({data, size}));
  if (!problem) {
    check(problem.error().code == ErrorCode::kARG || problem.error().code == ErrorCode::kLIMIT);
    return 0;
  }
  check(size <= http::kLargestProblem);
  check(problem->status.value_or(100) >= 100 && problem->status.value_or(100) <= 599);
  for (const std::string* text : {&problem->type, &problem->title, &problem->detail, &problem->instance}) {
    check(is_utf8(*text) && text->size() <= http::kLargestProblem);
  }
  if (problem->extensions_json.empty()) return 0;
  const Json extensions = Json::parse(problem->extensions_json);
  check(extensions.is_object() && !extensions.empty());
  for (const char* name : {"type", "title", "status", "detail", "instance"})
    check(!extensions.contains(name));
  return 0;
}
