// What a page says about the next one: up to the first line break a JSON pointer, up to the second a Link
// field, and the body.
#include <algorithm>

#include "base/bytes.hpp"
#include "http/pages/next_page.hpp"

namespace {

using namespace tessera;

void check(bool holds) {
  if (!holds) __builtin_trap();
}

bool is_expected(ErrorCode code) {
  return code == ErrorCode::kPROTOCOL || code == ErrorCode::kLIMIT || code == ErrorCode::kUNTRUSTED;
}

std::string_view take_line(std::string_view* rest) {
  const std::string_view line = rest->substr(0, rest->find('\n'));
  rest->remove_prefix(std::min(rest->size(), line.size() + 1));
  return line;
}

void follow(const Result<std::optional<http::Url>>& url, const http::Url& page) {
  check(url.ok() || is_expected(url.error().code));
  if (!url.ok() || !*url) return;
  check((*url)->is_secure() || !page.is_secure());
  check(http::parse_url((*url)->text()).ok());
}

void put(const std::string& cursor) {
  const http::Url page = http::parse_url("https://a.example/list?c=0&d=1").value();
  const auto url = http::with_parameter(page, "c", cursor);
  if (!url.ok()) return check(url.error().code == ErrorCode::kLIMIT);
  check(url->target().starts_with("/list?d=1&c=") && http::parse_url(url->text()).value() == *url);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view rest = as_text({data, size});
  const std::string_view pointer = take_line(&rest);
  const std::string_view link = take_line(&rest);
  static_cast<void>(http::is_json_pointer(pointer));
  for (const char* text : {"https://a.example/list?c=0", "http://a.example/"}) {
    const http::Url page = http::parse_url(text).value();
    follow(http::next_link({{"Link", link}}, page), page);
  }
  const auto cursor = http::read_cursor(rest, pointer);
  check(cursor.ok() || is_expected(cursor.error().code));
  if (cursor.ok() && *cursor) {
    check(!(*cursor)->empty() && (*cursor)->size() <= http::kLongestCursor);
    put(**cursor);
  }
  const auto items = http::has_items(rest, pointer);
  check(items.ok() || is_expected(items.error().code));
  return 0;
}
