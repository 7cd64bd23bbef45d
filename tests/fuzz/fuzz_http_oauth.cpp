// Answers of a token endpoint.
#include <algorithm>

#include "base/bytes.hpp"
#include "http/fields/headers.hpp"
#include "http/fields/oauth_answer.hpp"
#include "text/utf8.hpp"

namespace {

using namespace tessera;

void check(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto answer = http::parse_oauth_answer(as_text({data, size}));
  if (!answer) {
    check(answer.error().code == ErrorCode::kARG || answer.error().code == ErrorCode::kLIMIT);
    return 0;
  }
  check(size <= http::kLargestOAuthAnswer);
  check(answer->is_error() == answer->access_token.empty());
  check(answer->error.size() <= 64 && answer->error_description.size() <= 512);
  check(is_utf8(answer->error) && is_utf8(answer->error_description));
  check(http::check_field("Authorization", "Bearer " + answer->access_token).ok());
  check(answer->access_token.find(' ') == std::string::npos);
  check(answer->expires_in.value_or(0) >= 0 && answer->expires_in.value_or(0) <= int64_t{1} << 31);
  return 0;
}
