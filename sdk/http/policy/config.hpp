// What an application may configure of the policies. Every default is the design's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "http/policy/breaker.hpp"
#include "http/policy/connectivity.hpp"
#include "http/policy/idempotency.hpp"
#include "http/policy/limiter.hpp"
#include "http/policy/proxy_list.hpp"
#include "http/policy/retry.hpp"
#include "http/policy/retry_budget.hpp"
#include "text/json.hpp"

namespace tessera::http {

struct TimeoutConfig {
  int64_t connect_ms = 10'000;
  int64_t attempt_ms = 30'000;
  int64_t total_ms = 60'000;
  int64_t stall_ms = 30'000;  // slower than the next line for so long ends the attempt
  int64_t stall_bytes_per_s = 1;
};

/// Against answers without end.
struct SizeConfig {
  int64_t max_redirects = 5;
  int64_t max_pages = 1'000;
  int64_t max_body_bytes = int64_t{32} << 20;  // after decoding
  int64_t max_header_bytes = int64_t{256} << 10;
  int64_t max_expansion = 100;                      // decoded to received bytes
  int64_t expansion_free_bytes = int64_t{1} << 20;  // decoded, before that ratio matters
};

struct PoolConfig {
  int64_t per_host = 8;
  int64_t idle_ms = 60'000;
};

/// What calls of a route do otherwise; see RouteTable for the pattern.
struct RouteConfig {
  std::string match;
  std::string name;  // for counters; the pattern unless given
  std::optional<int> max_attempts;
  std::optional<int64_t> attempt_ms, total_ms;
  std::optional<LimiterConfig> limiter;  // beside the host's
  std::optional<bool> is_key_automatic;
  bool skips_breaker = false;
};

struct HttpPolicyConfig {
  TimeoutConfig timeouts;
  RetryConfig retry;
  RetryBudgetConfig budget;
  BreakerConfig breaker;  // of each host
  ConnectivityConfig connectivity;
  LimiterConfig limiter;  // of each host
  IdempotencyConfig idempotency;
  ProxyListConfig proxies;
  SizeConfig sizes;
  PoolConfig pool;
  std::vector<RouteConfig> routes;
};

/// An object of sections, "timeouts", "retry", "budget", "breaker", "connectivity", "limiter", "idempotency",
/// "proxies", "sizes", "pool", and an array "routes"; what is absent keeps its default. "breaker" may begin
/// from a "preset": "client" or "safety_switch". A limiter's rate is so many "per" "second", "minute" or
/// "hour"; its "spacing_ms" {"min", "max"} is 2 to 5 s once it is there. ARG names the section, the member
/// and its range, never a value; a secret is refused, also inside the URL of a proxy.
Result<HttpPolicyConfig> read_policy_config(const Json& object);

}  // namespace tessera::http
