#include "http/download/judge.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "http/fields/content_range.hpp"
#include "http/fields/cursor.hpp"
#include "http/fields/http_date.hpp"

namespace tessera::http {
namespace {

constexpr int kOk = 200;
constexpr int kPartial = 206;
constexpr int kRangeNotSatisfiable = 416;

int64_t content_length(const Headers& headers) {
  const auto text = headers.get("content-length");
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  const int64_t length = text ? parse_digits(*text, kMost).value_or(-1) : -1;
  return length == kMost ? -1 : length;
}

/// A server that knows If-Range answers 200; others say in the ETag that it is another content.
bool is_of_other_content(const Headers& headers, const Validator& asked) {
  const auto etag = headers.get("etag");
  if (asked.kind == Validator::Kind::kEtag) return etag && *etag != asked.value;
  const auto modified = headers.get("last-modified");
  return modified && *modified != asked.value;
}

Judgement judge_partial(const Response& head, const Asked& asked) {
  if (asked.offset == 0) return {};
  const auto range = parse_content_range(head.headers.joined("content-range"));
  if (!range || range->is_unsatisfied || range->first != asked.offset ||
      is_of_other_content(head.headers, asked.validator))
    return {.kind = Judgement::Kind::kAnew};
  const bool has_other_length = asked.length >= 0 && range->total >= 0 && range->total != asked.length;
  const int64_t length = range->total >= 0 ? range->total : asked.length;
  const int64_t end = range->last + 1;
  const int64_t announced = content_length(head.headers);
  if (has_other_length || (length >= 0 && end > length) ||
      (announced >= 0 && announced != end - range->first))
    return {.kind = Judgement::Kind::kAnew};
  return {.kind = Judgement::Kind::kTake, .from = range->first, .end = end, .length = length};
}

Judgement judge_unsatisfiable(const Response& head, const Asked& asked) {
  if (asked.offset == 0) return {};
  const auto range = parse_content_range(head.headers.joined("content-range"));
  const bool is_whole = range && range->is_unsatisfied && range->total == asked.offset &&
                        (asked.length < 0 || asked.length == asked.offset) &&
                        !is_of_other_content(head.headers, asked.validator);
  if (!is_whole) return {.kind = Judgement::Kind::kAnew};
  return {
      .kind = Judgement::Kind::kComplete, .from = asked.offset, .end = asked.offset, .length = asked.offset};
}

bool is_strong_etag(std::string_view text) {
  constexpr size_t kMostEtag = 1024;
  return text.size() >= 2 && text.size() <= kMostEtag && text.starts_with('"') && text.ends_with('"') &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

Validator validator_of(const Headers& headers) {
  const auto etag = headers.get("etag");
  if (etag && is_strong_etag(*etag)) return {Validator::Kind::kEtag, std::string(*etag)};
  // A date is strong when the content can't have changed again within its second (section 8.8.2.2).
  const auto modified = headers.get("last-modified"), date = headers.get("date");
  if (!modified || !date) return {};
  const auto changed_s = parse_http_date(*modified, 0), sent_s = parse_http_date(*date, 0);
  if (!changed_s || !sent_s || *changed_s >= *sent_s) return {};
  return {Validator::Kind::kLastModified, std::string(*modified)};
}

Judgement judge(const Response& head, const Asked& asked) {
  switch (head.status) {
    case kOk: {
      const int64_t length = content_length(head.headers);
      return {.kind = Judgement::Kind::kTake, .from = 0, .end = length, .length = length};
    }
    case kPartial:
      return judge_partial(head, asked);
    case kRangeNotSatisfiable:
      return judge_unsatisfiable(head, asked);
    default:
      return {};
  }
}

}  // namespace tessera::http
