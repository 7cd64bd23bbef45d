// One logical call on its way through the policies. On the loop's thread.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/client/auth.hpp"
#include "http/client/engine.hpp"
#include "http/client/request.hpp"
#include "http/policy/retry.hpp"

namespace tessera::http {

class Call final : public std::enable_shared_from_this<Call>,
                   private WireSink,
                   private Waiter,
                   private AuthWaiter,
                   private Timer {
 public:
  Call(Engine& engine, Request request, Receiver& receiver);
  ~Call() override;

  void begin();
  /// Ends it wherever it is; nothing more happens once it has ended.
  void end(Error error);
  void cancel();
  /// After a pause of the receiver or the source.
  void resume();

 private:
  friend class Engine;

  /// Fires when the whole call took too long; the call's own timer is for its waits.
  class Deadline final : public Timer {
   public:
    explicit Deadline(Call& call) : call_(call) {}
    void fire() override { call_.on_deadline(); }

   private:
    Call& call_;
  };

  // call.cpp: from the beginning to the end.
  Status resolve();
  void on_deadline();
  void finish(Result<Response> result);
  void leave_host(Outcome outcome);
  void log(const Result<Response>& result);
  void trace(std::string_view stage, std::string text);
  std::string target() const;
  std::string_view route_name() const;
  int64_t elapsed_us() const;

  // call_cache.cpp
  bool uses_cache() const;
  CacheRequest cache_request() const;
  void look_in_cache();
  void on_found(ResponseCache::Found found);
  void answer_from_cache();
  void refresh_behind();
  void on_not_modified();
  void keep_in_cache(const Response& response);

  // call_attempt.cpp: admission, turn, credential, attempt, and again.
  void enter_host();
  void await_turn();
  void authorize();
  void send();
  void fire() override;  // the wait before a retry is over
  void on_turn() override;
  void on_credential(Result<Credential> credential) override;
  Flow on_head(WireHead head) override;
  Flow on_body(ByteView piece) override;
  void on_end(WireResult result) override;
  void note_limits();
  void plan();
  RetryDecision decide(const Attempt& attempt);
  void retry(const RetryDecision& decision);
  void deliver();
  void fail(const WireResult& result);

  // call_redirect.cpp
  bool is_redirect() const;
  void follow();

  enum class Stage : uint8_t { kNew, kCache, kTurn, kAuth, kWire, kPause, kDone };
  /// What is to become of the response whose head has come.
  enum class Plan : uint8_t { kDeliver, kRetry, kRateLimited, kRedirect, kReauthorize, kConfirm };

  Engine& engine_;
  Request request_;
  Receiver& receiver_;
  std::list<Call*>::iterator place_;
  std::shared_ptr<Call> self_;  // while it runs

  Stage stage_ = Stage::kNew;
  Deadline deadline_{*this};
  int64_t started_ms_ = 0, started_us_ = 0, deadline_ms_ = INT64_MAX;
  Url url_;
  std::string url_text_;
  Host* host_ = nullptr;
  Route* route_ = nullptr;
  bool has_route_turn_ = false, is_admitted_ = false, has_last_ = false;
  int attempts_ = 0, attempts_here_ = 0, redirects_ = 0, other_routes_ = 0;
  Ticket breaker_ticket_, reach_ticket_;
  bool is_probe_ = false;
  std::optional<uint64_t> rejected_;  // the credential that a 401 came to
  std::optional<Credential> credential_;
  bool has_reauthorized_ = false;
  std::optional<size_t> proxy_;

  WireRequest wire_;
  Exchange* exchange_ = nullptr;
  int64_t sent_wall_ms_ = 0, head_wall_ms_ = 0;
  Plan plan_ = Plan::kDeliver;
  RetryDecision decision_;
  Response response_;
  bool receiver_has_head_ = false;
  Attempt last_;

  std::optional<Entry> stored_;
  CacheDecision cached_;
  bool is_unconditional_ = false;  // a 304 was of no use
};

}  // namespace tessera::http
