// Whether this machine reaches the network at all; that it does not is no host's failure, and has its own
// pace of trying again.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "http/policy/admission.hpp"
#include "http/policy/failure.hpp"

namespace tessera::http {

enum class Reach : uint8_t { kOnline, kOffline, kCaptive };
/// "online", "offline", "captive".
std::string_view reach_name(Reach reach);

struct ConnectivityConfig {
  bool is_strict = false;  // the breaker counts what fails for want of a network, see outcome_of()
  int64_t backoff_ms = 1'000;
  int64_t max_backoff_ms = 60'000;
  int64_t in_use_ms = 600'000;      // a host called within this time is in use
  int64_t probe_lease_ms = 60'000;  // the total deadline of a call
};

/// Offline: no route; or names that fail for two hosts without an answer between, or for one host when no
/// other is in use. Captive: a portal answers instead of the host. Online again at the first answer. One for
/// all hosts.
class Connectivity {
 public:
  Connectivity(const ConnectivityConfig& config, Random& random);

  /// Offline or captive, one call at a time goes through, after a growing pause.
  Admission admit(int64_t now_ms);
  /// The end of an attempt.
  void report(std::string_view host, const Attempt& attempt, const Ticket& ticket, int64_t now_ms);
  /// What looked like an answer was a portal's: a redirect to a sign-in page, or its certificate. Instead of
  /// report().
  void on_captive(const Ticket& ticket, int64_t now_ms);
  /// The next call may try at once.
  void on_network_change(int64_t now_ms);

  Reach reach() const { return reach_; }

 private:
  struct Use {
    std::string host;
    int64_t last_ms = 0;
  };

  void note_use(std::string_view host, int64_t now_ms);
  bool other_in_use(std::string_view host, int64_t now_ms) const;
  bool names_fail(std::string_view host, int64_t now_ms);
  void enter(Reach reach, bool is_probe, int64_t now_ms);
  void leave();
  void pause(int64_t now_ms);

  const ConnectivityConfig config_;
  Random& random_;
  Reach reach_ = Reach::kOnline;
  std::array<Use, 2> uses_;  // the last two hosts, the newer first
  std::string unresolved_;   // the first host whose name failed since the last answer
  ProbeSlot slot_;
  int64_t next_probe_ms_ = 0, doublings_ = 0;
};

}  // namespace tessera::http
