// How an API spreads a list over several responses.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "text/json.hpp"

namespace tessera::http {

enum class PageKind : uint8_t {
  kLink,    // the Link field with rel=next (RFC 8288)
  kCursor,  // a text or integer in the body goes into the next query
  kNumber,  // the query counts
};

struct PagesConfig {
  PageKind kind = PageKind::kLink;
  std::string parameter;  // of the query: where the cursor or the number goes
  std::string cursor;     // kCursor: JSON pointer (RFC 6901) to the next one; absent, null, "" or false: none
  std::string items;      // kNumber: JSON pointer to the array that is empty, or absent, on the last page
  int64_t start = 1;      // kNumber
  int64_t max_pages = 1'000;
};

/// {"kind": "link"}; or "cursor", "token" or "page" with its "parameter" ("cursor", "page_token", "page"
/// unless given), and "cursor" ("/next_cursor", "/next_page_token") or "items" ("/items") and "start".
/// "token" is another name of "cursor", with other defaults. "max_pages" is of all. ARG names the member.
Result<PagesConfig> read_pages_config(const Json& object);
/// ARG for a set-up that read_pages_config() would not make.
Status check_pages_config(const PagesConfig& config);

}  // namespace tessera::http
