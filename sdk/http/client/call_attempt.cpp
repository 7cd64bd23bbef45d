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
  host_ = &engine_.host(url_);
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
  if (credential_) wire_.headers.set(credential_->name, credential_->value);
  wire_.body = request_.body;
  wire_.source = request_.source;
  wire_.tls = host_->tls;
  wire_.is_decoded = !request_.headers.has("accept-encoding");
  const std::optional<int64_t> of_route = route_ == nullptr ? std::nullopt : route_->config->attempt_ms;
  int64_t attempt_ms = request_.attempt_ms.value_or(of_route.value_or(policies.timeouts.attempt_ms));
  // A stream ends when it likes; that something moves is what is asked of it.
  if (receiver_.takes_body() && !request_.attempt_ms) attempt_ms = 0;
  wire_.timeouts = {policies.timeouts.connect_ms, attempt_ms, policies.timeouts.stall_ms};
  wire_.limits = {request_.max_body_bytes.value_or(policies.sizes.max_body_bytes),
                  policies.sizes.max_header_bytes, policies.sizes.max_expansion,
                  policies.sizes.expansion_free_bytes};
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
}

Flow Call::on_head(WireHead head) {
  head_wall_ms_ = engine_.clock.wall_ms();
  response_.status = head.status;
  response_.version = head.version;
  response_.headers = std::move(head.headers);
  plan();
  if (plan_ != Plan::kDeliver) return Flow::kGo;
  if (!receiver_.takes_body()) {
    response_.body.reserve(announced_size(response_.headers, wire_.limits.expansion_from_bytes));
    return Flow::kGo;
  }
  if (!request_.total_ms) deadline_.stop();
  receiver_has_head_ = true;
  return receiver_.on_head(response_);
}

Flow Call::on_body(ByteView piece) {
  if (plan_ == Plan::kDeliver && receiver_.takes_body()) return receiver_.on_body(piece);
  if (plan_ != Plan::kDeliver && response_.body.size() + piece.size() > kMostDiscarded) return Flow::kAbort;
  response_.body.insert(response_.body.end(), piece.begin(), piece.end());
  return Flow::kGo;
}

/// What becomes of the response, from its head.
void Call::plan() {
  note_limits();
  const int status = response_.status;
  if (status == 304 && cached_.reuse == Reuse::kValidate && !is_unconditional_) {
    plan_ = Plan::kConfirm;
  } else if (is_redirect()) {
    plan_ = Plan::kRedirect;
  } else if (status == 401 && credential_ && !has_reauthorized_ && request_.source == nullptr) {
    plan_ = Plan::kReauthorize;
  } else if (status >= 400) {
    decision_ = decide({Failure::kNone, status, false});
    if (decision_.action == RetryDecision::Action::kRetry) plan_ = Plan::kRetry;
    if (decision_.action == RetryDecision::Action::kRateLimited) plan_ = Plan::kRateLimited;
  }
}

void Call::note_limits() {
  const std::optional<RateLimit> limit = read_rate_limit(response_.headers, head_wall_ms_);
  if (limit && limit->reset_after_ms) host_->line.apply_remote(limit->remaining, *limit->reset_after_ms);
}

RetryDecision Call::decide(const Attempt& attempt) {
  if (outcome_of(attempt, /*is_strict=*/true) == Outcome::kFailure) host_->budget.on_failure();
  RetryConfig config = engine_.config.policies.retry;
  if (route_ != nullptr && route_->config->max_attempts) config.max_attempts = *route_->config->max_attempts;
  if (request_.max_attempts) config.max_attempts = *request_.max_attempts;
  if (request_.source != nullptr) config.max_attempts = 1;
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
  if (decision.gate_until_ms > 0)
    host_->line.gate_until(decision.gate_until_ms, decision.gates_background_only);
  return decision;
}

void Call::on_end(WireResult result) {
  exchange_ = nullptr;
  const int64_t now_ms = engine_.loop.now_ms();
  // What is thrown away may be cut short.
  last_ = plan_ == Plan::kDeliver ? result.attempt : Attempt{Failure::kNone, response_.status, false};
  has_last_ = true;
  response_.timings = result.timings;
  trace("attempt", last_.failure == Failure::kNone
                       ? "status " + std::to_string(last_.status)
                       : std::string(failure_name(last_.failure)) + ": " + result.text);
  engine_.connectivity.report(url_.host, last_, reach_ticket_, now_ms);
  if (proxy_) engine_.proxies.report(*proxy_, !blames_proxy(last_.failure), now_ms);
  if (outcome_of(last_, /*is_strict=*/true) == Outcome::kSuccess) host_->budget.on_success();
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
  }
}

void Call::fail(const WireResult& result) {
  const bool can_repeat = !receiver_has_head_;
  if (can_repeat) {
    const RetryDecision decision = decide(last_);
    if (decision.action == RetryDecision::Action::kRetry) return retry(decision);
    if (cached_.covers_errors && stored_ && is_covered_error(last_)) {
      trace("cache", "stale, instead of an error");
      return answer_from_cache();
    }
  }
  finish(error_of(result, target(), attempts_));
}

void Call::retry(const RetryDecision& decision) {
  if (decision.is_on_other_route) ++other_routes_;
  trace("retry", "in " + std::to_string(decision.wait_ms) + " ms");
  stage_ = Stage::kPause;
  engine_.loop.start_timer(*this, engine_.loop.now_ms() + decision.wait_ms);
}

void Call::fire() { await_turn(); }

void Call::deliver() {
  if (cached_.covers_errors && stored_ && is_covered_error(last_)) {
    trace("cache", "stale, instead of an error");
    return answer_from_cache();
  }
  keep_in_cache(response_);
  response_.url = url_text_;
  finish(std::move(response_));
}

}  // namespace tessera::http
