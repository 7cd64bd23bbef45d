#include "http/client/call.hpp"
#include "http/client/errors.hpp"

namespace tessera::http {
namespace {

constexpr int kGatewayTimeout = 504;  // RFC 9111 section 5.2.1.7: only-if-cached, and nothing is

Response not_cached() {
  Response response;
  response.status = kGatewayTimeout;
  return response;
}

/// A revalidation that nobody waits for.
class Forgotten final : public Receiver {
 public:
  void on_done(Result<Response>) override { delete this; }
};

}  // namespace

bool Call::uses_cache() const {
  return engine_.config.is_cached && request_.cache != CacheMode::kNoStore && is_answerable(cache_request());
}

CacheRequest Call::cache_request() const {
  return {request_.method, request_.url, request_.headers, request_.cache_partition};
}

void Call::look_in_cache() {
  if (request_.cache == CacheMode::kOnlyIfCached && !uses_cache()) return finish(not_cached());
  if (!uses_cache() || request_.cache == CacheMode::kRefresh) return enter_host();
  stage_ = Stage::kCache;
  const auto found = std::make_shared<ResponseCache::Found>();
  engine_.with_cache(
      [call = shared_from_this(), found] {
        *found = call->engine_.cache.find(call->cache_request(), call->engine_.clock.wall_ms());
      },
      [call = shared_from_this(), found] {
        if (call->stage_ == Stage::kCache) call->on_found(found);
      });
}

void Call::on_found(std::shared_ptr<ResponseCache::Found> found) {
  const bool is_too_old =
      request_.cache == CacheMode::kOnlyIfCached && found->decision.reuse != Reuse::kFresh;
  const Reuse reuse = is_too_old ? Reuse::kNotCached : found->decision.reuse;
  if (reuse != Reuse::kMiss) found_ = std::move(found);
  switch (reuse) {
    case Reuse::kFresh:
      trace("cache", "fresh");
      return answer_from_cache();
    case Reuse::kStale:
      trace("cache", "stale, as the request allows");
      return answer_from_cache();
    case Reuse::kRefresh:
      trace("cache", "stale, refreshed behind");
      refresh_behind();
      return answer_from_cache();
    case Reuse::kNotCached:
      trace("cache", "nothing stored, and nothing may be sent");
      return finish(not_cached());
    case Reuse::kValidate:
      trace("cache", "stale, to be validated");
      return enter_host();
    case Reuse::kMiss:
      trace("cache", "nothing stored");
      return enter_host();
  }
}

/// Whether the conditions of what is stored go with the request.
bool Call::is_conditional() const { return found_ != nullptr && found_->decision.reuse == Reuse::kValidate; }

void Call::answer_from_cache() {
  if (attempts_ == 0) engine_.count(route_name(), LocalEnd::kCached);
  Entry& stored = *found_->entry;
  Response response;
  if (flight_ != nullptr) response = std::move(flight_->response);  // how the last attempt went
  response.status = stored.status;
  response.headers = answer_fields(stored, engine_.clock.wall_ms());
  response.is_from_cache = true;
  response.body = std::move(stored.body);
  complete(&response);
  // It is all here: whoever pauses a stored response has room for it, or reads it from the response.
  if (receiver_.takes_body() && receiver_.on_head(response) != Flow::kAbort && !response.body.empty()) {
    receiver_.on_body(response.body);
    response.body.clear();
  }
  finish(std::move(response));
}

bool Call::may_answer_stale(const Attempt& attempt) const {
  return found_ != nullptr && found_->decision.covers_errors && is_covered_error(attempt);
}

void Call::answer_stale() {
  trace("cache", "stale, instead of an error");
  answer_from_cache();
}

void Call::refresh_behind() {
  Request again = request_;
  again.cache = CacheMode::kRefresh;
  again.is_background = true;
  again.is_traced = false;
  again.source = nullptr;
  std::make_shared<Call>(engine_, std::move(again), *new Forgotten)->begin();
}

/// A 304 to the conditions that the cache added.
void Call::on_not_modified() {
  const CacheTimes times{flight_->sent_wall_ms, flight_->head_wall_ms};
  const auto fields = std::make_shared<Headers>(std::move(flight_->response.headers));
  const auto answer = std::make_shared<std::optional<Entry>>();
  stage_ = Stage::kCache;
  engine_.with_cache(
      [call = shared_from_this(), answer, fields, times] {
        *answer = call->engine_.cache.confirm(call->cache_request(), std::move(*call->found_->entry), *fields,
                                              times);
      },
      [call = shared_from_this(), answer] {
        if (call->stage_ != Stage::kCache) return;
        call->found_->entry = std::move(*answer);
        if (call->found_->entry) {
          call->trace("cache", "confirmed by the server");
          return call->answer_from_cache();
        }
        // It meant another representation: asked again, without conditions.
        call->trace("cache", "the server's 304 means another response");
        call->found_.reset();
        call->await_turn();
      });
}

/// Copies what may be kept, and forgets what the response makes invalid.
void Call::keep_in_cache(const Response& response) {
  if (!engine_.config.is_cached) return;
  const bool is_read = uses_cache();
  const bool is_unsafe =
      request_.method != "GET" && request_.method != "HEAD" && request_.method != "OPTIONS";
  if (!is_read && !is_unsafe) return;
  Entry entry;
  entry.is_head = request_.method == "HEAD";
  entry.status = response.status;
  entry.headers = response.headers;
  entry.request_ms = flight_->sent_wall_ms;
  entry.response_ms = flight_->head_wall_ms;
  const bool is_kept = is_read && !receiver_.takes_body() && engine_.cache.may_admit(cache_request(), entry);
  if (!is_kept && engine_.responses.is_empty()) return;
  if (is_kept) {
    entry.headers.remove("content-encoding");  // what is kept is decoded
    entry.headers.remove("content-length");
    entry.body = response.body;
  }
  const auto kept = std::make_shared<Entry>(std::move(entry));
  engine_.with_cache(
      [call = shared_from_this(), kept, is_kept, is_read] {
        const CacheRequest request = call->cache_request();
        if (is_kept) return call->engine_.cache.store(request, std::move(*kept));
        if (is_read) return static_cast<void>(call->engine_.cache.admit(request, *kept));
        call->engine_.cache.invalidate(request, kept->status, kept->headers,
                                       [&](std::string_view reference) -> std::optional<std::string> {
                                         const Result<Url> url = join_url(call->url_, reference);
                                         if (!url.ok()) return std::nullopt;
                                         return url->text();
                                       });
      },
      [] {});
}

}  // namespace tessera::http
