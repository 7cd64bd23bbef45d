/// @file tessera/cpp/http_config.hpp  What an API client is configured with.
#ifndef TESSERA_CPP_HTTP_CONFIG_HPP
#define TESSERA_CPP_HTTP_CONFIG_HPP

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/cpp/detail/json_writer.hpp"

namespace tessera::inline v1 {

namespace detail {

inline std::optional<std::int64_t> milliseconds(std::optional<std::chrono::milliseconds> time) {
  return time ? std::optional<std::int64_t>(time->count()) : std::nullopt;
}

}  // namespace detail

// Members left alone keep the library's defaults; docs/reference/http-config.md has them, and what each does.

/// How long a request may take.  @since 1.2
struct HttpTimeouts {
  std::optional<std::chrono::milliseconds> connect{};
  std::optional<std::chrono::milliseconds> attempt{};
  std::optional<std::chrono::milliseconds> total{};
  std::optional<std::chrono::milliseconds> stall{};
  std::optional<std::int64_t> stall_bytes_per_s{};

  std::string to_json() const {
    return detail::JsonObject()
        .add("connect_ms", detail::milliseconds(connect))
        .add("attempt_ms", detail::milliseconds(attempt))
        .add("total_ms", detail::milliseconds(total))
        .add("stall_ms", detail::milliseconds(stall))
        .add("stall_bytes_per_s", stall_bytes_per_s)
        .text();
  }
};

/// When and how often a request is sent again.  @since 1.2
struct HttpRetry {
  std::optional<std::int32_t> max_attempts{};
  std::optional<std::chrono::milliseconds> transient_base{};
  std::optional<std::chrono::milliseconds> throttle_base{};
  std::optional<std::chrono::milliseconds> max_backoff{};
  std::optional<std::chrono::milliseconds> max_retry_after{};
  std::optional<std::chrono::milliseconds> max_gate{};
  std::optional<std::chrono::milliseconds> background_gate{};
  std::optional<std::int32_t> max_other_routes{};
  std::optional<std::vector<std::int32_t>> route_statuses{};

  std::string to_json() const {
    return detail::JsonObject()
        .add("max_attempts", max_attempts)
        .add("transient_base_ms", detail::milliseconds(transient_base))
        .add("throttle_base_ms", detail::milliseconds(throttle_base))
        .add("max_backoff_ms", detail::milliseconds(max_backoff))
        .add("max_retry_after_ms", detail::milliseconds(max_retry_after))
        .add("max_gate_ms", detail::milliseconds(max_gate))
        .add("background_gate_ms", detail::milliseconds(background_gate))
        .add("max_other_routes", max_other_routes)
        .add("route_statuses", route_statuses)
        .text();
  }
};

/// How much of a host's traffic may be retries.  @since 1.2
struct HttpRetryBudget {
  std::optional<std::int32_t> tokens{};
  std::optional<std::int32_t> success_thousandths{};

  std::string to_json() const {
    return detail::JsonObject().add("tokens", tokens).add("success_thousandths", success_thousandths).text();
  }
};

/// Where the numbers of a breaker begin.  @since 1.2
enum class BreakerPreset : std::int32_t {
  kClient,        ///< For an application's backend.
  kSafetySwitch,  ///< For what must rest for an hour once it fails.
};

/// As configurations spell it.  @threads any  @since 1.2
constexpr std::string_view name(BreakerPreset preset) noexcept {
  return preset == BreakerPreset::kClient ? "client" : "safety_switch";
}

/// When a host is left alone.  @since 1.2
struct HttpBreaker {
  std::optional<BreakerPreset> preset{};
  std::optional<bool> enabled{};
  std::optional<std::int32_t> max_failures{};
  std::optional<std::int32_t> max_percent{};
  std::optional<std::int32_t> min_calls{};
  std::optional<std::chrono::milliseconds> window{};
  std::optional<std::chrono::milliseconds> cooldown{};
  std::optional<std::chrono::milliseconds> max_cooldown{};
  std::optional<std::int32_t> successes_to_close{};
  std::optional<std::chrono::milliseconds> probe_lease{};
  std::optional<bool> probe_on_network_change{};

  std::string to_json() const {
    return detail::JsonObject()
        .add("preset", preset)
        .add("enabled", enabled)
        .add("max_failures", max_failures)
        .add("max_percent", max_percent)
        .add("min_calls", min_calls)
        .add("window_ms", detail::milliseconds(window))
        .add("cooldown_ms", detail::milliseconds(cooldown))
        .add("max_cooldown_ms", detail::milliseconds(max_cooldown))
        .add("successes_to_close", successes_to_close)
        .add("probe_lease_ms", detail::milliseconds(probe_lease))
        .add("probe_on_network_change", probe_on_network_change)
        .text();
  }
};

/// What counts as having no network.  @since 1.2
struct HttpConnectivity {
  std::optional<bool> strict{};  ///< Failures of the own network count against the host too.
  std::optional<std::chrono::milliseconds> backoff{};
  std::optional<std::chrono::milliseconds> max_backoff{};
  std::optional<std::chrono::milliseconds> in_use{};
  std::optional<std::chrono::milliseconds> probe_lease{};

  std::string to_json() const {
    return detail::JsonObject()
        .add("strict", strict)
        .add("backoff_ms", detail::milliseconds(backoff))
        .add("max_backoff_ms", detail::milliseconds(max_backoff))
        .add("in_use_ms", detail::milliseconds(in_use))
        .add("probe_lease_ms", detail::milliseconds(probe_lease))
        .text();
  }
};

/// The time that a rate is of.  @since 1.2
enum class RatePeriod : std::int32_t { kSecond, kMinute, kHour };

/// As configurations spell it.  @threads any  @since 1.2
constexpr std::string_view name(RatePeriod period) noexcept {
  return period == RatePeriod::kSecond ? "second" : period == RatePeriod::kMinute ? "minute" : "hour";
}

/// A random pause between two requests.  @since 1.2
struct HttpSpacing {
  std::optional<std::chrono::milliseconds> min{};
  std::optional<std::chrono::milliseconds> max{};

  std::string to_json() const {
    return detail::JsonObject()
        .add("min", detail::milliseconds(min))
        .add("max", detail::milliseconds(max))
        .text();
  }
};

/// How many requests a host or a route gets; off until there is a rate.  @since 1.2
struct HttpLimiter {
  std::optional<std::int64_t> rate{};
  std::optional<RatePeriod> per{};
  std::optional<std::int64_t> burst{};
  std::optional<std::int64_t> max_pending{};
  std::optional<HttpSpacing> spacing{};

  std::string to_json() const {
    return detail::JsonObject()
        .add("rate", rate)
        .add("per", per)
        .add("burst", burst)
        .add("max_pending", max_pending)
        .add("spacing_ms", spacing)
        .text();
  }
};

/// Keys that make a POST safe to repeat.  @since 1.2
struct HttpIdempotency {
  std::optional<bool> automatic{};  ///< Every request of an unsafe method gets one.
  std::optional<std::string> header{};

  std::string to_json() const {
    return detail::JsonObject().add("automatic", automatic).add("header", header).text();
  }
};

/// How a proxy is chosen.  @since 1.2
enum class ProxyMode : std::int32_t {
  kFailover,    ///< The first that works.
  kRoundRobin,  ///< One after another.
  kSticky,      ///< The same host keeps its proxy.
};

/// As configurations spell it.  @threads any  @since 1.2
constexpr std::string_view name(ProxyMode mode) noexcept {
  return mode == ProxyMode::kFailover     ? "failover"
         : mode == ProxyMode::kRoundRobin ? "round_robin"
                                          : "sticky";
}

/// Proxies; the passwords of "host:port" come as the secret "proxy:host:port".  @since 1.2
struct HttpProxies {
  std::vector<std::string> urls{};  ///< http, https, socks5 or socks5h.
  std::optional<ProxyMode> mode{};
  std::vector<std::string> no_proxy{};
  std::optional<std::chrono::milliseconds> bad{};
  std::optional<std::chrono::milliseconds> max_bad{};

  std::string to_json() const {
    return detail::JsonObject()
        .add("urls", urls)
        .add("mode", mode)
        .add_if_any("no_proxy", no_proxy)
        .add("bad_ms", detail::milliseconds(bad))
        .add("max_bad_ms", detail::milliseconds(max_bad))
        .text();
  }
};

/// Against answers without end.  @since 1.2
struct HttpSizes {
  std::optional<std::int32_t> max_redirects{};
  std::optional<std::int64_t> max_pages{};
  std::optional<std::int64_t> max_body_bytes{};
  std::optional<std::int64_t> max_header_bytes{};
  std::optional<std::int64_t> max_expansion{};
  std::optional<std::int64_t> expansion_free_bytes{};

  std::string to_json() const {
    return detail::JsonObject()
        .add("max_redirects", max_redirects)
        .add("max_pages", max_pages)
        .add("max_body_bytes", max_body_bytes)
        .add("max_header_bytes", max_header_bytes)
        .add("max_expansion", max_expansion)
        .add("expansion_free_bytes", expansion_free_bytes)
        .text();
  }
};

/// Connections that are kept.  @since 1.2
struct HttpPool {
  std::optional<std::int32_t> per_host{};
  std::optional<std::chrono::milliseconds> idle{};

  std::string to_json() const {
    return detail::JsonObject().add("per_host", per_host).add("idle_ms", detail::milliseconds(idle)).text();
  }
};

/// What requests of a route do otherwise.  @since 1.2
struct HttpRoute {
  std::string match{};  ///< Required: "POST api.example.com/v1/users/*"; see the reference.
  std::string name{};   ///< For counters; the pattern unless given.
  std::optional<std::int32_t> max_attempts{};
  std::optional<std::chrono::milliseconds> attempt{};
  std::optional<std::chrono::milliseconds> total{};
  std::optional<HttpLimiter> limiter{};
  std::optional<bool> automatic_key{};
  std::optional<bool> skip_breaker{};

  std::string to_json() const {
    return detail::JsonObject()
        .add("match", match)
        .add_if_any("name", name)
        .add("max_attempts", max_attempts)
        .add("attempt_ms", detail::milliseconds(attempt))
        .add("total_ms", detail::milliseconds(total))
        .add("limiter", limiter)
        .add("automatic_key", automatic_key)
        .add("skip_breaker", skip_breaker)
        .text();
  }
};

/// What the client keeps of responses.  @since 1.2
struct HttpCache {
  std::optional<bool> enabled{};
  std::optional<std::chrono::seconds> stale_if_error{};
  std::optional<std::int32_t> heuristic_percent{};
  std::optional<bool> keep_cookies{};
  std::optional<std::int64_t> max_entry_bytes{};

  std::string to_json() const {
    return detail::JsonObject()
        .add("enabled", enabled)
        .add("stale_if_error_s", stale_if_error)
        .add("heuristic_percent", heuristic_percent)
        .add("keep_cookies", keep_cookies)
        .add("max_entry_bytes", max_entry_bytes)
        .text();
  }
};

/// The least version of TLS.  @since 1.2
enum class TlsVersion : std::int32_t { k12, k13 };

/// As configurations spell it.  @threads any  @since 1.2
constexpr std::string_view name(TlsVersion version) noexcept {
  return version == TlsVersion::k12 ? "1.2" : "1.3";
}

/// Whom to trust, and who one is; the key of a certificate comes as a secret.  @since 1.2
struct HttpTls {
  std::optional<TlsVersion> min_version{};
  std::string ca_file{};            ///< PEM, instead of the system's.
  std::vector<std::string> pins{};  ///< "sha256/" and base64 of a public key's SHA-256: two at least.
  std::string certificate_file{};   ///< PEM, of the client.

  std::string to_json() const {
    return detail::JsonObject()
        .add("min_version", min_version)
        .add_if_any("ca_file", ca_file)
        .add_if_any("pins", pins)
        .add_if_any("certificate_file", certificate_file)
        .text();
  }
};

/// The trust of some hosts.  @since 1.2
struct HttpHost {
  std::string match{};  ///< Required: a name, or "*.example.com".
  HttpTls tls{};

  std::string to_json() const { return detail::JsonObject().add("match", match).add("tls", tls).text(); }
};

/// Configuration of HttpClient::open(), and of an application's client.  @since 1.2
struct HttpConfig {
  std::string base_url{};  ///< Relative URLs are below it.
  std::map<std::string, std::string> headers{};
  std::optional<HttpTimeouts> timeouts{};
  std::optional<HttpRetry> retry{};
  std::optional<HttpRetryBudget> budget{};
  std::optional<HttpBreaker> breaker{};
  std::optional<HttpConnectivity> connectivity{};
  std::optional<HttpLimiter> limiter{};  ///< Of each host.
  std::optional<HttpIdempotency> idempotency{};
  std::optional<HttpProxies> proxies{};
  std::optional<HttpSizes> sizes{};
  std::optional<HttpPool> pool{};
  std::vector<HttpRoute> routes{};
  std::optional<HttpCache> cache{};
  std::optional<HttpTls> tls{};
  std::vector<HttpHost> hosts{};
  std::vector<std::string> internal_hosts{};  ///< Plain HTTP goes to these and to the own machine only.
  std::string user_agent{};                   ///< The application's, before the library's own.
  std::string request_id_header{};            ///< "X-Request-Id": each request gets a number in it.
  std::optional<bool> trace_spans{};          ///< Each attempt is a span of W3C Trace Context.
  std::optional<std::vector<std::int32_t>> queue_marks{};  ///< So many requests under way are an event.
  std::optional<std::int32_t> max_hosts{};                 ///< That are remembered.

  std::string to_json() const {
    return detail::JsonObject()
        .add_if_any("base_url", base_url)
        .add_if_any("headers", headers)
        .add("timeouts", timeouts)
        .add("retry", retry)
        .add("budget", budget)
        .add("breaker", breaker)
        .add("connectivity", connectivity)
        .add("limiter", limiter)
        .add("idempotency", idempotency)
        .add("proxies", proxies)
        .add("sizes", sizes)
        .add("pool", pool)
        .add_if_any("routes", routes)
        .add("cache", cache)
        .add("tls", tls)
        .add_if_any("hosts", hosts)
        .add_if_any("internal_hosts", internal_hosts)
        .add_if_any("user_agent", user_agent)
        .add_if_any("request_id_header", request_id_header)
        .add("trace_spans", trace_spans)
        .add("queue_marks", queue_marks)
        .add("max_hosts", max_hosts)
        .text();
  }
};

}  // namespace tessera::inline v1

#endif
