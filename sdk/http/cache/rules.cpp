#include "http/cache/rules.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "http/cache/freshness.hpp"
#include "http/cache/key.hpp"
#include "http/fields/cache_control.hpp"
#include "http/fields/http_date.hpp"
#include "text/utf8.hpp"

namespace tessera::http {
namespace {

constexpr int kUnderstood[] = {200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 501};
constexpr std::string_view kConditions[] = {"range",         "if-range",          "if-match",
                                            "if-none-match", "if-modified-since", "if-unmodified-since"};

CacheControl control_of(const Headers& headers) {
  CacheControl control = parse_cache_control(headers.joined("cache-control"));
  if (!headers.has("cache-control"))
    control.no_cache = to_lower_ascii(headers.joined("pragma")).find("no-cache") != std::string::npos;
  return control;
}

Headers conditions_of(const Entry& entry) {
  Headers conditions;
  const std::string_view tag = trim_ascii(entry.headers.get("etag").value_or(""));
  if (!tag.empty()) conditions.add("If-None-Match", tag);
  // Servers pass over a date that is none.
  const std::string_view modified = trim_ascii(entry.headers.get("last-modified").value_or(""));
  if (parse_http_date(modified, entry.response_ms / 1000)) conditions.add("If-Modified-Since", modified);
  return conditions;
}

/// All that a decision depends on.
struct State {
  CacheControl asked, told;
  std::optional<int64_t> age_ms;
  int64_t lifetime_ms = 0;

  bool is_fresh() const { return age_ms && *age_ms < lifetime_ms; }
  /// Past its lifetime by less than so many seconds.
  bool is_within(int64_t seconds) const { return age_ms && *age_ms < lifetime_ms + seconds * 1000; }
};

/// Nobody may see it before the server was asked.
bool must_validate(const State& state) {
  if (!state.age_ms || state.told.no_cache || state.asked.no_cache) return true;
  // What is immutable does not change while it is fresh, so that its age is no reason to ask (RFC 8246).
  const bool age_counts = !(state.told.immutable && state.is_fresh());
  if (age_counts && state.asked.max_age && *state.age_ms > *state.asked.max_age * 1000) return true;
  return state.asked.min_fresh && *state.age_ms + *state.asked.min_fresh * 1000 > state.lifetime_ms;
}

Reuse reuse_of(const State& state) {
  if (must_validate(state)) return Reuse::kValidate;
  if (state.is_fresh()) return Reuse::kFresh;
  if (state.told.must_revalidate) return Reuse::kValidate;
  const int64_t takes_s = state.asked.max_stale.value_or(0);
  if (takes_s == kMostSeconds || (takes_s > 0 && *state.age_ms <= state.lifetime_ms + takes_s * 1000))
    return Reuse::kStale;
  if (!state.is_within(state.told.stale_while_revalidate.value_or(0))) return Reuse::kValidate;
  return state.asked.only_if_cached ? Reuse::kStale : Reuse::kRefresh;
}

bool covers_errors(const State& state, const CacheConfig& config) {
  if (state.told.no_cache || state.told.must_revalidate) return false;
  // Who asks for a new answer gets an error rather than an old one, unless the request says otherwise.
  const int64_t offered_s =
      state.asked.no_cache ? 0 : state.told.stale_if_error.value_or(config.stale_if_error_s);
  const int64_t window_s = state.asked.stale_if_error.value_or(offered_s);
  return window_s > 0 && state.is_within(window_s);
}

}  // namespace

bool is_answerable(const CacheRequest& request) {
  return (request.method == "GET" || request.method == "HEAD") &&
         std::ranges::none_of(kConditions, [&](std::string_view name) { return request.headers.has(name); });
}

bool is_understood(int status) { return std::ranges::find(kUnderstood, status) != std::end(kUnderstood); }

bool may_store(const CacheRequest& request, int status, const Headers& response) {
  if (!is_understood(status) || (request.method != "GET" && request.method != "HEAD") ||
      request.headers.has("range"))
    return false;
  if (parse_cache_control(request.headers.joined("cache-control")).no_store) return false;
  const CacheControl control = parse_cache_control(response.joined("cache-control"));
  // must-understand is for caches that know the status, and tells others not to store.
  if (control.no_store && !control.must_understand) return false;
  if (!vary_names(response)) return false;
  return control.is_public || control.is_private || control.max_age || response.has("expires") ||
         is_heuristically_cacheable(status);
}

int64_t keep_ms(const Entry& entry, const CacheConfig& config) {
  const CacheControl told = control_of(entry.headers);
  const int64_t fresh_ms = std::max(int64_t{0}, lifetime_ms(entry, config) - initial_age_ms(entry));
  if (conditions_of(entry).size() != 0) return fresh_ms + config.keep_stale_ms;
  if (told.no_cache) return 0;
  if (told.must_revalidate) return fresh_ms;
  // A request may take it stale, so it stays where it was fresh at all.
  const int64_t stale_s = std::max({told.stale_while_revalidate.value_or(0), told.stale_if_error.value_or(0),
                                    told.stale_if_error ? 0 : config.stale_if_error_s});
  return fresh_ms + std::max(stale_s * 1000, fresh_ms > 0 ? config.keep_stale_ms : 0);
}

CacheDecision decide(const Entry* stored, const CacheRequest& request, const CacheConfig& config,
                     int64_t now_ms) {
  const CacheControl asked = control_of(request.headers);
  const bool fits =
      stored != nullptr && is_answerable(request) && (!stored->is_head || request.method == "HEAD");
  if (!fits) return {asked.only_if_cached ? Reuse::kNotCached : Reuse::kMiss, {}, false};

  const State state{asked, control_of(stored->headers), age_ms(*stored, now_ms),
                    lifetime_ms(*stored, config)};
  CacheDecision decision{reuse_of(state), {}, covers_errors(state, config)};
  if (decision.reuse == Reuse::kValidate && asked.only_if_cached) decision.reuse = Reuse::kNotCached;
  if (decision.reuse == Reuse::kValidate || decision.reuse == Reuse::kRefresh)
    decision.conditions = conditions_of(*stored);
  return decision;
}

bool is_covered_error(const Attempt& attempt) {
  switch (attempt.failure) {
    case Failure::kNone:
      return attempt.status == 500 || (attempt.status >= 502 && attempt.status <= 504);
    case Failure::kNoRoute:
    case Failure::kResolve:
    case Failure::kConnect:
    case Failure::kTimeout:
    case Failure::kReset:
    case Failure::kRefused:
    case Failure::kProtocol:
    case Failure::kProxy:
      return true;
    case Failure::kTls:  // someone may be in between: that is not to be covered up
    case Failure::kPin:
    case Failure::kTooLarge:
    case Failure::kCancelled:
    case Failure::kCallback:
      return false;
  }
  return false;
}

Headers answer_fields(const Entry& entry, int64_t now_ms) {
  Headers fields = entry.headers;
  const auto age = age_ms(entry, now_ms);
  if (age) fields.set("Age", std::to_string(*age / 1000));
  return fields;
}

}  // namespace tessera::http
