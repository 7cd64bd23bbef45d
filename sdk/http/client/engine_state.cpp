// How a client stands: what is told of it, what is remembered, and what the application may change.
#include <algorithm>
#include <utility>

#include "http/client/call.hpp"
#include "http/client/engine.hpp"
#include "http/policy/breaker_record.hpp"

namespace tessera::http {
namespace {

constexpr int64_t kSameGateMs = 1'000;  // a gate that moves by less is no news

}  // namespace

void Engine::tell(const Event& event) const {
  if (events != nullptr) events->on_event(event);
}

void Engine::note_breaker(Host& host) {
  const BreakerState before = host.told_breaker;
  if (host.breaker.state() == before) return;
  tell_breaker(host);
  // Half-open it is kept as the open one that it would be again.
  const bool was_kept = before == BreakerState::kOpen && host.told_breaker == BreakerState::kHalfOpen;
  if (!was_kept) remember(host);
}

void Engine::tell_breaker(Host& host) {
  host.told_breaker = host.breaker.state();
  Event event{EventKind::kBreaker, host.origin, breaker_state_name(host.told_breaker)};
  if (host.told_breaker == BreakerState::kOpen) {
    event.until_ms = wall_of(loop.now_ms() + host.breaker.left_ms(loop.now_ms()));
  }
  tell(event);
}

void Engine::note_reach() {
  if (connectivity.reach() == told_reach_) return;
  told_reach_ = connectivity.reach();
  tell({EventKind::kConnectivity, {}, reach_name(told_reach_)});
}

void Engine::note_limits(Host& host) {
  if (events == nullptr) return;
  for (const Lane lane : {Lane::kForeground, Lane::kBackground}) {
    const bool is_all = lane == Lane::kForeground;
    int64_t& told_ms = host.told_gates_ms[is_all ? 0 : 1];
    const int64_t until_ms = host.line.gated_until_ms(lane);
    if (until_ms <= loop.now_ms() || until_ms < told_ms + kSameGateMs) continue;
    told_ms = until_ms;
    if (is_all) host.told_gates_ms[1] = std::max(host.told_gates_ms[1], until_ms);
    tell(
        {EventKind::kLimiter, host.origin, is_all ? "throttled" : "background_throttled", wall_of(until_ms)});
  }
}

void Engine::note_proxy(size_t index) {
  const bool is_bad = proxies.is_bad(index, loop.now_ms());
  tell({EventKind::kProxy, proxies[index].url, is_bad ? "bad" : "good",
        is_bad ? wall_of(proxies.bad_until_ms(index)) : 0});
}

void Engine::note_queue(bool is_rising) {
  const std::vector<int64_t>& marks = config.queue_marks;
  const auto count = static_cast<int64_t>(calls_.size());
  if (is_rising) {
    if (marks_passed_ == marks.size() || count < marks[marks_passed_]) return;
    const int64_t mark = marks[marks_passed_++];
    return tell({EventKind::kQueue, {}, "above", 0, mark});
  }
  // Half of it: around the mark itself each call would be news.
  if (marks_passed_ == 0 || count > marks[marks_passed_ - 1] / 2) return;
  const int64_t mark = marks[--marks_passed_];
  tell({EventKind::kQueue, {}, "below", 0, mark});
}

void Engine::remember(const Host& host) {
  if (breakers_ == nullptr) return;
  in_background([memory = breakers_, origin = host.origin,
                 record = write_record(host.breaker.record(loop.now_ms(), clock.wall_ms()))] {
    memory->save(origin, record);
  });
}

Json Engine::state_json() const {
  Json hosts = Json::array();
  int64_t in_flight = 0;
  const int64_t now_ms = loop.now_ms();
  for (const auto& [origin, place] : hosts_) {
    const Host& host = **place;
    Json breaker = {{"state", breaker_state_name(host.breaker.state())}, {"trips", host.breaker.trips()}};
    if (host.breaker.state() != BreakerState::kClosed) {
      breaker["retry_at_ms"] = wall_of(now_ms + host.breaker.left_ms(now_ms));
    }
    hosts.push_back({{"host", origin},
                     {"breaker", std::move(breaker)},
                     {"budget", static_cast<double>(host.budget.thousandths()) / 1000},
                     {"pending", host.line.pending()},
                     {"in_flight", host.in_flight}});
    in_flight += host.in_flight;
  }
  Json list = Json::array();
  for (size_t i = 0; i < proxies.size(); ++i) {
    const bool is_bad = proxies.is_bad(i, now_ms);
    Json proxy = {{"url", proxies[i].url}, {"state", is_bad ? "bad" : "good"}};
    if (is_bad) proxy["retry_at_ms"] = wall_of(proxies.bad_until_ms(i));
    list.push_back(std::move(proxy));
  }
  return {{"connectivity", reach_name(connectivity.reach())},
          {"hosts", std::move(hosts)},
          {"proxies", std::move(list)},
          {"in_flight", in_flight},
          {"queued", static_cast<int64_t>(calls_.size()) - in_flight}};
}

void Engine::reset_breaker(std::string_view host) {
  for (const std::shared_ptr<Host>& known : recent_) {
    if (!host.empty() && !same_name(host, known->name) && !same_name(host, known->origin)) continue;
    known->breaker.reset();
    note_breaker(*known);
  }
  std::erase_if(remembered_, [&](const auto& entry) {
    const Result<Url> url = parse_url(entry.first);
    const bool is_meant =
        host.empty() || same_name(host, entry.first) || (url.ok() && same_name(host, url->host));
    if (is_meant && breakers_ != nullptr) {
      in_background([memory = breakers_, origin = entry.first] { memory->save(origin, {}); });
    }
    return is_meant;
  });
}

void Engine::network_changed() {
  connectivity.on_network_change(loop.now_ms());
  for (const std::shared_ptr<Host>& host : recent_) {
    host->breaker.on_network_change();
    note_breaker(*host);
  }
}

}  // namespace tessera::http
