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
#include "http/fields/trace_context.hpp"
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

  /// Fires when a stream that is watched was silent too long.
  class Silence final : public Timer {
   public:
    explicit Silence(Call& call) : call_(call) {}
    void fire() override { call_.on_silence(); }

   private:
    Call& call_;
  };

  // call.cpp: from the beginning to the end.
  Status resolve();
  void set_out();
  void begin_trace();
  void on_deadline();
  void finish(Result<Response> result);
  void leave_host(Outcome outcome);
  void complete(Response* response) const;
  void log(const Result<Response>& result);
  void trace(std::string_view stage, std::string text);
  std::string target() const;
  std::string_view route_name() const;
  int64_t elapsed_us() const;

  // call_cache.cpp
  bool uses_cache() const;
  CacheRequest cache_request() const;
  void look_in_cache();
  void on_found(std::shared_ptr<ResponseCache::Found> found);
  bool is_conditional() const;
  void answer_from_cache();
  bool may_answer_stale(const Attempt& attempt) const;
  void answer_stale();
  void refresh_behind();
  void on_not_modified();
  void keep_in_cache(const Response& response);

  // call_attempt.cpp: admission, turn, credential, attempt, and again.
  void enter_host();
  void await_turn();
  void authorize();
  void send(const std::optional<Credential>& credential);
  void prepare(const std::optional<Credential>& credential);
  Status intercept();
  Flow watch(Flow flow);
  void on_silence();
  void fire() override;  // the wait before the beginning or a retry is over
  void on_turn() override;
  void on_credential(Result<Credential> credential) override;
  Flow on_head(WireHead head) override;
  Flow on_body(ByteView piece) override;
  void on_end(WireResult result) override;
  void note_limits();
  void note_outcome(const Attempt& last, int64_t now_ms);
  void plan();
  bool is_repeatable() const;
  RetryDecision decide(const Attempt& attempt);
  void retry(const RetryDecision& decision);
  void deliver();
  void fail(const WireResult& result);

  // call_redirect.cpp
  bool is_redirect() const;
  void follow();

  enum class Stage : uint8_t { kNew, kCache, kTurn, kAuth, kWire, kPause, kDone };
  /// What is to become of the response whose head has come.
  enum class Plan : uint8_t { kDeliver, kRetry, kRateLimited, kRedirect, kReauthorize, kConfirm, kStale };

  /// What a call has from its first attempt on: one that still waits for its turn is small without.
  struct Flight {
    explicit Flight(Call& call) : silence(call) {}

    WireRequest wire;
    Exchange* exchange = nullptr;
    // Generations of credentials: that of the attempt, and one that a 401 came to and that is to be replaced.
    std::optional<uint64_t> credential, rejected;
    std::optional<size_t> proxy;
    Silence silence;
    int64_t sent_wall_ms = 0, head_wall_ms = 0;
    Plan plan = Plan::kDeliver;
    RetryDecision decision;
    Response response;
    bool receiver_has_head = false;
    std::optional<Attempt> last;  // that has ended
  };

  Engine& engine_;
  Request request_;  // its URL is whole and normalised once it has begun, and has the query
  Receiver& receiver_;
  std::list<Call*>::iterator place_;
  std::shared_ptr<Call> self_;  // while it runs

  Stage stage_ = Stage::kNew;
  bool has_route_turn_ = false, is_admitted_ = false, is_probe_ = false, has_reauthorized_ = false;
  int attempts_ = 0, attempts_here_ = 0, redirects_ = 0, other_routes_ = 0;
  Deadline deadline_{*this};
  int64_t started_ms_ = 0, started_us_ = 0, deadline_ms_ = INT64_MAX;
  Url url_;
  std::shared_ptr<Host> host_;
  Route* route_ = nullptr;
  Ticket breaker_ticket_, reach_ticket_;
  std::optional<TraceParent> trace_;  // of the request, or a new one
  std::vector<TraceEvent> events_;
  std::shared_ptr<ResponseCache::Found> found_;  // a stored response that may still be of use, or null
  std::unique_ptr<Flight> flight_;               // null until it is sent
};

}  // namespace tessera::http
