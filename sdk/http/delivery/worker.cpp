#include "http/delivery/worker.hpp"

#include <algorithm>
#include <utility>

#include "text/json.hpp"

namespace tessera::http {
namespace {

using Kind = DeliveryEvent::Kind;
using Fate = Verdict::Fate;

constexpr JsonLimits kHeaderLimits{
    .max_document = size_t{64} << 10, .max_depth = 1, .max_members = 256, .max_string = size_t{16} << 10};
constexpr int64_t kStoreRestMs = 10'000;
constexpr int64_t kLeastLookMs = 1'000;    // what is due and not given is not asked for in a circle
constexpr int64_t kLongestNapMs = 60'000;  // the machine may sleep meanwhile, and its clock be set
constexpr int kSpacedRequests = 100;
constexpr std::chrono::milliseconds kMemoryRest{100};

Result<Headers> headers_of(const std::string& json) {
  Headers headers;
  if (json.empty()) return headers;
  const Result<Json> object = parse_json(json, kHeaderLimits);
  const bool is_valid = object.ok() && object->is_object() &&
                        std::ranges::all_of(*object, [](const Json& value) { return value.is_string(); });
  if (!is_valid) {
    return Error{ErrorCode::kARG,
                 "http",
                 "the headers of a queued request are no JSON object of texts; remove it and enqueue it anew",
                 {}};
  }
  for (const auto& [name, value] : object->items()) headers.add(name, value.get_ref<const std::string&>());
  return headers;
}

/// Takes the body along.
Result<Request> request_of(OutboxRequest& item) {
  Request request;
  TSR_ASSIGN_OR_RETURN(request.headers, headers_of(item.headers_json));
  request.method = item.method;
  request.url = item.url;
  request.body = std::move(item.body);
  request.idempotency_key = item.idempotency_key;
  request.cache = CacheMode::kNoStore;
  request.max_redirects = 0;
  request.is_background = true;
  return request;
}

/// The lease has passed to another, or the request was removed: that is as good.
bool is_lost(const Status& status) {
  return status.error().code == ErrorCode::kNOT_FOUND || status.error().code == ErrorCode::kSTATE;
}

}  // namespace

Worker::Worker(Client& client, DeliveryPorts ports, DeliveryConfig config, std::shared_ptr<Mailbox> mailbox,
               Consents& consents, Flights& flights)
    : client_(client),
      ports_(std::move(ports)),
      config_(std::move(config)),
      mailbox_(std::move(mailbox)),
      consents_(consents),
      flights_(flights) {}

void Worker::run() {
  thread_ = std::this_thread::get_id();
  Mailbox::Mail mail;
  for (bool goes_on = true; goes_on;) {
    std::optional<std::chrono::milliseconds> most = kMemoryRest;
    try {
      listen();
      goes_on = turn(mail);
      most = pause();
    } catch (...) {
      // No memory. What was leased comes back when its lease ends.
      asks_ = true;
    }
    if (goes_on) mailbox_->wait(most, mail);
  }
  ports_.queue->set_waker({});
  thread_ = std::thread::id();
  mailbox_->close();
}

void Worker::listen() {
  if (is_listening_) return;
  ports_.queue->set_waker([mailbox = mailbox_] { mailbox->wake(); });
  is_listening_ = true;
}

bool Worker::turn(Mailbox::Mail& mail) {
  now_ms_ = ports_.clock->boot_ms();
  take_in(mail);
  tell_rests();
  tell_consents();
  const bool is_over = is_stopping_ && flights_.size() == 0;
  extend_leases();
  if (!is_stopping_) {
    fill();
    tell_rests();
  }
  if (is_moved_) tell_depth();
  return !is_over;
}

void Worker::take_in(Mailbox::Mail& mail) {
  asks_ |= mail.is_woken || mail.is_in_a_hurry;
  is_moved_ |= mail.is_woken;
  is_stopping_ |= mail.is_stopping;
  if (mail.is_in_a_hurry) rests_.cut_short(now_ms_);
  if (mail.is_out_of_time) flights_.cancel_all();
  mail.is_woken = mail.is_in_a_hurry = mail.is_out_of_time = false;
  while (Ended* const ended = Mailbox::take(mail)) land(static_cast<Flight&>(*ended));
}

void Worker::land(Flight& landing) {
  asks_ = true;
  const std::unique_ptr<Flight> flight = flights_.land(landing);
  try {
    settle(flight->item, flight->host, judge(Mailbox::result_of(*flight), ports_.clock->wall_ms()));
  } catch (...) {
    if (flight->is_probe) on_probed(*flight);  // else no other would go
    throw;
  }
  if (flight->is_probe) on_probed(*flight);
}

void Worker::on_probed(const Flight& flight) {
  rests_.on_probed(flight.host, now_ms_);
  if (config_.spacing_ms == 0) return;
  // After a pause many wait, and everybody else's many too.
  spaced_ = kSpacedRequests;
  next_send_ms_ = now_ms_ + config_.spacing_ms;
}

void Worker::extend_leases() {
  for (const std::unique_ptr<Flight>& flight : flights_.all()) {
    if (flight->extend_ms > now_ms_) continue;
    const Status extended = ports_.queue->extend(flight->item.id, flight->item.attempt, config_.lease_ms);
    flight->extend_ms = now_ms_ + config_.lease_ms / 2;
    // Another may send it by now.
    if (!extended.ok() && is_lost(extended)) flights_.cancel(*flight);
  }
}

void Worker::fill() {
  const bool is_due = (due_boot_ms_ && now_ms_ >= *due_boot_ms_) ||
                      (due_wall_ms_ && ports_.clock->wall_ms() >= *due_wall_ms_);
  asks_ |= is_due || rests_.wants_probe(now_ms_);
  while (may_send() && now_ms_ >= next_send_ms_ && lease()) now_ms_ = ports_.clock->boot_ms();
}

bool Worker::may_send() const {
  return asks_ && flights_.size() < config_.concurrency && rests_.may_send(now_ms_);
}

bool Worker::lease() {
  const bool is_one_by_one = spaced_ > 0 || rests_.wants_probe(now_ms_);
  const size_t count = is_one_by_one ? 1 : config_.concurrency - flights_.size();
  const OutboxHold hold{consents_.held(), rests_.held(now_ms_)};
  Result<std::vector<OutboxRequest>> leased = ports_.queue->lease(hold, count);
  if (!leased.ok()) {
    rest_for_store(leased.error());
    return false;
  }
  is_moved_ = true;
  for (OutboxRequest& item : *leased) send(std::move(item));
  if (leased->size() == count) return true;
  asks_ = false;
  if (leased->empty()) {
    rests_.on_idle(now_ms_);
    spaced_ = 0;
    next_send_ms_ = 0;
  }
  look_ahead(hold);
  return false;
}

void Worker::look_ahead(const OutboxHold& hold) {
  due_boot_ms_.reset();
  due_wall_ms_.reset();
  const Result<std::optional<int64_t>> next = ports_.queue->next_due_ms(hold);
  if (!next.ok()) return rest_for_store(next.error());
  if (!next->has_value()) return;
  const int64_t wall_ms = ports_.clock->wall_ms();
  due_wall_ms_ = **next > wall_ms ? **next : wall_ms + kLeastLookMs;
  due_boot_ms_ = now_ms_ + (*due_wall_ms_ - wall_ms);
}

void Worker::send(OutboxRequest item) {
  const std::string host = host_part(item.url);
  Result<Request> request = request_of(item);
  if (!request.ok()) return settle(item, host, judge(std::move(request).error(), 0));
  auto flight = std::make_unique<Flight>(mailbox_, item, host);
  flight->extend_ms = now_ms_ + config_.lease_ms / 2;
  Result<Flight*> launched =
      flights_.launch(client_, std::move(request).value(), std::move(flight), consents_);
  if (!launched.ok()) return settle(item, host, judge(std::move(launched).error(), 0));
  if (*launched == nullptr) return settle(item, host, {.fate = Fate::kPutBack, .text = {}, .rest = {}});
  (*launched)->is_probe = rests_.on_sent(host, now_ms_);
  if (spaced_ == 0) return;
  --spaced_;
  next_send_ms_ = now_ms_ + config_.spacing_ms;
}

void Worker::settle(const OutboxRequest& item, const std::string& host, const Verdict& verdict) {
  is_moved_ = true;
  const Status written = write(item, verdict);
  // A lease that could not be ended ends by itself.
  if (!written.ok() && !is_lost(written)) rest_for_store(written.error());
  if (verdict.rest) rests_.begin(host, *verdict.rest, verdict.text, now_ms_);
}

Status Worker::write(const OutboxRequest& item, const Verdict& verdict) {
  DeliveryEvent event;
  event.id = item.id;
  event.topic = item.topic;
  event.text = verdict.text;
  switch (verdict.fate) {
    case Fate::kDelivered: {
      const Status completed = ports_.queue->complete(item.id, item.attempt);
      event.kind = Kind::kDelivered;
      tell(event);
      return completed;
    }
    case Fate::kPutBack:
      return ports_.queue->release(item.id, item.attempt);
    case Fate::kDead:
    case Fate::kRetry: {
      TSR_ASSIGN_OR_RETURN(const bool is_dead,
                           ports_.queue->fail(item.id, item.attempt, verdict.text,
                                              verdict.fate == Fate::kDead, verdict.retry_after_ms));
      event.kind = Kind::kDead;
      if (is_dead) tell(event);
      return {};
    }
  }
  return {};
}

void Worker::rest_for_store(const Error& error) {
  rests_.begin({}, {PauseReason::kStore, kStoreRestMs, /*is_for_all=*/true}, error.text, now_ms_);
}

std::optional<std::chrono::milliseconds> Worker::pause() const {
  std::optional<int64_t> next;
  const auto consider = [&next](std::optional<int64_t> at_ms) {
    if (at_ms) next = std::min(next.value_or(*at_ms), *at_ms);
  };
  for (const std::unique_ptr<Flight>& flight : flights_.all()) consider(flight->extend_ms);
  if (!is_stopping_) {
    consider(rests_.next_ms(now_ms_));
    if (may_send()) consider(next_send_ms_);
    if (!asks_) consider(due_boot_ms_);
  }
  if (!next) return std::nullopt;
  return std::chrono::milliseconds(std::clamp<int64_t>(*next - now_ms_, 0, kLongestNapMs));
}

void Worker::tell_rests() {
  for (Rests::Change& change : rests_.take_changes()) {
    DeliveryEvent event;
    event.kind = change.is_paused ? Kind::kPaused : Kind::kResumed;
    event.host = std::move(change.host);
    event.reason = change.reason;
    event.text = std::move(change.text);
    tell(event);
  }
}

void Worker::tell_consents() {
  std::vector<std::string> held = consents_.held();  // in order
  if (held == held_topics_) return;
  const std::vector<std::string> before = std::exchange(held_topics_, std::move(held));
  const auto tell_new = [this](const std::vector<std::string>& some, const std::vector<std::string>& others,
                               Kind kind) {
    for (const std::string& topic : some) {
      if (std::ranges::binary_search(others, topic)) continue;
      DeliveryEvent event;
      event.kind = kind;
      event.reason = PauseReason::kConsent;
      event.topic = topic;
      tell(event);
    }
  };
  tell_new(held_topics_, before, Kind::kPaused);
  tell_new(before, held_topics_, Kind::kResumed);
}

void Worker::tell_depth() {
  is_moved_ = false;
  if (!ports_.on_event) return;
  const Result<OutboxDepth> depth = ports_.queue->depth();
  if (!depth.ok() || depth_ == *depth) return;
  DeliveryEvent event;
  event.depth = *depth;
  event.kind = Kind::kAmbiguous;
  if (depth->ambiguous > (depth_ ? depth_->ambiguous : 0)) tell(event);
  event.kind = Kind::kDepth;
  depth_ = *depth;
  tell(event);
}

void Worker::tell(const DeliveryEvent& event) {
  const bool is_bad = event.kind == Kind::kDead || event.kind == Kind::kPaused;
  if (ports_.logger != nullptr && is_bad && ports_.logger->wants(LogLevel::kWarn)) {
    ports_.logger->write(LogLevel::kWarn, "http",
                         event.kind == Kind::kDead ? "delivery_dead" : "delivery_paused", event.text,
                         {{"id", event.id},
                          {"topic", event.topic},
                          {"host", event.host},
                          {"reason", std::string(pause_reason_name(event.reason))}});
  }
  if (!ports_.on_event) return;
  try {
    ports_.on_event(event);
  } catch (...) {  // the application's own: what is delivered does not depend on it
    return;
  }
}

}  // namespace tessera::http
