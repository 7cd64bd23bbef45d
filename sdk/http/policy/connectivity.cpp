#include "http/policy/connectivity.hpp"

#include <utility>

#include "http/fields/headers.hpp"
#include "http/policy/jitter.hpp"

namespace tessera::http {
namespace {

constexpr int kNetworkAuthenticationRequired = 511;

enum class Evidence : uint8_t {
  kAnswer,  // the network brought something back
  kNoNetwork,
  kNoName,
  kPortal,
  kFailure,  // the network may or may not be there
  kNothing,  // this side ended it
};

Evidence evidence_of(const Attempt& attempt) {
  switch (attempt.failure) {
    case Failure::kNone:
      return attempt.status == kNetworkAuthenticationRequired ? Evidence::kPortal : Evidence::kAnswer;
    case Failure::kRefused:
    case Failure::kProtocol:
    case Failure::kTooLarge:
      return Evidence::kAnswer;
    case Failure::kNoRoute:
      return Evidence::kNoNetwork;
    case Failure::kResolve:
      return Evidence::kNoName;
    case Failure::kConnect:
    case Failure::kTimeout:
    case Failure::kReset:
    case Failure::kTls:
    case Failure::kPin:
    case Failure::kProxy:
      return Evidence::kFailure;
    case Failure::kCancelled:
    case Failure::kCallback:
      break;
  }
  return Evidence::kNothing;
}

}  // namespace

std::string_view reach_name(Reach reach) {
  switch (reach) {
    case Reach::kOnline:
      return "online";
    case Reach::kOffline:
      return "offline";
    case Reach::kCaptive:
      break;
  }
  return "captive";
}

Connectivity::Connectivity(const ConnectivityConfig& config, Random& random)
    : config_(config), random_(random), slot_(config.probe_lease_ms) {}

Admission Connectivity::admit(int64_t now_ms) {
  if (reach_ == Reach::kOnline) return {.is_allowed = true};
  if (now_ms < next_probe_ms_) return {.retry_after_ms = next_probe_ms_ - now_ms};
  const int64_t taken_ms = slot_.taken_ms(now_ms);
  if (taken_ms > 0) return {.retry_after_ms = taken_ms};
  return slot_.take(now_ms, /*period=*/0);
}

void Connectivity::report(std::string_view host, const Attempt& attempt, const Ticket& ticket,
                          int64_t now_ms) {
  const bool is_probe = slot_.release(ticket.probe);
  note_use(host, now_ms);
  switch (evidence_of(attempt)) {
    case Evidence::kAnswer:
      return leave();
    case Evidence::kNoNetwork:
      return enter(Reach::kOffline, is_probe, now_ms);
    case Evidence::kPortal:
      return enter(Reach::kCaptive, is_probe, now_ms);
    case Evidence::kNoName:
      if (names_fail(host, now_ms)) return enter(Reach::kOffline, is_probe, now_ms);
      break;
    case Evidence::kFailure:
      break;
    case Evidence::kNothing:
      return;
  }
  if (is_probe) pause(now_ms);
}

void Connectivity::on_captive(const Ticket& ticket, int64_t now_ms) {
  enter(Reach::kCaptive, slot_.release(ticket.probe), now_ms);
}

void Connectivity::on_network_change(int64_t now_ms) {
  unresolved_.clear();
  slot_.clear();
  next_probe_ms_ = now_ms;
  doublings_ = 0;
}

void Connectivity::note_use(std::string_view host, int64_t now_ms) {
  if (!same_name(uses_[0].host, host)) {
    std::swap(uses_[0], uses_[1]);
    if (!same_name(uses_[0].host, host)) uses_[0].host = host;
  }
  uses_[0].last_ms = now_ms;
}

bool Connectivity::other_in_use(std::string_view host, int64_t now_ms) const {
  for (const Use& use : uses_) {
    if (!use.host.empty() && !same_name(use.host, host) && now_ms - use.last_ms <= config_.in_use_ms) {
      return true;
    }
  }
  return false;
}

bool Connectivity::names_fail(std::string_view host, int64_t now_ms) {
  if (unresolved_.empty()) unresolved_ = host;
  return !same_name(unresolved_, host) || !other_in_use(host, now_ms);
}

void Connectivity::enter(Reach reach, bool is_probe, int64_t now_ms) {
  // Calls that were under way when the network went tell nothing new.
  const bool is_new = reach_ == Reach::kOnline;
  if (is_new) doublings_ = 0;
  reach_ = reach;
  if (is_new || is_probe) pause(now_ms);
}

void Connectivity::leave() {
  reach_ = Reach::kOnline;
  unresolved_.clear();
  slot_.clear();
}

void Connectivity::pause(int64_t now_ms) {
  next_probe_ms_ =
      now_ms + half_random(random_, doubled(config_.backoff_ms, doublings_, config_.max_backoff_ms));
  if (doublings_ < 62) ++doublings_;
}

}  // namespace tessera::http
