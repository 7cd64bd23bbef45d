#include "http/delivery/rests.hpp"

#include <algorithm>
#include <utility>

namespace tessera::http {

std::string host_part(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::string(url.starts_with('/') ? url.substr(0, 1) : url);
  const size_t path = url.find('/', scheme + 3);
  return std::string(url.substr(0, path == std::string_view::npos ? path : path + 1));
}

void Rests::begin(std::string_view host, const Rest& rest, std::string_view text, int64_t now_ms) {
  const bool is_for_all = rest.is_for_all || (find(host) == nullptr && all_.size() >= kMostHosts);
  const std::string_view name = is_for_all ? std::string_view() : host;
  const int64_t until_ms = now_ms + rest.for_ms;
  if (One* const known = find(name)) {
    known->until_ms = std::max(known->until_ms, until_ms);
    if (std::exchange(known->reason, rest.reason) == rest.reason) return;
  } else {
    all_.push_back({std::string(name), rest.reason, until_ms});
  }
  changes_.push_back({true, std::string(name), rest.reason, std::string(text)});
}

bool Rests::may_send(int64_t now_ms) const {
  return std::ranges::none_of(all_, [&](const One& one) { return one.host.empty() && holds(one, now_ms); });
}

std::vector<std::string> Rests::held(int64_t now_ms) const {
  std::vector<std::string> hosts;
  for (const One& one : all_) {
    if (!one.host.empty() && holds(one, now_ms)) hosts.push_back(one.host);
  }
  return hosts;
}

bool Rests::wants_probe(int64_t now_ms) const {
  return !std::ranges::all_of(all_, [&](const One& one) { return holds(one, now_ms); });
}

bool Rests::on_sent(std::string_view host, int64_t now_ms) {
  bool is_probe = false;
  for (One& one : all_) {
    if ((!one.host.empty() && one.host != host) || holds(one, now_ms)) continue;
    one.is_probed = is_probe = true;
  }
  return is_probe;
}

void Rests::on_probed(std::string_view host, int64_t now_ms) {
  for (size_t i = all_.size(); i-- > 0;) {
    One& one = all_[i];
    if ((!one.host.empty() && one.host != host) || !std::exchange(one.is_probed, false)) continue;
    one.proofs = one.until_ms <= now_ms ? one.proofs + 1 : 0;
    if (one.proofs == kProofs) end(i);
  }
}

void Rests::on_idle(int64_t now_ms) {
  for (size_t i = all_.size(); i-- > 0;) {
    if (!holds(all_[i], now_ms)) end(i);
  }
}

void Rests::cut_short(int64_t now_ms) {
  for (One& one : all_) one.until_ms = std::min(one.until_ms, now_ms);
}

std::optional<int64_t> Rests::next_ms(int64_t now_ms) const {
  std::optional<int64_t> next;
  for (const One& one : all_) {
    if (!one.is_probed && one.until_ms > now_ms) next = std::min(next.value_or(one.until_ms), one.until_ms);
  }
  return next;
}

std::vector<Rests::Change> Rests::take_changes() { return std::exchange(changes_, {}); }

void Rests::end(size_t index) {
  const auto place = all_.begin() + static_cast<std::ptrdiff_t>(index);
  changes_.push_back({false, std::move(place->host), place->reason, {}});
  all_.erase(place);
}

Rests::One* Rests::find(std::string_view host) {
  const auto found = std::ranges::find(all_, host, &One::host);
  return found == all_.end() ? nullptr : &*found;
}

}  // namespace tessera::http
