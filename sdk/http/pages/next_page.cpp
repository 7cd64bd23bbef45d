#include "http/pages/next_page.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "http/fields/cursor.hpp"
#include "http/fields/link.hpp"

namespace tessera::http {
namespace {

constexpr JsonLimits kPageLimits{.max_document = size_t{16} << 20,
                                 .max_depth = 64,
                                 .max_members = size_t{1} << 20,
                                 .max_string = size_t{4} << 20};

Error broken(std::string_view what) {
  return {ErrorCode::kPROTOCOL,
          "http",
          std::string("a page ").append(what).append("; check that the kind of pages is the server's"),
          {}};
}

/// Nothing for an empty body.
Result<std::optional<Json>> read_page(std::string_view body) {
  if (body.empty()) return std::optional<Json>();
  Result<Json> page = parse_json(body, kPageLimits);
  if (page.ok()) return std::optional<Json>(std::move(page).value());
  if (page.error().code != ErrorCode::kLIMIT) return broken("is no JSON");
  return Error{ErrorCode::kLIMIT, "http", "a page holds more JSON than is read; ask for smaller pages", {}};
}

/// False at a ~ that is neither ~0 nor ~1.
bool unescape(std::string_view segment, std::string* out) {
  out->clear();
  for (size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] != '~') {
      *out += segment[i];
      continue;
    }
    const char next = ++i < segment.size() ? segment[i] : '\0';
    if (next != '0' && next != '1') return false;
    *out += next == '0' ? '~' : '/';
  }
  return true;
}

/// The segment that `pointer` begins with, and takes it off.
std::string_view take_segment(std::string_view* pointer) {
  pointer->remove_prefix(1);
  const std::string_view segment = pointer->substr(0, pointer->find('/'));
  pointer->remove_prefix(segment.size());
  return segment;
}

const Json* element_at(const Json& array, std::string_view text) {
  size_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  const bool is_index = error == std::errc() && end == text.data() + text.size();
  if (!is_index || (text.size() > 1 && text.front() == '0') || index >= array.size()) return nullptr;
  return &array[index];
}

const Json* child_at(const Json& parent, const std::string& name) {
  if (parent.is_array()) return element_at(parent, name);
  if (!parent.is_object()) return nullptr;
  const auto found = parent.find(name);
  return found == parent.end() ? nullptr : &*found;
}

bool is_none(const Json* value) {
  return value == nullptr || value->is_null() || *value == Json(false) || *value == Json("");
}

}  // namespace

bool is_json_pointer(std::string_view text) {
  if (!text.empty() && text.front() != '/') return false;
  std::string name;
  while (!text.empty()) {
    if (!unescape(take_segment(&text), &name)) return false;
  }
  return true;
}

const Json* find_at(const Json& document, std::string_view pointer) {
  const Json* found = &document;
  std::string name;
  while (found != nullptr && !pointer.empty()) {
    if (pointer.front() != '/' || !unescape(take_segment(&pointer), &name)) return nullptr;
    found = child_at(*found, name);
  }
  return found;
}

Result<std::optional<Url>> next_link(const Headers& headers, const Url& page) {
  const std::vector<Link> links = parse_links(headers.joined("link"));
  const Link* const next = find_link(links, "next");
  if (next == nullptr) return std::optional<Url>();
  Result<Url> url = join_url(page, next->target);
  if (!url.ok() || (url->scheme != "http" && url->scheme != "https"))
    return broken("links to what is no URL of http or https");
  if (page.is_secure() && !url->is_secure()) {
    return Error{ErrorCode::kUNTRUSTED,
                 "http",
                 "a page links from HTTPS to plain HTTP, which is not followed; ask the server's operator",
                 {}};
  }
  return std::optional<Url>(std::move(url).value());
}

Result<std::optional<std::string>> read_cursor(std::string_view body, std::string_view pointer) {
  TSR_ASSIGN_OR_RETURN(const std::optional<Json> page, read_page(body));
  const Json* const cursor = page ? find_at(*page, pointer) : nullptr;
  if (is_none(cursor)) return std::optional<std::string>();
  if (cursor->is_number_integer()) return std::optional<std::string>(cursor->dump());
  if (!cursor->is_string()) return broken("has a cursor that is neither a text nor an integer");
  const auto& text = cursor->get_ref<const std::string&>();
  if (text.size() > kLongestCursor) return broken("has a cursor that no URL holds");
  return std::optional<std::string>(text);
}

Result<bool> has_items(std::string_view body, std::string_view pointer) {
  TSR_ASSIGN_OR_RETURN(const std::optional<Json> page, read_page(body));
  const Json* const items = page ? find_at(*page, pointer) : nullptr;
  if (items == nullptr || items->is_null()) return false;
  if (!items->is_array()) return broken("has no array where its items should be");
  return !items->empty();
}

Result<Url> with_parameter(const Url& url, std::string_view name, std::string_view value) {
  Url encoded = url;
  encoded.query.reset();
  TSR_RETURN_IF_ERROR(add_query(&encoded, name, value));
  const std::string added = *encoded.query;
  const std::string_view key = std::string_view(added).substr(0, added.find('='));
  std::string kept;
  std::string_view rest = url.query ? std::string_view(*url.query) : std::string_view();
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    const std::string_view its = part.substr(0, part.find('='));
    if (its != key && its != name) kept.append(kept.empty() ? "" : "&").append(part);
  }
  Url out = url;
  out.query.reset();
  if (!kept.empty()) out.query = std::move(kept);
  TSR_RETURN_IF_ERROR(add_query(&out, name, value));
  return out;
}

}  // namespace tessera::http
