#include "http/policy/metrics.hpp"

#include <algorithm>

#include "text/utf8.hpp"

namespace tessera::http {
namespace {

constexpr std::string_view kOther = "other";
constexpr size_t kMaxName = 128;
constexpr std::array<std::string_view, 5> kStatusClassNames{"1xx", "2xx", "3xx", "4xx", "5xx"};
constexpr std::array<std::string_view, 5> kLocalEndNames{"cached", "breaker_open", "offline", "queue_full",
                                                         "rate_limited"};
// Bounds of the exported histogram: 1 ms to 67 s, as powers of two in microseconds.
constexpr int kLeastPower = 10, kMostPower = 26;

void append_label(std::string* out, std::string_view name, std::string_view value) {
  out->append(out->back() == '{' ? "" : ",").append(name).append("=\"");
  for (const char c : value) {
    if (c == '\n') {
      out->append("\\n");
      continue;
    }
    if (c == '"' || c == '\\') out->push_back('\\');
    out->push_back(c);
  }
  out->push_back('"');
}

std::string seconds(int64_t us) {
  std::string fraction = std::to_string(us % 1'000'000);
  fraction.insert(0, 6 - fraction.size(), '0');
  return std::to_string(us / 1'000'000) + "." + fraction;
}

struct Label {
  std::string_view name, value;
};

void append_sample(std::string* out, std::string_view name, std::initializer_list<Label> labels,
                   std::string_view value) {
  out->append(name).append("{");
  for (const Label& label : labels) append_label(out, label.name, label.value);
  out->append("} ").append(value).append("\n");
}

void append_head(std::string* out, std::string_view name, std::string_view type, std::string_view help) {
  out->append("# HELP ").append(name).append(" ").append(help).append("\n");
  out->append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void append_latency(std::string* out, std::string_view route, const Latency& latency) {
  constexpr std::string_view kBucket = "tessera_http_call_duration_seconds_bucket";
  for (int power = kLeastPower; power <= kMostPower; ++power) {
    append_sample(out, kBucket, {{"route", route}, {"le", seconds(int64_t{1} << power)}},
                  std::to_string(latency.count_up_to(power)));
  }
  const std::string count = std::to_string(latency.count());
  append_sample(out, kBucket, {{"route", route}, {"le", "+Inf"}}, count);
  append_sample(out, "tessera_http_call_duration_seconds_sum", {{"route", route}}, seconds(latency.sum_us()));
  append_sample(out, "tessera_http_call_duration_seconds_count", {{"route", route}}, count);
}

Json latency_json(const Latency& latency) {
  return {{"count", latency.count()},        {"sum", latency.sum_us()},
          {"min", latency.least_us()},       {"max", latency.most_us()},
          {"p50", latency.quantile_us(500)}, {"p95", latency.quantile_us(950)},
          {"p99", latency.quantile_us(990)}};
}

}  // namespace

void Metrics::on_call(std::string_view route, const Attempt& last, int retries, int64_t duration_us) {
  Route& counted = at(route);
  ++counted.calls[outcome_of_call(last)];
  counted.retries += retries;
  counted.latency.add(duration_us);
}

void Metrics::on_local_end(std::string_view route, LocalEnd end) {
  ++at(route).calls[kStatusClasses + kFailures + static_cast<size_t>(end)];
}

void Metrics::merge(const Metrics& other) {
  for (const auto& [name, from] : other.routes_) {
    Route& to = at(name);
    for (size_t i = 0; i < kOutcomes; ++i) to.calls[i] += from.calls[i];
    to.retries += from.retries;
    to.latency.merge(from.latency);
  }
}

Json Metrics::to_json() const {
  Json routes = Json::object();
  for (const auto& [name, route] : routes_) {
    Json calls = Json::object();
    for (size_t i = 0; i < kOutcomes; ++i) {
      if (route.calls[i] > 0) calls[std::string(outcome_name(i))] = route.calls[i];
    }
    routes[name] = {
        {"calls", std::move(calls)}, {"retries", route.retries}, {"latency_us", latency_json(route.latency)}};
  }
  return {{"routes", std::move(routes)}};
}

std::string Metrics::to_prometheus() const {
  std::string out;
  append_head(&out, "tessera_http_calls_total", "counter", "Calls by route and outcome.");
  for (const auto& [name, route] : routes_) {
    for (size_t i = 0; i < kOutcomes; ++i) {
      if (route.calls[i] == 0) continue;
      append_sample(&out, "tessera_http_calls_total", {{"route", name}, {"outcome", outcome_name(i)}},
                    std::to_string(route.calls[i]));
    }
  }
  append_head(&out, "tessera_http_retries_total", "counter", "Attempts after the first one of a call.");
  for (const auto& [name, route] : routes_) {
    append_sample(&out, "tessera_http_retries_total", {{"route", name}}, std::to_string(route.retries));
  }
  append_head(&out, "tessera_http_call_duration_seconds", "histogram",
              "From a call's start to its end, retries and waits included.");
  for (const auto& [name, route] : routes_) append_latency(&out, name, route.latency);
  return out;
}

size_t Metrics::outcome_of_call(const Attempt& last) {
  if (last.failure != Failure::kNone) return kStatusClasses - 1 + static_cast<size_t>(last.failure);
  return static_cast<size_t>(std::clamp(last.status / 100, 1, 5) - 1);
}

std::string_view Metrics::outcome_name(size_t outcome) {
  if (outcome < kStatusClasses) return kStatusClassNames[outcome];
  outcome -= kStatusClasses;
  if (outcome < kFailures) return failure_name(static_cast<Failure>(outcome + 1));
  return kLocalEndNames[outcome - kFailures];
}

Metrics::Route& Metrics::at(std::string_view route) {
  if (route.empty() || route.size() > kMaxName || !is_utf8(route)) route = kOther;
  const auto found = routes_.find(route);
  if (found != routes_.end()) return found->second;
  if (routes_.size() >= max_routes_) route = kOther;
  return routes_[std::string(route)];
}

}  // namespace tessera::http
