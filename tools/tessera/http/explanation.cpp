#include "http/explanation.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

namespace tessera::cli {
namespace {

using Phase = std::pair<HttpPhase, std::string_view>;
constexpr std::array kPhases = {
    Phase{HttpPhase::kResolved, "resolved"},    Phase{HttpPhase::kConnected, "connected"},
    Phase{HttpPhase::kSecured, "secured"},      Phase{HttpPhase::kSent, "sent"},
    Phase{HttpPhase::kFirstByte, "first_byte"}, Phase{HttpPhase::kEnded, "ended"}};

constexpr int kMicrosPerMilli = 1000;

std::string milliseconds(std::chrono::microseconds time) {
  std::array<char, 32> text{};
  const int size =
      std::snprintf(text.data(), text.size(), "%.1f ms", static_cast<double>(time.count()) / kMicrosPerMilli);
  return {text.data(), static_cast<size_t>(std::max(size, 0))};
}

std::string padded(std::string text, size_t width, bool is_right = false) {
  if (text.size() < width) text.insert(is_right ? 0 : text.size(), width - text.size(), ' ');
  return text;
}

/// A connection that was there costs no time to make.
bool is_reused(const HttpResponse& response) { return response.time(HttpPhase::kConnected).count() == 0; }

std::string version_text(std::int32_t version) {
  return version == 20 ? "HTTP/2" : version == 10 ? "HTTP/1.0" : "HTTP/1.1";
}

std::string counted(std::int64_t count, std::string_view what) {
  return std::to_string(count).append(" ").append(what).append(count == 1 ? "" : "s");
}

std::string host_line(const Json& host) {
  const Json& breaker = host.at("breaker");
  std::string line =
      "  " + host.at("host").get<std::string>() + ": breaker " + breaker.at("state").get<std::string>();
  if (const auto until = breaker.find("retry_at_ms"); until != breaker.end()) {
    line += " until " + utc_text(until->get<std::int64_t>() / 1000);
  }
  return line + ", " + host.at("budget").dump() + " retry tokens, " +
         std::to_string(host.at("in_flight").get<std::int64_t>()) + " under way, " +
         std::to_string(host.at("pending").get<std::int64_t>()) + " waiting\n";
}

std::string route_line(const std::string& name, const Json& route) {
  std::string line = "  " + name + ":";
  for (const auto& [outcome, count] : route.at("calls").items()) {
    line += " " + std::to_string(count.get<std::int64_t>()) + " x " + outcome + ",";
  }
  return line + " " + counted(route.at("retries").get<std::int64_t>(), "more attempt") + "\n";
}

}  // namespace

std::string without_query(std::string_view url) {
  const size_t query = url.find('?');
  return query == std::string_view::npos ? std::string(url)
                                         : std::string(url.substr(0, query)).append("?...");
}

std::string explained(const HttpResponse& response) {
  std::string text = without_query(response.url()) + "\n  status " + std::to_string(response.status()) +
                     ", " + version_text(response.version()) + ", " +
                     counted(response.attempts(), "attempt") +
                     (response.from_cache() ? ", from the cache" : "") + "\n";
  for (const HttpTrace& event : response.trace()) {
    text += padded(milliseconds(event.at), 14, true) + "  " + padded(std::string(event.stage), 12) +
            std::string(event.text) + "\n";
  }
  if (response.attempts() == 0) return text;
  text += is_reused(response) ? "  connection: was there" : "  connection: new";
  for (const auto& [phase, name] : kPhases) {
    const auto time = response.time(phase);
    if (time.count() > 0) text.append(", ").append(name).append(" ").append(milliseconds(time));
  }
  return text + "\n";
}

Json explained_json(const HttpResponse& response) {
  Json trace = Json::array();
  for (const HttpTrace& event : response.trace()) {
    trace.push_back({{"at_us", event.at.count()}, {"stage", event.stage}, {"text", event.text}});
  }
  Json phases = Json::object();
  for (const auto& [phase, name] : kPhases) {
    const auto time = response.time(phase).count();
    if (time > 0) phases[std::string(name).append("_us")] = time;
  }
  Json out{{"trace", std::move(trace)}, {"phases", std::move(phases)}};
  if (response.attempts() > 0) out["connection_reused"] = is_reused(response);
  return out;
}

std::string standing(const Json& state, const Json& metrics) {
  std::string text = "network: " + state.at("connectivity").get<std::string>() + "\nhosts:\n";
  for (const Json& host : state.at("hosts")) text += host_line(host);
  for (const Json& proxy : state.at("proxies")) {
    text +=
        "  proxy " + proxy.at("url").get<std::string>() + ": " + proxy.at("state").get<std::string>() + "\n";
  }
  text += "counters:\n";
  for (const auto& [name, route] : metrics.at("routes").items()) text += route_line(name, route);
  return text;
}

}  // namespace tessera::cli
