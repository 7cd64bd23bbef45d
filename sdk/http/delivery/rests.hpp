// Hosts, or all of them, to which nothing is sent for a time; then single requests find out whether it is
// over.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/delivery/verdict.hpp"

namespace tessera::http {

/// "https://host:1/" of an absolute URL as it is written, "/" of a relative one: what a rest is for.
std::string host_part(std::string_view url);

class Rests {
 public:
  /// Each costs the queue a comparison for each request; more are one for all.
  static constexpr size_t kMostHosts = 64;
  /// So many requests come through, one after another, before they go side by side: as many as a breaker
  /// wants that has let one through.
  static constexpr int kProofs = 2;

  struct Change {
    bool is_paused = false;  // else resumed
    std::string host;        // empty: all
    PauseReason reason = PauseReason::kOffline;
    std::string text;
  };

  /// Longer, when it rests already.
  void begin(std::string_view host, const Rest& rest, std::string_view text, int64_t now_ms);
  /// False while all rest, or one request finds out whether they have to.
  bool may_send(int64_t now_ms) const;
  /// Hosts to which nothing goes now.
  std::vector<std::string> held(int64_t now_ms) const;
  /// Some time is over, and nobody knows yet what comes: one request at a time.
  bool wants_probe(int64_t now_ms) const;
  /// A request goes to `host`. True: it is to find out, so its end is for on_probed().
  bool on_sent(std::string_view host, int64_t now_ms);
  /// That one has ended. It came through, unless it met another rest, which was begun before.
  void on_probed(std::string_view host, int64_t now_ms);
  /// Nothing is there that could find out.
  void on_idle(int64_t now_ms);
  /// Nothing waits any longer for its time.
  void cut_short(int64_t now_ms);
  /// When the next time is over.
  std::optional<int64_t> next_ms(int64_t now_ms) const;
  /// What happened since the last call.
  std::vector<Change> take_changes();

 private:
  struct One {
    std::string host;  // empty: all
    PauseReason reason;
    int64_t until_ms;
    bool is_probed = false;
    int proofs = 0;
  };
  One* find(std::string_view host);
  void end(size_t index);
  static bool holds(const One& one, int64_t now_ms) { return one.is_probed || one.until_ms > now_ms; }

  std::vector<One> all_;
  std::vector<Change> changes_;
};

}  // namespace tessera::http
