#include "http/client/call.hpp"

#include <chrono>
#include <utility>

#include "http/client/errors.hpp"
#include "http/policy/idempotency.hpp"

namespace tessera::http {
namespace {

int64_t steady_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Call::Call(Engine& engine, Request request, Receiver& receiver)
    : engine_(engine), request_(std::move(request)), receiver_(receiver) {}

Call::~Call() = default;

void Call::begin() {
  self_ = shared_from_this();
  engine_.add(*this);
  started_ms_ = engine_.loop.now_ms();
  started_us_ = steady_us();
  if (Status resolved = resolve(); !resolved.ok()) return finish(std::move(resolved).error());
  const int64_t total_ms = request_.total_ms.value_or(route_ != nullptr && route_->config->total_ms
                                                          ? *route_->config->total_ms
                                                          : engine_.config.policies.timeouts.total_ms);
  if (total_ms > 0) {
    deadline_ms_ = started_ms_ + total_ms;
    engine_.loop.start_timer(deadline_, deadline_ms_);
  }
  const IdempotencyConfig& keys = engine_.config.policies.idempotency;
  if (request_.idempotency_key.empty() && needs_key(request_.method, keys)) {
    request_.idempotency_key = make_key(engine_.random);
  }
  if (!request_.idempotency_key.empty()) request_.headers.set(keys.header, request_.idempotency_key);
  look_in_cache();
}

/// The URL, the route, and the fields that every request has.
Status Call::resolve() {
  if (engine_.config.base_url) {
    TSR_ASSIGN_OR_RETURN(url_, join_url(*engine_.config.base_url, request_.url));
  } else {
    TSR_ASSIGN_OR_RETURN(url_, parse_url(request_.url));
  }
  for (size_t i = 0; i < request_.headers.size(); ++i) {
    const Field field = request_.headers[i];
    TSR_RETURN_IF_ERROR(check_field(field.name, field.value));
  }
  const Headers& defaults = engine_.config.headers;
  for (size_t i = 0; i < defaults.size(); ++i) {
    const Field field = defaults[i];
    if (!request_.headers.has(field.name)) request_.headers.add(field.name, field.value);
  }
  route_ = engine_.route(request_.method, url_);
  return {};
}

void Call::end(Error error) {
  if (stage_ == Stage::kDone) return;
  finish(std::move(error));
}

void Call::cancel() {
  has_last_ = false;  // what had failed before might still have come right
  end(cancelled_error(target()));
}

void Call::on_deadline() {
  // While it is with the server that is a time-out of the server; before, it says nothing about it.
  if (stage_ == Stage::kWire) {
    last_ = {Failure::kTimeout, 0, false};
    has_last_ = true;
  }
  finish(deadline_error(target(), deadline_ms_ - started_ms_, attempts_));
}

void Call::finish(Result<Response> result) {
  const std::shared_ptr<Call> kept = std::exchange(self_, nullptr);
  stage_ = Stage::kDone;
  deadline_.stop();
  Timer::stop();
  Waiter::leave();
  if (engine_.auth != nullptr) engine_.auth->leave(*this);
  if (exchange_ != nullptr) engine_.transport.cancel(std::exchange(exchange_, nullptr));
  const bool was_asked = attempts_ > 0 && has_last_;
  leave_host(was_asked ? outcome_of(last_, engine_.config.policies.connectivity.is_strict)
                       : Outcome::kNeutral);
  if (was_asked) engine_.count(route_name(), last_, attempts_ - 1, elapsed_us());
  engine_.remove(*this);
  log(result);
  if (result.ok()) result->attempts = attempts_;
  receiver_.on_done(std::move(result));
}

void Call::leave_host(Outcome outcome) {
  if (!std::exchange(is_admitted_, false)) return;
  host_->breaker.report(outcome, breaker_ticket_, engine_.loop.now_ms());
}

void Call::log(const Result<Response>& result) {
  if (engine_.logger == nullptr) return;
  const LogLevel level = result.ok() ? LogLevel::kDebug : LogLevel::kWarn;
  engine_.logger->write(level, "http", result.ok() ? "call" : "call_failed",
                        result.ok() ? target() : result.error().text,
                        {{"method", request_.method},
                         {"host", url_.host},
                         {"path", url_.path},
                         {"route", std::string(route_name())},
                         {"status", std::to_string(result.ok() ? result->status : 0)},
                         {"attempts", std::to_string(attempts_)},
                         {"duration_us", std::to_string(elapsed_us())},
                         {"from_cache", result.ok() && result->is_from_cache ? "true" : "false"}});
}

void Call::trace(std::string_view stage, std::string text) {
  if (request_.is_traced) response_.trace.push_back({elapsed_us(), stage, std::move(text)});
}

std::string Call::target() const {
  const std::string& where = url_.host.empty() ? request_.url : url_.host;
  return request_.method + " " + (url_.host.empty() ? std::string("(no valid URL)") : where);
}

std::string_view Call::route_name() const {
  return route_ == nullptr ? std::string_view("other") : std::string_view(route_->name);
}

int64_t Call::elapsed_us() const { return steady_us() - started_us_; }

void Call::resume() {
  if (stage_ == Stage::kWire && exchange_ != nullptr) engine_.transport.resume(exchange_);
}

}  // namespace tessera::http
