#include "http/auth/renewing_auth.hpp"

#include <algorithm>
#include <utility>

#include "http/policy/jitter.hpp"
#include "text/json.hpp"

namespace tessera::http {
namespace {

/// A token that a 401 brought about is not renewed for another 401 so soon: it is not the token, then.
constexpr int64_t kLeastAgeMs = 10'000;
/// How often it is looked whether somebody else has unblocked it.
constexpr int64_t kLookMs = 5'000;

Error waiting_error(const Error& cause, int64_t wait_ms) {
  const ErrorCode code = error_retryable(cause.code) ? ErrorCode::kUNAVAILABLE : cause.code;
  return {
      code, "http",
      cause.text + "; it is asked again in " + std::to_string((wait_ms + 999) / 1000) + " s at the earliest",
      dump_json({{"retry_after_ms", wait_ms}, {"cause", error_name(cause.code)}})};
}

}  // namespace

Status RenewingAuth::attach(const std::shared_ptr<AuthHost>& host) {
  const std::scoped_lock lock(mutex_);
  if (host_ == host) return {};
  if (host_ != nullptr && host_->is_open()) {
    return Error{ErrorCode::kSTATE,
                 "http",
                 "the credentials belong to another client; make others, or close that client first",
                 {}};
  }
  host_ = host;
  is_renewing_ = is_suspect_ = false;
  ++number_;  // what the former client began counts no more
  return {};
}

bool RenewingAuth::renews(uint64_t generation) {
  const std::scoped_lock lock(mutex_);
  const bool is_present = held_ && held_->generation == generation;
  return !is_present || !is_reborn_ || ports_.clock->boot_ms() - born_ms_ >= kLeastAgeMs;
}

bool RenewingAuth::holds(int64_t now_ms) const { return held_ && now_ms < life_.ends_at_ms; }

/// Why no renewal begins now.
std::optional<Error> RenewingAuth::refusal(int64_t now_ms) const {
  if (blocked_) return now_ms < look_at_ms_ ? blocked_ : std::nullopt;
  if (failure_ && now_ms < retry_at_ms_) return waiting_error(*failure_, retry_at_ms_ - now_ms);
  return std::nullopt;
}

RenewingAuth::Start RenewingAuth::start_now(bool is_refused, bool is_awaited) {
  is_renewing_ = true;
  is_suspect_ = is_refused;
  version_at_start_ = version_;
  ++number_;
  return {.host = host_,
          .version = version_,
          .wall_ms = ports_.clock->wall_ms(),
          .is_awaited = is_awaited,
          .only_looks = blocked_.has_value()};
}

std::optional<Result<Credential>> RenewingAuth::get(AuthWaiter& waiter, std::optional<uint64_t> rejected) {
  std::optional<Result<Credential>> ready;
  std::optional<Start> start;
  uint64_t number = 0;
  {
    const std::scoped_lock lock(mutex_);
    const int64_t now_ms = ports_.clock->boot_ms();
    const bool is_refused = rejected && held_ && held_->generation == *rejected;
    if (holds(now_ms) && !is_refused && !is_suspect_) {
      ready = held_->as_field(form_);
      if (!is_renewing_ && now_ms >= life_.renew_at_ms && !refusal(now_ms)) start = start_now(false, false);
    } else if (!is_renewing_) {
      if (std::optional<Error> error = refusal(now_ms)) return Result<Credential>(*std::move(error));
      start = start_now(is_refused, true);
    } else if (is_refused) {
      is_suspect_ = true;
    }
    number = number_;
  }
  if (!ready) waiters_.add(waiter);
  if (start) begin(*start, number);
  return ready;
}

void RenewingAuth::begin(const Start& start, uint64_t number) {
  renew(start, [self = shared_from_this(), host = start.host, number](std::shared_ptr<Renewal> renewal) {
    const bool is_told = host->post([self, number, renewal] { self->finish(number, *renewal); });
    if (!is_told) self->forget(number);
  });
}

/// The client is closed: nobody waits.
void RenewingAuth::forget(uint64_t number) {
  const std::scoped_lock lock(mutex_);
  if (number == number_) is_renewing_ = is_suspect_ = false;
}

void RenewingAuth::finish(uint64_t number, Renewal& renewal) {
  std::optional<Result<Credential>> told;
  bool was_blocked = false, is_now_blocked = false;
  {
    const std::scoped_lock lock(mutex_);
    if (number != number_) return;
    was_blocked = blocked_.has_value();
    told = settle(renewal);
    is_now_blocked = blocked_.has_value();
    is_renewing_ = is_suspect_ = false;
  }
  if (!was_blocked || !is_now_blocked) log(renewal);
  if (!was_blocked && is_now_blocked) on_blocked(*renewal.error);
  waiters_.tell(*told);
}

Result<Credential> RenewingAuth::settle(Renewal& renewal) {
  const bool is_overtaken = version_ != version_at_start_;
  if (renewal.kind == Renewal::Kind::kToken && (!is_overtaken || renewal.version > version_)) {
    const Status taken = take(renewal.token.view(), renewal.expires_at_ms, renewal.version);
    if (taken.ok()) return held_->as_field(form_);
    renewal.kind = Renewal::Kind::kFailed;
    renewal.error = taken.error();
  }
  if (is_overtaken && held_) return held_->as_field(form_);
  note_failure(renewal);
  return blocked_ ? *blocked_ : *renewal.error;
}

Status RenewingAuth::take(ByteView token, int64_t expires_at_ms, uint64_t version) {
  TSR_ASSIGN_OR_RETURN(held_, hold_credential(form_, token));
  born_ms_ = ports_.clock->boot_ms();
  is_reborn_ = is_suspect_;
  life_ = life_of(expires_at_ms, ports_.clock->wall_ms(), born_ms_, config_);
  version_ = version;
  blocked_.reset();
  failure_.reset();
  failures_ = 0;
  return {};
}

void RenewingAuth::note_failure(const Renewal& renewal) {
  const int64_t now_ms = ports_.clock->boot_ms();
  if (renewal.kind == Renewal::Kind::kBlocked) {
    held_.reset();
    version_ = renewal.version;
    if (!blocked_) blocked_ = renewal.error;
    look_at_ms_ = now_ms + kLookMs;
    return;
  }
  look_at_ms_ = now_ms + kLookMs;
  failure_ = renewal.error;
  const int64_t backoff_ms =
      half_random(*ports_.random, doubled(config_.backoff_ms, failures_++, config_.max_backoff_ms));
  retry_at_ms_ = now_ms + std::max(backoff_ms, renewal.retry_after_ms);
}

bool RenewingAuth::is_blocked() {
  const std::scoped_lock lock(mutex_);
  return blocked_.has_value();
}

Status RenewingAuth::adopt(ByteView token, int64_t expires_at_ms, uint64_t version) {
  std::shared_ptr<AuthHost> waited_at;
  Credential credential;
  {
    const std::scoped_lock lock(mutex_);
    TSR_RETURN_IF_ERROR(take(token, expires_at_ms, version));
    is_reborn_ = is_suspect_ = false;
    if (!is_renewing_) return {};
    waited_at = host_;
    credential = held_->as_field(form_);
  }
  waited_at->post([self = shared_from_this(), credential] { self->waiters_.tell(credential); });
  return {};
}

void RenewingAuth::log(const Renewal& renewal) const {
  const bool is_well = renewal.kind == Renewal::Kind::kToken;
  const LogLevel level = is_well ? LogLevel::kDebug : LogLevel::kWarn;
  if (ports_.logger == nullptr || !ports_.logger->wants(level)) return;
  if (is_well) return ports_.logger->write(level, "http", "credential_renewed", "the credential was renewed");
  const bool is_blocked = renewal.kind == Renewal::Kind::kBlocked;
  ports_.logger->write(level, "http", is_blocked ? "reauthorise" : "credential_not_renewed",
                       renewal.error->text, {{"code", std::string(error_name(renewal.error->code))}});
}

}  // namespace tessera::http
