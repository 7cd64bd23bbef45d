#include "http/policy/config.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "http/fields/headers.hpp"
#include "http/policy/route.hpp"
#include "text/utf8.hpp"

namespace tessera::http {
namespace {

constexpr int64_t kSecondMs = 1'000;
constexpr int64_t kMinuteMs = 60 * kSecondMs;
constexpr int64_t kHourMs = 60 * kMinuteMs;
constexpr int64_t kDayMs = 24 * kHourMs;
constexpr int64_t kMostBytes = int64_t{1} << 40;
constexpr size_t kMostNames = 256;
constexpr size_t kMostStatuses = 16;
constexpr size_t kMostName = 128;

/// Secrets reach the client as bytes or through a callback, never in a text that gets logged and passed
/// around.
constexpr std::array<std::string_view, 16> kSecrets{
    "access_token",  "api_key", "authorization", "bearer",   "client_secret", "cookie",
    "credentials",   "key",     "passphrase",    "password", "private_key",   "proxy_password",
    "refresh_token", "secret",  "token",         "user_info"};

Error malformed(std::string text) { return {ErrorCode::kARG, "http", std::move(text), {}}; }

Error malformed(std::string_view name, std::string_view rule) {
  return malformed("the member \"" + std::string(name) + "\" " + std::string(rule));
}

Error within(std::string_view place, const Error& error) {
  return malformed("in \"" + std::string(place) + "\" " + error.text);
}

Status require_only(const Json& object, std::initializer_list<std::string_view> allowed) {
  if (object.is_object()) {
    for (const auto& [name, value] : object.items()) {
      const auto* const secret = std::ranges::find(kSecrets, to_lower_ascii(name));
      if (secret != kSecrets.end()) {
        return malformed(*secret,
                         "must not be here: secrets never travel in configuration; pass it as bytes to the "
                         "function that needs it");
      }
    }
  }
  return json_only(object, allowed);
}

// These leave `out` alone when the member is absent.
template <class Integer>
Status read_integer(const Json& object, std::string_view name, int64_t least, int64_t most, Integer* out) {
  TSR_ASSIGN_OR_RETURN(const auto number, json_integer(object, name, least, most));
  if (number) *out = static_cast<Integer>(*number);
  return {};
}

template <class Integer>
Status read_integer(const Json& object, std::string_view name, int64_t least, int64_t most,
                    std::optional<Integer>* out) {
  TSR_ASSIGN_OR_RETURN(const auto number, json_integer(object, name, least, most));
  if (number) *out = static_cast<Integer>(*number);
  return {};
}

Status read_bool(const Json& object, std::string_view name, bool* out) {
  TSR_ASSIGN_OR_RETURN(const auto flag, json_bool(object, name));
  if (flag) *out = *flag;
  return {};
}

Status read_text(const Json& object, std::string_view name, size_t most, std::string* out) {
  TSR_ASSIGN_OR_RETURN(auto text, json_string(object, name));
  if (!text) return {};
  const bool has_control =
      std::ranges::any_of(*text, [](char c) { return (c >= 0 && c < ' ') || c == '\x7F'; });
  if (text->empty() || text->size() > most || has_control) {
    return malformed(name,
                     "must be a text of 1 to " + std::to_string(most) + " bytes without control characters");
  }
  *out = std::move(*text);
  return {};
}

Status read_texts(const Json& object, std::string_view name, size_t most, std::vector<std::string>* out) {
  TSR_ASSIGN_OR_RETURN(const Json* entries, json_array(object, name));
  if (entries == nullptr) return {};
  if (entries->size() > most) return malformed(name, "must hold at most " + std::to_string(most) + " texts");
  out->clear();
  for (const Json& entry : *entries) {
    if (!entry.is_string()) return malformed(name, "must hold texts");
    out->push_back(entry.get<std::string>());
  }
  return {};
}

template <class T>
struct Choice {
  std::string_view name;
  T value;
};

template <class T, size_t kCount>
Status read_choice(const Json& object, std::string_view name, const std::array<Choice<T>, kCount>& choices,
                   T* out) {
  TSR_ASSIGN_OR_RETURN(const auto text, json_string(object, name));
  if (!text) return {};
  std::string known;
  for (const Choice<T>& choice : choices) {
    if (choice.name == *text) {
      *out = choice.value;
      return {};
    }
    known.append(known.empty() ? "\"" : ", \"").append(choice.name).append("\"");
  }
  return malformed(name, "must be one of " + known);
}

/// A span and the most that doubling makes of it: a span alone that is longer than the default of the other
/// lifts it.
Status read_doubling(const Json& object, std::string_view name, std::string_view most_name, int64_t least,
                     int64_t most, int64_t* span, int64_t* most_span) {
  const bool is_fixed = *span == *most_span;
  TSR_RETURN_IF_ERROR(read_integer(object, name, least, most, span));
  *most_span = is_fixed ? *span : std::max(*span, *most_span);
  return read_integer(object, most_name, *span, most, most_span);
}

Status read_timeouts(const Json& object, TimeoutConfig* out) {
  TSR_RETURN_IF_ERROR(
      require_only(object, {"connect_ms", "attempt_ms", "total_ms", "stall_ms", "stall_bytes_per_s"}));
  TSR_RETURN_IF_ERROR(read_integer(object, "connect_ms", 1, kHourMs, &out->connect_ms));
  TSR_RETURN_IF_ERROR(read_integer(object, "attempt_ms", 1, kDayMs, &out->attempt_ms));
  TSR_RETURN_IF_ERROR(read_integer(object, "total_ms", 1, kDayMs, &out->total_ms));
  TSR_RETURN_IF_ERROR(read_integer(object, "stall_ms", kSecondMs, kHourMs, &out->stall_ms));
  return read_integer(object, "stall_bytes_per_s", 1, kMostBytes, &out->stall_bytes_per_s);
}

Status read_statuses(const Json& object, std::string_view name, std::vector<int>* out) {
  TSR_ASSIGN_OR_RETURN(const Json* entries, json_array(object, name));
  if (entries == nullptr) return {};
  out->clear();
  const bool are_statuses = std::ranges::all_of(*entries, [](const Json& entry) {
    return entry.is_number_integer() && entry.get<int64_t>() >= 400 && entry.get<int64_t>() <= 599;
  });
  if (!are_statuses || entries->size() > kMostStatuses) {
    return malformed(name,
                     "must hold at most " + std::to_string(kMostStatuses) + " integers from 400 to 599");
  }
  for (const Json& entry : *entries) out->push_back(entry.get<int>());
  return {};
}

Status read_retry(const Json& object, RetryConfig* out) {
  TSR_RETURN_IF_ERROR(require_only(object, {"max_attempts", "transient_base_ms", "throttle_base_ms",
                                            "max_backoff_ms", "max_retry_after_ms", "max_gate_ms",
                                            "background_gate_ms", "max_other_routes", "route_statuses"}));
  TSR_RETURN_IF_ERROR(read_integer(object, "max_attempts", 1, 10, &out->max_attempts));
  TSR_RETURN_IF_ERROR(read_integer(object, "transient_base_ms", 1, kHourMs, &out->transient_base_ms));
  TSR_RETURN_IF_ERROR(read_integer(object, "throttle_base_ms", 1, kHourMs, &out->throttle_base_ms));
  TSR_RETURN_IF_ERROR(read_integer(object, "max_backoff_ms", 1, kHourMs, &out->max_backoff_ms));
  TSR_RETURN_IF_ERROR(read_integer(object, "max_retry_after_ms", 0, kDayMs, &out->max_retry_after_ms));
  TSR_RETURN_IF_ERROR(read_integer(object, "max_gate_ms", kSecondMs, kDayMs, &out->max_gate_ms));
  TSR_RETURN_IF_ERROR(read_integer(object, "background_gate_ms", 0, kDayMs, &out->background_gate_ms));
  TSR_RETURN_IF_ERROR(read_integer(object, "max_other_routes", 0, 10, &out->max_other_routes));
  return read_statuses(object, "route_statuses", &out->route_statuses);
}

Status read_budget(const Json& object, RetryBudgetConfig* out) {
  TSR_RETURN_IF_ERROR(require_only(object, {"tokens", "success_thousandths"}));
  TSR_RETURN_IF_ERROR(read_integer(object, "tokens", 1, 1'000, &out->tokens));
  return read_integer(object, "success_thousandths", 1, 1'000, &out->success_thousandths);
}

Status read_breaker(const Json& object, BreakerConfig* out) {
  enum class Preset : uint8_t { kClient, kSafetySwitch };
  static constexpr std::array<Choice<Preset>, 2> kPresets{
      {{"client", Preset::kClient}, {"safety_switch", Preset::kSafetySwitch}}};
  TSR_RETURN_IF_ERROR(require_only(
      object, {"preset", "enabled", "max_failures", "max_percent", "min_calls", "window_ms", "cooldown_ms",
               "max_cooldown_ms", "successes_to_close", "probe_lease_ms", "probe_on_network_change"}));
  Preset preset = Preset::kClient;
  TSR_RETURN_IF_ERROR(read_choice(object, "preset", kPresets, &preset));
  *out = preset == Preset::kClient ? BreakerConfig::client() : BreakerConfig::safety_switch();
  TSR_RETURN_IF_ERROR(read_bool(object, "enabled", &out->is_enabled));
  TSR_RETURN_IF_ERROR(read_integer(object, "max_failures", 1, 1'000, &out->max_failures));
  TSR_RETURN_IF_ERROR(read_integer(object, "max_percent", 1, 100, &out->max_percent));
  TSR_RETURN_IF_ERROR(read_integer(object, "min_calls", 1, 100'000, &out->min_calls));
  TSR_RETURN_IF_ERROR(read_integer(object, "window_ms", kSecondMs, kHourMs, &out->window_ms));
  TSR_RETURN_IF_ERROR(read_doubling(object, "cooldown_ms", "max_cooldown_ms", 100, kDayMs, &out->cooldown_ms,
                                    &out->max_cooldown_ms));
  TSR_RETURN_IF_ERROR(read_integer(object, "successes_to_close", 1, 100, &out->successes_to_close));
  TSR_RETURN_IF_ERROR(read_integer(object, "probe_lease_ms", kSecondMs, kDayMs, &out->probe_lease_ms));
  return read_bool(object, "probe_on_network_change", &out->probes_on_network_change);
}

Status read_connectivity(const Json& object, ConnectivityConfig* out) {
  TSR_RETURN_IF_ERROR(
      require_only(object, {"strict", "backoff_ms", "max_backoff_ms", "in_use_ms", "probe_lease_ms"}));
  TSR_RETURN_IF_ERROR(read_bool(object, "strict", &out->is_strict));
  TSR_RETURN_IF_ERROR(read_doubling(object, "backoff_ms", "max_backoff_ms", 1, kHourMs, &out->backoff_ms,
                                    &out->max_backoff_ms));
  TSR_RETURN_IF_ERROR(read_integer(object, "in_use_ms", 0, kDayMs, &out->in_use_ms));
  return read_integer(object, "probe_lease_ms", kSecondMs, kDayMs, &out->probe_lease_ms);
}

template <class Read>
Status read_section(const Json& object, std::string_view name, Read read) {
  TSR_ASSIGN_OR_RETURN(const Json* section, json_object(object, name));
  if (section == nullptr) return {};
  const Status status = read(*section);
  return status.ok() ? Status() : within(name, status.error());
}

Status read_limiter(const Json& object, LimiterConfig* out) {
  static constexpr std::array<Choice<int64_t>, 3> kPeriods{
      {{"second", kSecondMs}, {"minute", kMinuteMs}, {"hour", kHourMs}}};
  constexpr int64_t kMostRate = 1'000'000;
  TSR_RETURN_IF_ERROR(require_only(object, {"rate", "per", "burst", "max_pending", "spacing_ms"}));
  TSR_RETURN_IF_ERROR(read_integer(object, "rate", 0, kMostRate, &out->rate));
  TSR_RETURN_IF_ERROR(read_choice(object, "per", kPeriods, &out->period_ms));
  // Ten calls a minute must not begin with twenty at once.
  if (out->rate > 0) out->burst = std::min(out->burst, out->rate);
  TSR_RETURN_IF_ERROR(read_integer(object, "burst", 1, kMostRate, &out->burst));
  TSR_RETURN_IF_ERROR(read_integer(object, "max_pending", 0, 1'000'000, &out->max_pending));
  return read_section(object, "spacing_ms", [out](const Json& spacing) -> Status {
    TSR_RETURN_IF_ERROR(require_only(spacing, {"min", "max"}));
    out->spacing_least_ms = kRequestSpacingLeastMs;
    out->spacing_most_ms = kRequestSpacingMostMs;
    return read_doubling(spacing, "min", "max", 0, kHourMs, &out->spacing_least_ms, &out->spacing_most_ms);
  });
}

Status read_idempotency(const Json& object, IdempotencyConfig* out) {
  TSR_RETURN_IF_ERROR(require_only(object, {"automatic", "header"}));
  TSR_RETURN_IF_ERROR(read_bool(object, "automatic", &out->is_automatic));
  TSR_RETURN_IF_ERROR(read_text(object, "header", kMostName, &out->header));
  return check_field(out->header, {});
}

Status read_proxies(const Json& object, ProxyListConfig* out) {
  static constexpr std::array<Choice<ProxyMode>, 3> kModes{{{"round_robin", ProxyMode::kRoundRobin},
                                                            {"sticky", ProxyMode::kSticky},
                                                            {"failover", ProxyMode::kFailover}}};
  TSR_RETURN_IF_ERROR(require_only(object, {"urls", "mode", "no_proxy", "bad_ms", "max_bad_ms"}));
  TSR_RETURN_IF_ERROR(read_texts(object, "urls", ProxyList::kMaxProxies, &out->urls));
  if (std::ranges::any_of(out->urls,
                          [](const std::string& url) { return url.find('@') != std::string::npos; })) {
    return malformed(
        "urls",
        "must not hold credentials: secrets never travel in configuration; pass them as bytes to "
        "the function that needs them");
  }
  TSR_RETURN_IF_ERROR(read_choice(object, "mode", kModes, &out->mode));
  TSR_RETURN_IF_ERROR(read_texts(object, "no_proxy", kMostNames, &out->no_proxy));
  TSR_RETURN_IF_ERROR(
      read_doubling(object, "bad_ms", "max_bad_ms", kSecondMs, kDayMs, &out->bad_ms, &out->max_bad_ms));
  const auto list = ProxyList::make(*out);
  return list.ok() ? Status() : malformed(list.error().text);
}

Status read_sizes(const Json& object, SizeConfig* out) {
  TSR_RETURN_IF_ERROR(require_only(object, {"max_redirects", "max_pages", "max_body_bytes",
                                            "max_header_bytes", "max_expansion", "expansion_free_bytes"}));
  TSR_RETURN_IF_ERROR(read_integer(object, "max_redirects", 0, 50, &out->max_redirects));
  TSR_RETURN_IF_ERROR(read_integer(object, "max_pages", 1, 1'000'000, &out->max_pages));
  TSR_RETURN_IF_ERROR(read_integer(object, "max_body_bytes", 0, kMostBytes, &out->max_body_bytes));
  TSR_RETURN_IF_ERROR(
      read_integer(object, "max_header_bytes", 1024, int64_t{16} << 20, &out->max_header_bytes));
  TSR_RETURN_IF_ERROR(read_integer(object, "max_expansion", 1, 100'000, &out->max_expansion));
  return read_integer(object, "expansion_free_bytes", 0, kMostBytes, &out->expansion_free_bytes);
}

Status read_pool(const Json& object, PoolConfig* out) {
  TSR_RETURN_IF_ERROR(require_only(object, {"per_host", "idle_ms"}));
  TSR_RETURN_IF_ERROR(read_integer(object, "per_host", 1, 256, &out->per_host));
  return read_integer(object, "idle_ms", 0, kHourMs, &out->idle_ms);
}

Status read_route(const Json& object, RouteConfig* out) {
  TSR_RETURN_IF_ERROR(require_only(object, {"match", "name", "max_attempts", "attempt_ms", "total_ms",
                                            "limiter", "automatic_key", "skip_breaker"}));
  TSR_RETURN_IF_ERROR(read_text(object, "match", RouteTable::kMaxPattern, &out->match));
  if (out->match.empty()) return malformed("match", "is required");
  out->name = out->match.substr(0, kMostName);
  TSR_RETURN_IF_ERROR(read_text(object, "name", kMostName, &out->name));
  TSR_RETURN_IF_ERROR(read_integer(object, "max_attempts", 1, 10, &out->max_attempts));
  TSR_RETURN_IF_ERROR(read_integer(object, "attempt_ms", 1, kDayMs, &out->attempt_ms));
  TSR_RETURN_IF_ERROR(read_integer(object, "total_ms", 1, kDayMs, &out->total_ms));
  TSR_RETURN_IF_ERROR(read_section(object, "limiter", [out](const Json& section) {
    return read_limiter(section, &out->limiter.emplace());
  }));
  TSR_ASSIGN_OR_RETURN(out->is_key_automatic, json_bool(object, "automatic_key"));
  return read_bool(object, "skip_breaker", &out->skips_breaker);
}

Status read_routes(const Json& object, std::vector<RouteConfig>* out) {
  TSR_ASSIGN_OR_RETURN(const Json* entries, json_array(object, "routes"));
  if (entries == nullptr) return {};
  std::vector<std::string> patterns;
  for (const Json& entry : *entries) {
    RouteConfig& route = out->emplace_back();
    const Status status = read_route(entry, &route);
    if (!status.ok()) return within("routes[" + std::to_string(patterns.size()) + "]", status.error());
    patterns.push_back(route.match);
  }
  const auto table = RouteTable::make(patterns);
  return table.ok() ? Status() : malformed(table.error().text);
}

Status read_all(const Json& object, HttpPolicyConfig* out) {
  TSR_RETURN_IF_ERROR(require_only(object, {"timeouts", "retry", "budget", "breaker", "connectivity",
                                            "limiter", "idempotency", "proxies", "sizes", "pool", "routes"}));
  const auto section = [&object](std::string_view name, auto read, auto* part) {
    return read_section(object, name, [read, part](const Json& found) { return read(found, part); });
  };
  TSR_RETURN_IF_ERROR(section("timeouts", read_timeouts, &out->timeouts));
  TSR_RETURN_IF_ERROR(section("retry", read_retry, &out->retry));
  TSR_RETURN_IF_ERROR(section("budget", read_budget, &out->budget));
  TSR_RETURN_IF_ERROR(section("breaker", read_breaker, &out->breaker));
  TSR_RETURN_IF_ERROR(section("connectivity", read_connectivity, &out->connectivity));
  TSR_RETURN_IF_ERROR(section("limiter", read_limiter, &out->limiter));
  TSR_RETURN_IF_ERROR(section("idempotency", read_idempotency, &out->idempotency));
  TSR_RETURN_IF_ERROR(section("proxies", read_proxies, &out->proxies));
  TSR_RETURN_IF_ERROR(section("sizes", read_sizes, &out->sizes));
  TSR_RETURN_IF_ERROR(section("pool", read_pool, &out->pool));
  return read_routes(object, &out->routes);
}

}  // namespace

Result<HttpPolicyConfig> read_policy_config(const Json& object) {
  HttpPolicyConfig config;
  const Status status = read_all(object, &config);
  if (!status.ok()) return malformed("the HTTP configuration can't be used: " + status.error().text);
  return config;
}

}  // namespace tessera::http
