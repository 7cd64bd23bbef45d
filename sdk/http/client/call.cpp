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

std::string outcome_name(const Result<Response>& result) {
  if (!result.ok()) return std::string(error_name(result.error().code));
  return result->is_from_cache ? "cached" : std::to_string(result->status / 100) + "xx";
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
  if (request_.delay_ms <= 0) return set_out();
  stage_ = Stage::kPause;
  engine_.loop.start_timer(*this, started_ms_ + request_.delay_ms);
}

void Call::set_out() {
  started_ms_ = engine_.loop.now_ms();
  started_us_ = steady_us();
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
  const std::string& id_field = engine_.config.request_id_field;
  if (!id_field.empty() && !request_.headers.has(id_field))
    request_.headers.add(id_field, make_key(engine_.random));
  if (engine_.config.makes_spans) begin_trace();
  look_in_cache();
}

void Call::begin_trace() {
  const std::optional<std::string_view> given = request_.headers.get("traceparent");
  if (given) trace_ = parse_traceparent(*given);
  // The state belongs to the trace that it came with.
  const bool is_continued = trace_ && is_tracestate(request_.headers.joined("tracestate"));
  if (!is_continued) request_.headers.remove("tracestate");
  if (!trace_) trace_ = new_trace(engine_.random, /*is_sampled=*/false);
}

/// The URL, the route, and the fields that every request has.
Status Call::resolve() {
  // What is a field's name is a token, as a method is; a tunnel is the transport's own affair.
  if (!check_field(request_.method, {}).ok() || request_.method == "CONNECT") {
    return Error{
        ErrorCode::kARG, "http", "the method is none that can be sent; use GET, POST or their like", {}};
  }
  TSR_ASSIGN_OR_RETURN(url_, engine_.resolve(request_.url));
  for (const auto& [name, value] : std::exchange(request_.query, {}))
    TSR_RETURN_IF_ERROR(add_query(&url_, name, value));
  request_.url = url_.text();
  for (size_t i = 0; i < request_.headers.size(); ++i) {
    const Field field = request_.headers[i];
    TSR_RETURN_IF_ERROR(check_field(field.name, field.value));
  }
  const Headers& defaults = engine_.config.headers;
  for (size_t i = 0; i < defaults.size(); ++i) {
    const Field field = defaults[i];
    if (request_.is_foreign && !same_name(field.name, "user-agent")) continue;
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
  if (flight_ != nullptr) flight_->last.reset();  // what had failed before might still have come right
  end(cancelled_error(target()));
}

void Call::on_deadline() {
  // While it is with the server that is a time-out of the server; before, it says nothing about it.
  if (stage_ == Stage::kWire) flight_->last = {Failure::kTimeout, 0, false};
  finish(deadline_error(target(), deadline_ms_ - started_ms_, attempts_));
}

void Call::finish(Result<Response> result) {
  const std::shared_ptr<Call> kept = std::exchange(self_, nullptr);
  stage_ = Stage::kDone;
  deadline_.stop();
  Timer::stop();
  Waiter::leave();
  if (engine_.auth != nullptr) engine_.auth->leave(*this);
  std::optional<Attempt> last;
  if (flight_ != nullptr) {
    last = flight_->last;
    flight_->silence.stop();
    if (flight_->exchange != nullptr) {
      engine_.transport.cancel(std::exchange(flight_->exchange, nullptr));
      --host_->in_flight;
    }
  }
  leave_host(last ? outcome_of(*last, engine_.config.policies.connectivity.is_strict) : Outcome::kNeutral);
  if (last) engine_.count(route_name(), *last, attempts_ - 1, elapsed_us());
  // A probe that was never sent gives its place back.
  if (reach_ticket_.probe != 0) {
    engine_.connectivity.report(url_.host, {Failure::kCancelled, 0, true}, reach_ticket_,
                                engine_.loop.now_ms());
  }
  engine_.remove(*this);
  log(result);
  if (result.ok()) complete(&*result);
  receiver_.on_done(std::move(result));
}

/// What the caller is told beside the response itself.
void Call::complete(Response* response) const {
  response->url = request_.url;
  response->attempts = attempts_;
  response->trace = events_;
}

void Call::leave_host(Outcome outcome) {
  if (!std::exchange(is_admitted_, false)) return;
  host_->breaker.report(outcome, breaker_ticket_, engine_.loop.now_ms());
  engine_.note_breaker(*host_);
}

void Call::log(const Result<Response>& result) {
  if (engine_.logger == nullptr) return;
  const LogLevel level = result.ok() ? LogLevel::kDebug : LogLevel::kWarn;
  if (!engine_.logger->wants(level)) return;
  engine_.logger->write(level, "http", result.ok() ? "call" : "call_failed",
                        result.ok() ? target() : result.error().text,
                        {{"method", request_.method},
                         {"host", url_.host},
                         {"path", url_.path},
                         {"route", std::string(route_name())},
                         {"outcome", outcome_name(result)},
                         {"status", std::to_string(result.ok() ? result->status : 0)},
                         {"attempts", std::to_string(attempts_)},
                         {"duration_us", std::to_string(elapsed_us())},
                         {"from_cache", result.ok() && result->is_from_cache ? "true" : "false"}});
}

void Call::trace(std::string_view stage, std::string text) {
  if (request_.is_traced) events_.push_back({elapsed_us(), stage, std::move(text)});
}

std::string Call::target() const {
  return request_.method + " " + (url_.host.empty() ? std::string("(no valid URL)") : url_.host);
}

std::string_view Call::route_name() const {
  return route_ == nullptr ? std::string_view("other") : std::string_view(route_->name);
}

int64_t Call::elapsed_us() const { return steady_us() - started_us_; }

void Call::resume() {
  if (stage_ != Stage::kWire || flight_->exchange == nullptr) return;
  if (flight_->receiver_has_head) watch(Flow::kGo);
  engine_.transport.resume(flight_->exchange);
}

}  // namespace tessera::http
