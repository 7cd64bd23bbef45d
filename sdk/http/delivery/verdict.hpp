// What the end of a call means for the queued request that it carried.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/client/request.hpp"

namespace tessera::http {

/// Why nothing, or not everything, is sent.
enum class PauseReason : uint8_t {
  kOffline,       // this machine reaches no network
  kUnavailable,   // the host's breaker is open, or the host said when to come again
  kUnauthorized,  // the account has to be authorised again
  kBusy,          // the client has too much to do
  kClosed,        // the client is closed
  kStore,         // the queue can't be read or written
  kConsent,       // the user has not agreed
};
/// "offline", "unavailable", ...
std::string_view pause_reason_name(PauseReason reason);

struct Rest {
  PauseReason reason = PauseReason::kOffline;
  int64_t for_ms = 0;
  bool is_for_all = false;  // else for the host
};

struct Verdict {
  enum class Fate : uint8_t {
    kDelivered,
    kDead,     // would fail again
    kRetry,    // later
    kPutBack,  // was not sent: as if it had not been tried
  };
  Fate fate = Fate::kRetry;
  std::string text;            // one sentence, unless delivered
  int64_t retry_after_ms = 0;  // of kRetry; 0: when the queue says
  std::optional<Rest> rest;
};

/// `wall_ms`: when it ended. Redirects are not followed: a request that was kept for days goes where it was
/// meant for, or waits for somebody to look.
Verdict judge(const Result<Response>& ended, int64_t wall_ms);

}  // namespace tessera::http
