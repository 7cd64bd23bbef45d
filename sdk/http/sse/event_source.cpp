#include "http/sse/event_source.hpp"

#include <algorithm>
#include <utility>

#include "http/client/errors.hpp"
#include "http/fields/content_type.hpp"
#include "http/fields/retry_after.hpp"
#include "text/json.hpp"

namespace tessera::http {
namespace {

/// Of a body that is no event stream: reading it keeps the connection.
constexpr size_t kMostDiscarded = size_t{64} << 10;
/// As a header field's value servers take no more; each event holds it.
constexpr size_t kLongestId = size_t{4} << 10;

bool is_event_stream(const Headers& headers) {
  const std::optional<std::string_view> value = headers.get("content-type");
  const std::optional<ContentType> type = value ? parse_content_type(*value) : std::nullopt;
  return type && type->type == "text/event-stream";
}

bool is_passing(int status) { return status >= 500 || status == 408 || status == 425 || status == 429; }

/// Once events came, what is broken is the connection.
bool may_reconnect(const Error& error, bool was_open) {
  return error_retryable(error.code) || (was_open && error.code == ErrorCode::kPROTOCOL);
}

}  // namespace

EventSource::EventSource(Client& client, Request request, std::string target, SseConfig config,
                         const Clock& clock, Random& random)
    : client_(client),
      request_(std::move(request)),
      target_(std::move(target)),
      config_(std::move(config)),
      clock_(clock),
      queue_(static_cast<size_t>(config_.max_queued), [this] { resume(); }),
      parser_(static_cast<size_t>(config_.max_event_bytes)),
      backoff_(config_, random) {
  // As if the server had said it; nothing is dispatched.
  const std::string id = "id: " + config_.last_event_id + "\n\n";
  if (!config_.last_event_id.empty()) static_cast<void>(parser_.feed(id, [](const SseEvent&) {}));
}

Status EventSource::connect(int64_t delay_ms) {
  parser_.restart();
  is_open_ = false;
  discarded_ = 0;
  retry_after_ms_.reset();
  Request request = request_;
  request.delay_ms = delay_ms;
  const std::string& id = parser_.last_event_id();
  if (!id.empty() && id.size() <= kLongestId && check_field("Last-Event-ID", id).ok())
    request.headers.set("Last-Event-ID", id);
  // Held until the handle is known: the call may end at once.
  const std::scoped_lock lock(mutex_);
  if (is_closed_) return {};
  TSR_ASSIGN_OR_RETURN(handle_, client_.send(std::move(request), *this));
  self_ = shared_from_this();
  return {};
}

void EventSource::close() {
  queue_.close();
  std::shared_ptr<CallHandle> handle;
  {
    const std::scoped_lock lock(mutex_);
    is_closed_ = true;
    handle = std::move(handle_);
  }
  if (handle != nullptr) handle->cancel();
}

void EventSource::resume() {
  std::shared_ptr<CallHandle> handle;
  {
    const std::scoped_lock lock(mutex_);
    handle = handle_;
  }
  if (handle != nullptr) handle->resume();
}

Flow EventSource::on_head(const Response& head) {
  is_open_ = head.status == 200 && is_event_stream(head.headers);
  if (is_open_) {
    opened_ms_ = clock_.boot_ms();
  } else {
    judge(head);
  }
  return Flow::kGo;
}

/// The head of a response that is no stream: it ends here, or another is asked for later.
void EventSource::judge(const Response& head) {
  if (head.status == 204) return queue_.end();
  if (head.status == 200) {
    return queue_.end(Error{ErrorCode::kPROTOCOL, "http",
                            target_ + ": the answer is not of the type text/event-stream; check that the "
                                      "address is that of an event stream",
                            dump_json({{"status", head.status}})});
  }
  if (!config_.reconnects || !is_passing(head.status)) return queue_.end(status_error(target_, head.status));
  const std::optional<std::string_view> after = head.headers.get("retry-after");
  if (after) retry_after_ms_ = parse_retry_after(*after, clock_.wall_ms());
}

Flow EventSource::on_body(ByteView piece) {
  if (!is_open_) {
    discarded_ += piece.size();
    return discarded_ > kMostDiscarded ? Flow::kAbort : Flow::kGo;
  }
  if (queue_.must_wait()) return Flow::kPause;
  const Status fed = parser_.feed(as_text(piece), [this](const SseEvent& event) { keep(event); });
  if (fed.ok()) return Flow::kGo;
  queue_.end(fed.error());
  return Flow::kAbort;
}

void EventSource::keep(const SseEvent& event) {
  const bool has_id = event.id.size() <= kLongestId;
  queue_.push({std::string(event.type), std::string(event.data),
               has_id ? std::string(event.id) : std::string(), parser_.retry_ms()});
}

void EventSource::on_done(Result<Response> response) {
  std::shared_ptr<EventSource> kept;
  {
    const std::scoped_lock lock(mutex_);
    kept = std::exchange(self_, nullptr);
    handle_ = nullptr;
  }
  if (queue_.has_ended()) return;
  if (!response.ok() && (!config_.reconnects || !may_reconnect(response.error(), is_open_)))
    return queue_.end(std::move(response).error());
  if (!config_.reconnects) return queue_.end();
  const std::optional<int64_t> up_ms = is_open_ ? std::optional(clock_.boot_ms() - opened_ms_) : std::nullopt;
  const int64_t wait_ms =
      std::max(backoff_.next_ms(up_ms, parser_.retry_ms()), wait_asked(response).value_or(0));
  if (Status connected = connect(wait_ms); !connected.ok()) queue_.end(std::move(connected).error());
}

/// By Retry-After, or by the client that keeps to one.
std::optional<int64_t> EventSource::wait_asked(const Result<Response>& response) const {
  if (response.ok() || response.error().detail_json.empty()) return retry_after_ms_;
  const Result<Json> detail = parse_json(response.error().detail_json);
  if (!detail.ok()) return std::nullopt;
  const auto wait_ms = json_integer(*detail, "retry_after_ms", 0, kLongestWaitMs);
  return wait_ms.ok() ? *wait_ms : std::nullopt;
}

}  // namespace tessera::http
