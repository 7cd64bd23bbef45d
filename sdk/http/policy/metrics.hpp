// What became of the calls, by route.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "http/policy/failure.hpp"
#include "http/policy/latency.hpp"
#include "text/json.hpp"

namespace tessera::http {

/// Calls that no attempt ended.
enum class LocalEnd : uint8_t { kCached, kBreakerOpen, kOffline, kQueueFull, kRateLimited };

/// Routes beyond the bound, and names that can't be shown, count as "other".
class Metrics {
 public:
  static constexpr size_t kDefaultRoutes = 64;
  explicit Metrics(size_t max_routes = kDefaultRoutes) : max_routes_(max_routes) {}

  /// A call that its last attempt ended, after so many retries.
  void on_call(std::string_view route, const Attempt& last, int retries, int64_t duration_us);
  void on_local_end(std::string_view route, LocalEnd end);
  void merge(const Metrics& other);

  /// {"routes": {name: {"calls": {outcome: count}, "retries", "latency_us": {...}}}}
  Json to_json() const;
  /// Text format 0.0.4.
  std::string to_prometheus() const;

 private:
  static constexpr size_t kStatusClasses = 5, kLocalEnds = 5;
  static constexpr size_t kFailures = static_cast<size_t>(Failure::kCallback);
  static constexpr size_t kOutcomes = kStatusClasses + kFailures + kLocalEnds;
  struct Route {
    std::array<int64_t, kOutcomes> calls{};
    int64_t retries = 0;
    Latency latency;
  };

  static size_t outcome_of_call(const Attempt& last);
  static std::string_view outcome_name(size_t outcome);
  Route& at(std::string_view route);

  size_t max_routes_;
  std::map<std::string, Route, std::less<>> routes_;
};

}  // namespace tessera::http
