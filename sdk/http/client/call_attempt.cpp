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

bool blames_proxy(Failure failure) { return failure == Failure::kProxy; }

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
  credential_.reset();
  if (engine_.auth == nullptr || request_.skips_auth || request_.headers.has("authorization")) return send();
  std::optional<Result<Credential>> ready = engine_.auth->get(*this, rejected_);
  if (ready) return on_credential(std::move(*ready));
  trace("auth", "waits for a credential");
}

void Call::on_credential(Result<Credential> credential) {
  if (!credential.ok()) return finish(std::move(credential).error());
  credential_ = std::move(credential).value();
  rejected_.reset();
  send();
}

void Call::send() {
  if (attempts_ > 0 && request_.source != nullptr) {
    if (Status rewound = request_.source->rewind(); !rewound.ok()) return finish(std::move(rewound).error());
  }
  prepare();
  if (!engine_.interceptors.is_empty()) {
    if (Status allowed = intercept(); !allowed.ok()) {
      trace("interceptor", "refused");
      return finish(refused_error(target(), allowed.error()));
    }
  }
  proxy_.reset();
  wire_.proxy = nullptr;
  if (engine_.proxies.applies_to(url_.host)) {
    proxy_ = engine_.proxies.choose(url_.origin(), engine_.loop.now_ms());
    wire_.proxy = engine_.config.proxies[*proxy_];
  }
  ++attempts_;
  ++attempts_here_;
  plan_ = Plan::kDeliver;
  response_.status = 0;
  response_.body.clear();
  sent_wall_ms_ = engine_.clock.wall_ms();
  stage_ = Stage::kWire;
  trace("attempt", std::to_string(attempts_) +
                       (proxy_ ? " through proxy " + engine_.proxies[*proxy_].url : std::string()));
  exchange_ = engine_.transport.start(wire_, *this);
  ++host_->in_flight;
}

/// What goes over the wire in the next attempt.
void Call::prepare() {
  const HttpPolicyConfig& policies = engine_.config.policies;
  wire_.host = host_->number;
  wire_.method = request_.method;
  wire_.url = url_text_;
  wire_.headers = request_.headers;
  if (cached_.reuse == Reuse::kValidate && !is_unconditional_) {
    for (size_t i = 0; i < cached_.conditions.size(); ++i) {
      wire_.headers.set(cached_.conditions[i].name, cached_.conditions[i].value);
    }
  }
  if (trace_) wire_.headers.set("traceparent", format_traceparent(child_span(*trace_, engine_.random)));
  if (credential_) wire_.headers.set(credential_->name, credential_->value);
  wire_.body = request_.body;
  wire_.source = request_.source.get();
  wire_.tls = host_->tls;
  wire_.is_decoded = !request_.headers.has("accept-encoding");
  const std::optional<int64_t> of_route = route_ == nullptr ? std::nullopt : route_->config->attempt_ms;
  int64_t attempt_ms = request_.attempt_ms.value_or(of_route.value_or(policies.timeouts.attempt_ms));
  const bool is_watched = request_.idle_ms.has_value();
  if (is_watched && attempt_ms > 0) engine_.loop.start_timer(silence_, engine_.loop.now_ms() + attempt_ms);
  // A stream ends when it likes; that something moves is what is asked of it.
  if (is_watched || (receiver_.takes_body() && !request_.attempt_ms)) attempt_ms = 0;
  wire_.timeouts = {policies.timeouts.connect_ms, attempt_ms, is_watched ? 0 : policies.timeouts.stall_ms};
  wire_.limits = {request_.max_body_bytes.value_or(policies.sizes.max_body_bytes),
                  policies.sizes.max_header_bytes, policies.sizes.max_expansion,
                  policies.sizes.expansion_free_bytes};
}

Status Call::intercept() {
  OutgoingRequest request(wire_, attempts_ + 1);
  return engine_.interceptors.before(request);
}

Flow Call::on_head(WireHead head) {
  head_wall_ms_ = engine_.clock.wall_ms();
  response_.status = head.status;
  response_.version = head.version;
  response_.headers = std::move(head.headers);
  if (!engine_.interceptors.is_empty()) {
    engine_.interceptors.after({wire_.method, wire_.url, attempts_, head.status, response_.headers});
  }
  plan();
  if (plan_ != Plan::kDeliver) return Flow::kGo;
  if (!receiver_.takes_body()) {
    response_.body.reserve(announced_size(response_.headers, wire_.limits.expansion_from_bytes));
    return Flow::kGo;
  }
  if (!request_.total_ms) deadline_.stop();
  receiver_has_head_ = true;
  response_.attempts = attempts_;
  return watch(receiver_.on_head(response_));
}

Flow Call::on_body(ByteView piece) {
  if (plan_ == Plan::kDeliver && receiver_.takes_body()) return watch(receiver_.on_body(piece));
  if (plan_ != Plan::kDeliver && response_.body.size() + piece.size() > kMostDiscarded) return Flow::kAbort;
  response_.body.insert(response_.body.end(), piece.begin(), piece.end());
  return Flow::kGo;
}

/// From one piece of a streamed body to the next; a receiver that pauses is not the server's silence.
Flow Call::watch(Flow flow) {
  if (!request_.idle_ms) return flow;
  silence_.stop();
  if (flow == Flow::kGo && *request_.idle_ms > 0)
    engine_.loop.start_timer(silence_, engine_.loop.now_ms() + *request_.idle_ms);
  return flow;
}

void Call::on_silence() {
  engine_.transport.cancel(std::exchange(exchange_, nullptr));
  WireResult silent;
  silent.attempt.failure = Failure::kTimeout;
  silent.text = "nothing came for too long";
  on_end(std::move(silent));
}

/// What becomes of the response, from its head.
void Call::plan() {
  note_limits();
  const int status = response_.status;
  if (status == 304 && cached_.reuse == Reuse::kValidate && !is_unconditional_) {
    plan_ = Plan::kConfirm;
  } else if (is_redirect()) {
    plan_ = Plan::kRedirect;
  } else if (status == 401 && credential_ && !has_reauthorized_ && is_repeatable() &&
             engine_.auth != nullptr && engine_.auth->renews(credential_->generation)) {
    plan_ = Plan::kReauthorize;
  } else if (status >= 400) {
    decision_ = decide({Failure::kNone, status, false});
    if (decision_.action == RetryDecision::Action::kRetry) plan_ = Plan::kRetry;
    if (decision_.action == RetryDecision::Action::kRateLimited) plan_ = Plan::kRateLimited;
    if (plan_ == Plan::kDeliver && may_answer_stale({Failure::kNone, status, false})) plan_ = Plan::kStale;
  }
}

bool Call::is_repeatable() const { return request_.source == nullptr || request_.source->is_repeatable(); }

void Call::note_limits() {
  const std::optional<RateLimit> limit = read_rate_limit(response_.headers, head_wall_ms_);
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
  failed.has_other_route = proxy_ && engine_.proxies.has_other(*proxy_, engine_.loop.now_ms());
  failed.attempts_made = attempts_here_;
  failed.other_routes_tried = other_routes_;
  if (attempt.status != 0) {
    const std::optional<std::string_view> after = response_.headers.get("retry-after");
    if (after) failed.retry_after_ms = parse_retry_after(*after, head_wall_ms_);
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
  exchange_ = nullptr;
  silence_.stop();
  --host_->in_flight;
  const int64_t now_ms = engine_.loop.now_ms();
  // What is thrown away may be cut short.
  last_ = plan_ == Plan::kDeliver ? result.attempt : Attempt{Failure::kNone, response_.status, false};
  has_last_ = true;
  response_.timings = result.timings;
  trace("attempt", last_.failure == Failure::kNone
                       ? "status " + std::to_string(last_.status)
                       : std::string(failure_name(last_.failure)) + ": " + result.text);
  note_outcome(now_ms);
  if (last_.failure != Failure::kNone) return fail(result);
  switch (plan_) {
    case Plan::kDeliver:
      return deliver();
    case Plan::kRetry:
      return retry(decision_);
    case Plan::kRateLimited:
      engine_.count(route_name(), LocalEnd::kRateLimited);
      return finish(unavailable_error(target(), "the server limits how often it is called",
                                      decision_.retry_at_ms - now_ms));
    case Plan::kRedirect:
      return follow();
    case Plan::kReauthorize:
      trace("auth", "the server refused the credential");
      has_reauthorized_ = true;
      rejected_ = credential_->generation;
      return authorize();
    case Plan::kConfirm:
      return on_not_modified();
    case Plan::kStale:
      return answer_stale();
  }
}

/// What the attempt's end says of the network, the proxy and the host.
void Call::note_outcome(int64_t now_ms) {
  engine_.connectivity.report(url_.host, last_, reach_ticket_, now_ms);
  engine_.note_reach();
  if (proxy_ && engine_.proxies.report(*proxy_, !blames_proxy(last_.failure), now_ms))
    engine_.note_proxy(*proxy_);
  if (outcome_of(last_, /*is_strict=*/true) == Outcome::kSuccess) host_->budget.on_success();
}

void Call::fail(const WireResult& result) {
  const bool can_repeat = !receiver_has_head_;
  if (can_repeat) {
    const RetryDecision decision = decide(last_);
    if (decision.action == RetryDecision::Action::kRetry) return retry(decision);
    if (may_answer_stale(last_)) return answer_stale();
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
  keep_in_cache(response_);
  response_.url = url_text_;
  finish(std::move(response_));
}

}  // namespace tessera::http
