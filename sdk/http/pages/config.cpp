#include "http/pages/config.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "http/pages/next_page.hpp"
#include "text/utf8.hpp"

namespace tessera::http {
namespace {

constexpr int64_t kMostPages = 100'000;
constexpr size_t kLongestName = 128;

struct Scheme {
  std::string_view name;
  PageKind kind;
  std::string_view parameter, cursor, items;
};

constexpr std::array<Scheme, 4> kSchemes{{
    {"link", PageKind::kLink, "", "", ""},
    {"cursor", PageKind::kCursor, "cursor", "/next_cursor", ""},
    {"token", PageKind::kCursor, "page_token", "/next_page_token", ""},
    {"page", PageKind::kNumber, "page", "", "/items"},
}};

Error malformed(std::string_view name, std::string_view rule) {
  return {ErrorCode::kARG, "http", "the member \"" + std::string(name) + "\" " + std::string(rule), {}};
}

Result<Scheme> read_scheme(const Json& object) {
  TSR_ASSIGN_OR_RETURN(const auto kind, json_string(object, "kind"));
  const auto* const scheme = std::ranges::find(kSchemes, kind.value_or("link"), &Scheme::name);
  if (scheme == kSchemes.end())
    return malformed("kind", R"(must be one of "link", "cursor", "token", "page")");
  return *scheme;
}

Status check_members(const Json& object, PageKind kind) {
  switch (kind) {
    case PageKind::kLink:
      return json_only(object, {"kind", "max_pages"});
    case PageKind::kCursor:
      return json_only(object, {"kind", "max_pages", "parameter", "cursor"});
    case PageKind::kNumber:
      break;
  }
  return json_only(object, {"kind", "max_pages", "parameter", "items", "start"});
}

Status read_all(const Json& object, PagesConfig* out) {
  TSR_ASSIGN_OR_RETURN(const Scheme scheme, read_scheme(object));
  out->kind = scheme.kind;
  TSR_RETURN_IF_ERROR(check_members(object, scheme.kind));
  const auto read = [&object](std::string_view name, std::string_view otherwise,
                              std::string* text) -> Status {
    TSR_ASSIGN_OR_RETURN(auto given, json_string(object, name));
    *text = given ? std::move(*given) : std::string(otherwise);
    return {};
  };
  TSR_RETURN_IF_ERROR(read("parameter", scheme.parameter, &out->parameter));
  TSR_RETURN_IF_ERROR(read("cursor", scheme.cursor, &out->cursor));
  TSR_RETURN_IF_ERROR(read("items", scheme.items, &out->items));
  TSR_ASSIGN_OR_RETURN(const auto start, json_integer(object, "start", 0, int64_t{1} << 40));
  out->start = start.value_or(out->start);
  TSR_ASSIGN_OR_RETURN(const auto most, json_integer(object, "max_pages", 1, kMostPages));
  out->max_pages = most.value_or(out->max_pages);
  return check_pages_config(*out);
}

}  // namespace

Status check_pages_config(const PagesConfig& config) {
  if (config.max_pages < 1 || config.max_pages > kMostPages)
    return malformed("max_pages", "must be from 1 to " + std::to_string(kMostPages));
  if (config.kind == PageKind::kLink) return {};
  const std::string& name = config.parameter;
  if (name.empty() || name.size() > kLongestName || !is_utf8(name)) {
    return malformed("parameter", "must be a text of 1 to " + std::to_string(kLongestName) + " bytes");
  }
  const bool has_cursor = config.kind == PageKind::kCursor;
  if (!is_json_pointer(has_cursor ? config.cursor : config.items)) {
    return malformed(has_cursor ? "cursor" : "items", "must be a JSON pointer, such as \"/meta/next\"");
  }
  return {};
}

Result<PagesConfig> read_pages_config(const Json& object) {
  PagesConfig config;
  const Status status = read_all(object, &config);
  if (status.ok()) return config;
  return Error{
      ErrorCode::kARG, "http", "the configuration of pages can't be used: " + status.error().text, {}};
}

}  // namespace tessera::http
