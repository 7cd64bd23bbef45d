// The smaller fields. The first letter: R Retry-After, L the fields of a rate limit (one "name: value" a
// line), K Link, C Cache-Control, D a date, T Content-Type, P the fields of a trace (one a line), U a URL and
// what is joined to it (one a line); any other all of those that take one value.
#include <algorithm>

#include "http/fields/cache_control.hpp"
#include "http/fields/content_type.hpp"
#include "http/fields/http_date.hpp"
#include "http/fields/link.hpp"
#include "http/fields/rate_limit.hpp"
#include "http/fields/retry_after.hpp"
#include "http/fields/trace_context.hpp"
#include "http/fields/url.hpp"
#include "lines.hpp"

namespace {

using namespace tessera;
using namespace tessera::http;
using tessera::fuzz::lines_of;

constexpr int64_t kNowMs = 1'780'000'000'500;

void check(bool holds) {
  if (!holds) __builtin_trap();
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

void check_wait(std::optional<int64_t> wait_ms) {
  check(wait_ms.value_or(0) >= 0 && wait_ms.value_or(0) <= kLongestWaitMs);
}

void check_retry_after(std::string_view value) { check_wait(parse_retry_after(value, kNowMs)); }

void check_rate_limit(std::string_view text) {
  Headers headers;
  for (const std::string_view line : lines_of(text, 16)) {
    const size_t colon = std::min(line.find(": "), line.size());
    headers.add(line.substr(0, colon), line.substr(std::min(colon + 2, line.size())));
  }
  const auto limit = read_rate_limit(headers, kNowMs);
  if (!limit) return;
  check(limit->remaining >= 0 && limit->limit.value_or(0) >= 0);
  check_wait(limit->reset_after_ms);
}

void check_links(std::string_view value) {
  const auto links = parse_links(value);
  check(links.size() <= kMostLinks);
  for (const Link& link : links) {
    check(!link.rels.empty() && link.params.size() <= kMostLinkParams);
    check(link.target.find('>') == std::string::npos);
    for (const std::string& rel : link.rels) {
      const Link* const found = find_link(links, rel);
      check(found == nullptr || std::ranges::find(found->rels, rel) != found->rels.end());
    }
  }
}

void check_cache_control(std::string_view value) {
  const CacheControl control = parse_cache_control(value);
  for (const auto& seconds : {control.max_age, control.s_maxage, control.max_stale, control.min_fresh,
                              control.stale_while_revalidate, control.stale_if_error}) {
    check(seconds.value_or(0) >= 0 && seconds.value_or(0) <= kMostSeconds);
  }
  // What comes after cannot make it weaker.
  const CacheControl more = parse_cache_control("no-store, " + std::string(value));
  check(more.no_store && more.max_age == control.max_age && more.no_cache == control.no_cache);
}

void check_date(std::string_view value) {
  const auto date = parse_http_date(value, kNowMs / 1000);
  constexpr int64_t kLastSecond = 253'402'300'799;  // of the year 9999; a leap second may follow it
  if (date && *date <= kLastSecond) check(parse_http_date(format_http_date(*date), 0) == date);
}

void check_content_type(std::string_view value) {
  const auto type = parse_content_type(value);
  if (!type) return;
  check(is_printable(type->type) && type->type.find('/') != std::string::npos && is_printable(type->charset));
  check(type->boundary.size() <= 70);
  const auto again = parse_content_type(type->type);
  check(again && again->type == type->type && again->is_json() == type->is_json());
}

void check_trace(std::string_view text) {
  for (const std::string_view line : lines_of(text, 4)) {
    if (const auto parent = parse_traceparent(line)) {
      check(parse_traceparent(format_traceparent(*parent)) == *parent);
    }
    if (is_tracestate(line)) check(is_tracestate(std::string(line) + ", ,"));
  }
}

void check_url(const Url& url) {
  const std::string text = url.text();
  check(text.size() <= kLongestUrl && is_printable(text) && url.path.starts_with('/') && url.port != 0);
  check(!url.host.empty() && url.host.find_first_of("/?#@\\%") == std::string::npos);
  check((url.path + '/').find("/../") == std::string::npos &&
        (url.path + '/').find("/./") == std::string::npos);
  const auto again = parse_url(text);
  check(again.ok() && *again == url && same_origin(*again, url));
  Url more = url;
  if (add_query(&more, "a&", text)) check(parse_url(more.text()).value() == more);
}

void check_urls(std::string_view text) {
  std::optional<Url> base;
  for (const std::string_view line : lines_of(text, 4)) {
    const auto url = base ? join_url(*base, line) : parse_url(line);
    if (!url) {
      check(url.error().code == ErrorCode::kARG || url.error().code == ErrorCode::kLIMIT);
      continue;
    }
    check_url(*url);
    // What is a URL of its own does not depend on the base.
    if (const auto alone = parse_url(line)) check(*alone == *url);
    base = *url;
  }
  if (!text.empty()) is_loopback(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text = as_text({data + 1, size - 1});
  switch (data[0]) {
    case 'R':
      check_retry_after(text);
      break;
    case 'L':
      check_rate_limit(text);
      break;
    case 'K':
      check_links(text);
      break;
    case 'C':
      check_cache_control(text);
      break;
    case 'D':
      check_date(text);
      break;
    case 'T':
      check_content_type(text);
      break;
    case 'P':
      check_trace(text);
      break;
    case 'U':
      check_urls(text);
      break;
    default:
      check_retry_after(text);
      check_links(text);
      check_cache_control(text);
      check_date(text);
      check_content_type(text);
      break;
  }
  return 0;
}
