// When a licence service is asked, and for what. Pure: time and chance come from outside.
#pragma once

#include <cstdint>
#include <optional>

#include "base/random.hpp"
#include "license/service.hpp"

namespace tessera {

enum class Contact { kNone, kSync, kHeartbeat, kLists };

struct NextContact {
  Contact what;
  int64_t in_ms;  // 0: now
};

/// What this run knows of earlier calls.
struct ContactHistory {
  int64_t last_sync_ms = 0;  // by the clock of ContactState; a lease's signed time says nothing of the terms
  int64_t last_failure_ms = 0;
  int failures = 0;  // since the last success
  std::optional<int64_t> retry_after_ms;
};

/// A lease is renewed at half of its life, a fifth earlier or later. A licence that says how often it wants
/// to be confirmed, or that ends, is synchronised that often, and every `refresh_after_ms` at least; one that
/// does neither only asks for the lists, which tells nobody of this machine. Failures double a pause from a
/// minute to an hour, or as long as the service asks for. `chance` in [0, 1000) spreads machines.
NextContact next_contact(const ContactState& state, const ContactHistory& history, int64_t refresh_after_ms,
                         int64_t chance);

/// In [0, 1000).
int64_t draw_chance(Random& random);

}  // namespace tessera
