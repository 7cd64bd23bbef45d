#include <algorithm>
#include <charconv>
#include <utility>

#include "http/client/call.hpp"
#include "http/client/errors.hpp"
#include "http/fields/rate_limit.hpp"
#include "http/fields/retry_after.hpp"

namespace tessera::http {
namespace {

/// Of a response that nobody gets: reading it keeps the connection, which is worth so much.
constexpr size_t kMostDiscarded = size_t{256} << 10;

size_t announced_size(const Headers& headers, int64_t most) {
  const std::optional<std::string_view> text = headers.get("content-length");
  uint64_t size = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), size);
  return static_cast<size_t>(std::min(size, static_cast<uint64_t>(most)));
}

}  // namespace

void Call::enter_host() {
  host_ = engine_.host(url_);
  if (url_.scheme != "https" && url_.scheme != "http") {
    return finish(Error{ErrorCode::kARG, "http", "the URL's scheme is not http or https", {}});
  }
  if (!url_.is_secure() && !host_->is_allowed_plain) {
    return finish(
        Error{ErrorCode::kARG,
              "http",
              target() + ": plain HTTP goes to loopback and to the configured internal_hosts only; use https",
              {}});
  }
  const int64_t now_ms = engine_.loop.now_ms();
  const bool skips_breaker = request_.skips_breaker || (route_ != nullptr && route_->config->skips_breaker);
  if (!skips_breaker) {
    const Admission admission = host_->breaker.admit(now_ms);
    engine_.note_breaker(*host_);
    if (!admission.is_allowed) {
      trace("breaker", "open");
      engine_.count(route_name(), LocalEnd::kBreakerOpen);
      return finish(unavailable_error(target(), "its circuit breaker is open after too many failures",
                                      admission.retry_after_ms));
    }
    is_admitted_ = true;
    is_probe_ = admission.is_probe;
    breaker_ticket_ = admission.ticket;
    trace("breaker", is_probe_ ? "half-open: this call is the probe" : "closed");
  }
  const Admission reach = engine_.connectivity.admit(now_ms);
  if (!reach.is_allowed) {
    engine_.count(route_name(), LocalEnd::kOffline);
    return finish(offline_error(target(), reach_name(engine_.connectivity.reach()), reach.retry_after_ms));
  }
  reach_ticket_ = reach.ticket;
  attempts_here_ = 0;
  await_turn();
}

void Call::await_turn() {
  stage_ = Stage::kTurn;
  const Lane lane = request_.is_background ? Lane::kBackground : Lane::kForeground;
  const bool has_route_line = route_ != nullptr && route_->line != nullptr;
  for (Line* line : {has_route_line ? route_->line.get() : nullptr, &host_->line}) {
    if (line == nullptr || (line != &host_->line && has_route_turn_)) continue;
    switch (line->enter(*this, lane)) {
      case Line::Entry::kGo:
        break;
      case Line::Entry::kWait:
        trace("limiter", "waits for its turn");
        return;
      case Line::Entry::kFull:
        engine_.count(route_name(), LocalEnd::kQueueFull);
        return finish(queue_full_error(target(), line->pending()));
    }
    has_route_turn_ = true;
  }
  has_route_turn_ = false;
  authorize();
}

void Call::on_turn() {
  // Of the route's line first, when there is one and it has not had that.
  const bool was_route = route_ != nullptr && route_->line != nullptr && !has_route_turn_;
  if (was_route) {
    has_route_turn_ = true;
    return await_turn();
  }
  has_route_turn_ = false;
  authorize();
}

void Call::authorize() {
  stage_ = Stage::kAuth;
  if (engine_.auth == nullptr || request_.skips_auth || request_.headers.has("authorization"))
    return send({});
  std::optional<Result<Credential>> ready =
      engine_.auth->get(*this, flight_ ? flight_->rejected : std::nullopt);
  if (ready) return on_credential(std::move(*ready));
  trace("auth", "waits for a credential");
}

void Call::on_credential(Result<Credential> credential) {
  if (!credential.ok()) return finish(std::move(credential).error());
  if (flight_) flight_->rejected.reset();
  send(credential.value());
}

void Call::send(const std::optional<Credential>& credential) {
  if (attempts_ > 0 && request_.source != nullptr) {
    if (Status rewound = request_.source->rewind(); !rewound.ok()) return finish(std::move(rewound).error());
  }
  if (flight_ == nullptr) flight_ = std::make_unique<Flight>(*this);
  Flight& flight = *flight_;
  prepare(credential);
  if (!engine_.interceptors.is_empty()) {
    if (Status allowed = intercept(); !allowed.ok()) {
      trace("interceptor", "refused");
      return finish(refused_error(target(), allowed.error()));
    }
  }
  flight.proxy.reset();
  flight.wire.proxy = nullptr;
  if (engine_.proxies.applies_to(url_.host)) {
    flight.proxy = engine_.proxies.choose(url_.origin(), engine_.loop.now_ms());
    flight.wire.proxy = engine_.config.proxies[*flight.proxy];
  }
  ++attempts_;
  ++attempts_here_;
  flight.plan = Plan::kDeliver;
  flight.response.status = 0;
  flight.response.body.clear();
  flight.sent_wall_ms = engine_.clock.wall_ms();
  stage_ = Stage::kWire;
  trace("attempt",
        std::to_string(attempts_) +
            (flight.proxy ? " through proxy " + engine_.proxies[*flight.proxy].url : std::string()));
  flight.exchange = engine_.transport.start(flight.wire, *this);
  ++host_->in_flight;
}

/// What goes over the wire in the next attempt.
void Call::prepare(const std::optional<Credential>& credential) {
  const HttpPolicyConfig& policies = engine_.config.policies;
  WireRequest& wire = flight_->wire;
  wire.host = host_->number;
  wire.method = request_.method;
  wire.url = request_.url;
  wire.headers = request_.headers;
  if (is_conditional()) {
    const Headers& conditions = found_->decision.conditions;
    for (size_t i = 0; i < conditions.size(); ++i) wire.headers.set(conditions[i].name, conditions[i].value);
  }
  if (trace_) wire.headers.set("traceparent", format_traceparent(child_span(*trace_, engine_.random)));
  flight_->credential.reset();
  if (credential) {
    flight_->credential = credential->generation;
    wire.headers.set(credential->name, credential->value);
  }
  wire.body = request_.body;
  wire.source = request_.source.get();
  wire.tls = host_->tls;
  wire.is_decoded = !request_.headers.has("accept-encoding");
  const std::optional<int64_t> of_route = route_ == nullptr ? std::nullopt : route_->config->attempt_ms;
  int64_t attempt_ms = request_.attempt_ms.value_or(of_route.value_or(policies.timeouts.attempt_ms));
  const bool is_watched = request_.idle_ms.has_value();
  if (is_watched && attempt_ms > 0)
    engine_.loop.start_timer(flight_->silence, engine_.loop.now_ms() + attempt_ms);
  // A stream ends when it likes; that something moves is what is asked of it.
  if (is_watched || (receiver_.takes_body() && !request_.attempt_ms)) attempt_ms = 0;
  wire.timeouts = {policies.timeouts.connect_ms, attempt_ms, is_watched ? 0 : policies.timeouts.stall_ms};
  wire.limits = {request_.max_body_bytes.value_or(policies.sizes.max_body_bytes),
                 policies.sizes.max_header_bytes, policies.sizes.max_expansion,
                 policies.sizes.expansion_free_bytes};
}

Status Call::intercept() {
  OutgoingRequest request(flight_->wire, attempts_ + 1);
  return engine_.interceptors.before(request);
}

Flow Call::on_head(WireHead head) {
  Flight& flight = *flight_;
  Response& response = flight.response;
  flight.head_wall_ms = engine_.clock.wall_ms();
  response.status = head.status;
  response.version = head.version;
  response.headers = std::move(head.headers);
  if (!engine_.interceptors.is_empty()) {
    engine_.interceptors.after(
        {flight.wire.method, flight.wire.url, attempts_, head.status, response.headers});
  }
  plan();
  if (flight.plan != Plan::kDeliver) return Flow::kGo;
  if (!receiver_.takes_body()) {
    response.body.reserve(announced_size(response.headers, flight.wire.limits.expansion_from_bytes));
    return Flow::kGo;
  }
  if (!request_.total_ms) deadline_.stop();
  flight.receiver_has_head = true;
  complete(&response);
  return watch(receiver_.on_head(response));
}

Flow Call::on_body(ByteView piece) {
  const bool is_wanted = flight_->plan == Plan::kDeliver;
  if (is_wanted && receiver_.takes_body()) return watch(receiver_.on_body(piece));
  Bytes& body = flight_->response.body;
  if (!is_wanted && body.size() + piece.size() > kMostDiscarded) return Flow::kAbort;
  body.insert(body.end(), piece.begin(), piece.end());
  return Flow::kGo;
}

/// From one piece of a streamed body to the next; a receiver that pauses is not the server's silence.
Flow Call::watch(Flow flow) {
  if (!request_.idle_ms) return flow;
  flight_->silence.stop();
  if (flow == Flow::kGo && *request_.idle_ms > 0)
    engine_.loop.start_timer(flight_->silence, engine_.loop.now_ms() + *request_.idle_ms);
  return flow;
}

void Call::on_silence() {
  engine_.transport.cancel(std::exchange(flight_->exchange, nullptr));
  WireResult silent;
  silent.attempt.failure = Failure::kTimeout;
  silent.text = "nothing came for too long";
  on_end(std::move(silent));
}

/// What becomes of the response, from its head.
void Call::plan() {
  note_limits();
  Flight& flight = *flight_;
  const int status = flight.response.status;
  if (status == 304 && is_conditional()) {
    flight.plan = Plan::kConfirm;
  } else if (is_redirect()) {
    flight.plan = Plan::kRedirect;
  } else if (status == 401 && flight.credential && !has_reauthorized_ && is_repeatable() &&
             engine_.auth != nullptr && engine_.auth->renews(*flight.credential)) {
    flight.plan = Plan::kReauthorize;
  } else if (status >= 400) {
    const Attempt answered{Failure::kNone, status, false};
    flight.decision = decide(answered);
    if (flight.decision.action == RetryDecision::Action::kRetry) flight.plan = Plan::kRetry;
    if (flight.decision.action == RetryDecision::Action::kRateLimited) flight.plan = Plan::kRateLimited;
    if (flight.plan == Plan::kDeliver && may_answer_stale(answered)) flight.plan = Plan::kStale;
  }
}

bool Call::is_repeatable() const { return request_.source == nullptr || request_.source->is_repeatable(); }

void Call::note_limits() {
  const std::optional<RateLimit> limit = read_rate_limit(flight_->response.headers, flight_->head_wall_ms);
  if (!limit || !limit->reset_after_ms) return;
  host_->line.apply_remote(limit->remaining, *limit->reset_after_ms);
  engine_.note_limits(*host_);
}

RetryDecision Call::decide(const Attempt& attempt) {
  if (outcome_of(attempt, /*is_strict=*/true) == Outcome::kFailure) host_->budget.on_failure();
  RetryConfig config = engine_.config.policies.retry;
  if (route_ != nullptr && route_->config->max_attempts) config.max_attempts = *route_->config->max_attempts;
  if (request_.max_attempts) config.max_attempts = *request_.max_attempts;
  if (!is_repeatable()) config.max_attempts = 1;
  FailedAttempt failed;
  failed.attempt = attempt;
  failed.method = request_.method;
  failed.has_idempotency_key = !request_.idempotency_key.empty();
  failed.is_background = request_.is_background;
  failed.is_probe = is_probe_;
  failed.has_budget = host_->budget.has_retry();
  failed.has_other_route =
      flight_->proxy && engine_.proxies.has_other(*flight_->proxy, engine_.loop.now_ms());
  failed.attempts_made = attempts_here_;
  failed.other_routes_tried = other_routes_;
  if (attempt.status != 0) {
    const std::optional<std::string_view> after = flight_->response.headers.get("retry-after");
    if (after) failed.retry_after_ms = parse_retry_after(*after, flight_->head_wall_ms);
  }
  failed.now_ms = engine_.loop.now_ms();
  failed.deadline_ms = deadline_ms_;
  const RetryDecision decision = decide_retry(config, failed, engine_.random);
  if (decision.gate_until_ms > 0) {
    host_->line.gate_until(decision.gate_until_ms, decision.gates_background_only);
    engine_.note_limits(*host_);
  }
  return decision;
}

void Call::on_end(WireResult result) {
  Flight& flight = *flight_;
  flight.exchange = nullptr;
  flight.silence.stop();
  --host_->in_flight;
  const int64_t now_ms = engine_.loop.now_ms();
  // What is thrown away may be cut short.
  const Attempt last =
      flight.plan == Plan::kDeliver ? result.attempt : Attempt{Failure::kNone, flight.response.status, false};
  flight.last = last;
  flight.response.timings = result.timings;
  trace("attempt", last.failure == Failure::kNone
                       ? "status " + std::to_string(last.status)
                       : std::string(failure_name(last.failure)) + ": " + result.text);
  note_outcome(last, now_ms);
  if (last.failure != Failure::kNone) return fail(result);
  switch (flight.plan) {
    case Plan::kDeliver:
      return deliver();
    case Plan::kRetry:
      return retry(flight.decision);
    case Plan::kRateLimited:
      engine_.count(route_name(), LocalEnd::kRateLimited);
      return finish(unavailable_error(target(), "the server limits how often it is called",
                                      flight.decision.retry_at_ms - now_ms));
    case Plan::kRedirect:
      return follow();
    case Plan::kReauthorize:
      trace("auth", "the server refused the credential");
      has_reauthorized_ = true;
      flight.rejected = flight.credential;
      return authorize();
    case Plan::kConfirm:
      return on_not_modified();
    case Plan::kStale:
      return answer_stale();
  }
}

/// What the attempt's end says of the network, the proxy and the host.
void Call::note_outcome(const Attempt& last, int64_t now_ms) {
  engine_.connectivity.report(url_.host, last, reach_ticket_, now_ms);
  engine_.note_reach();
  const std::optional<size_t> proxy = flight_->proxy;
  const bool is_proxy_bad = blames_route(engine_.config.policies.retry, last);
  if (proxy && engine_.proxies.report(*proxy, !is_proxy_bad, now_ms)) engine_.note_proxy(*proxy);
  if (outcome_of(last, /*is_strict=*/true) == Outcome::kSuccess) host_->budget.on_success();
}

void Call::fail(const WireResult& result) {
  const bool can_repeat = !flight_->receiver_has_head;
  if (can_repeat) {
    const RetryDecision decision = decide(result.attempt);
    if (decision.action == RetryDecision::Action::kRetry) return retry(decision);
    if (may_answer_stale(result.attempt)) return answer_stale();
  }
  finish(error_of(result, target(), attempts_));
}

void Call::retry(const RetryDecision& decision) {
  if (decision.is_on_other_route) ++other_routes_;
  trace("retry", "in " + std::to_string(decision.wait_ms) + " ms");
  stage_ = Stage::kPause;
  engine_.loop.start_timer(*this, engine_.loop.now_ms() + decision.wait_ms);
}

void Call::fire() {
  if (attempts_ == 0) return set_out();
  await_turn();
}

void Call::deliver() {
  keep_in_cache(flight_->response);
  finish(std::move(flight_->response));
}

}  // namespace tessera::http
