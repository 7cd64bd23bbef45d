#include "http/cache/update.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "http/fields/cursor.hpp"
#include "text/utf8.hpp"

namespace tessera::http {
namespace {

// Of the connection, or of what lies between (RFC 9111 section 3.1).
constexpr std::string_view kNotStored[] = {"connection",
                                           "keep-alive",
                                           "proxy-connection",
                                           "te",
                                           "trailer",
                                           "transfer-encoding",
                                           "upgrade",
                                           "proxy-authenticate",
                                           "proxy-authorization",
                                           "proxy-authentication-info"};
constexpr std::string_view kCookies[] = {"set-cookie", "set-cookie2"};
// They describe the body that is stored; what confirms it has none.
constexpr std::string_view kOfTheBody[] = {"content-length", "content-encoding", "content-range"};
// A newer response tells its own age, or none: what the older one told says nothing of it.
constexpr std::string_view kOfTheMessage[] = {"age", "date"};

bool is_in(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::any_of(names, [&](std::string_view other) { return same_name(name, other); });
}

/// Found fast, since a message of a hostile server has very many.
class NameSet {
 public:
  explicit NameSet(const Headers& headers) {
    for (size_t i = 0; i < headers.size(); ++i) names_.push_back(to_lower_ascii(headers[i].name));
    std::ranges::sort(names_);
  }
  /// The elements of a list field.
  explicit NameSet(std::string_view list) {
    for (Cursor in(list); !in.at_end(); in.take(',')) {
      names_.push_back(to_lower_ascii(trim_ascii(in.take_until(","))));
    }
    std::ranges::sort(names_);
  }
  bool has(std::string_view name) const { return std::ranges::binary_search(names_, to_lower_ascii(name)); }

 private:
  std::vector<std::string> names_;
};

struct Tag {
  std::string_view opaque;
  bool is_weak = false;
};

std::optional<Tag> tag_of(const Headers& headers) {
  const std::string_view tag = trim_ascii(headers.get("etag").value_or(""));
  if (tag.empty()) return std::nullopt;
  const bool is_weak = tag.starts_with("W/");
  return Tag{tag.substr(is_weak ? 2 : 0), is_weak};
}

/// The tag of `newer`, if it has one, is that of `stored`.
bool tag_fits(const Headers& stored, const Headers& newer) {
  const auto tag = tag_of(stored), new_tag = tag_of(newer);
  return !new_tag || (tag && tag->opaque == new_tag->opaque);
}

bool date_fits(const Headers& stored, const Headers& newer) {
  const auto modified = newer.get("last-modified");
  return !modified || stored.get("last-modified") == modified;
}

bool length_fits(const Entry& stored, const Headers& head) {
  const auto length = head.get("content-length");
  if (!length) return true;
  const auto stored_length = stored.headers.get("content-length");
  return stored_length ? *stored_length == *length : std::to_string(stored.body.size()) == *length;
}

/// RFC 9111 section 4.3.4, of a 304.
bool is_about(const Headers& stored, const Headers& not_modified) {
  const auto new_tag = tag_of(not_modified);
  if (new_tag && (tag_of(stored) || !new_tag->is_weak)) return tag_fits(stored, not_modified);
  const bool names_date = not_modified.has("last-modified");
  return names_date ? date_fits(stored, not_modified) : !new_tag;
}

/// RFC 9111 section 3.2.
Headers merged(const Headers& stored, const Headers& newer) {
  const auto tag = tag_of(stored), new_tag = tag_of(newer);
  // Servers that weaken the tag of what they compress forget to do so in a 304: a weak tag never gets strong.
  const bool keeps_tag = tag && tag->is_weak && new_tag && !new_tag->is_weak;
  const auto is_taken = [&](std::string_view name) {
    return !is_in(kOfTheBody, name) && !(keeps_tag && same_name(name, "etag"));
  };
  const NameSet replaced(newer);
  Headers all;
  for (size_t i = 0; i < stored.size(); ++i) {
    const Field field = stored[i];
    const bool is_replaced = is_taken(field.name) && replaced.has(field.name);
    if (!is_replaced && !is_in(kOfTheMessage, field.name)) all.add(field.name, field.value);
  }
  for (size_t i = 0; i < newer.size(); ++i) {
    if (is_taken(newer[i].name)) all.add(newer[i].name, newer[i].value);
  }
  return all;
}

Entry updated(Entry stored, const Headers& newer, CacheTimes times, const CacheConfig& config) {
  stored.headers = merged(stored.headers, stored_fields(newer, config));
  stored.request_ms = times.request_ms;
  stored.response_ms = times.response_ms;
  return stored;
}

bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE";
}

/// Scheme, host and port of a normalised URL.
std::string_view origin_of(std::string_view url) {
  const size_t scheme = url.find("://");
  return scheme == std::string_view::npos ? "" : url.substr(0, url.find_first_of("/?#", scheme + 3));
}

}  // namespace

Headers stored_fields(const Headers& response, const CacheConfig& config) {
  const NameSet of_connection(response.joined("connection"));
  Headers kept;
  for (size_t i = 0; i < response.size(); ++i) {
    const Field field = response[i];
    if (is_in(kNotStored, field.name) || of_connection.has(field.name)) continue;
    if (!config.keeps_cookies && is_in(kCookies, field.name)) continue;
    kept.add(field.name, field.value);
  }
  return kept;
}

std::optional<Entry> confirmed(Entry stored, const Headers& not_modified, CacheTimes times,
                               const CacheConfig& config) {
  if (!is_about(stored.headers, not_modified)) return std::nullopt;
  return updated(std::move(stored), not_modified, times, config);
}

std::optional<Entry> freshened(Entry stored, const Headers& head, CacheTimes times,
                               const CacheConfig& config) {
  if (!tag_fits(stored.headers, head) || !date_fits(stored.headers, head) || !length_fits(stored, head))
    return std::nullopt;
  return updated(std::move(stored), head, times, config);
}

std::vector<std::string> invalidated_urls(const CacheRequest& request, int status, const Headers& response,
                                          const ResolveUrl& resolve) {
  if (is_safe(request.method) || status < 200 || status > 399) return {};
  std::vector<std::string> urls{std::string(request.url)};
  for (const std::string_view name : {"location", "content-location"}) {
    const auto reference = response.get(name);
    if (!reference) continue;
    auto url = resolve(*reference);
    if (url && origin_of(*url) == origin_of(request.url) && std::ranges::find(urls, *url) == urls.end())
      urls.push_back(std::move(*url));
  }
  return urls;
}

}  // namespace tessera::http
