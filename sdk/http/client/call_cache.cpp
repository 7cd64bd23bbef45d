#include "http/client/call.hpp"
#include "http/client/errors.hpp"

namespace tessera::http {
namespace {

constexpr int kGatewayTimeout = 504;  // RFC 9111 section 5.2.1.7: only-if-cached, and nothing is

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
  return {request_.method, url_text_, request_.headers, request_.cache_partition};
}

void Call::look_in_cache() {
  url_text_ = url_.text();
  response_.url = url_text_;
  if (request_.cache == CacheMode::kOnlyIfCached && !uses_cache()) {
    response_.status = kGatewayTimeout;
    return finish(std::move(response_));
  }
  if (!uses_cache() || request_.cache == CacheMode::kRefresh) return enter_host();
  stage_ = Stage::kCache;
  const auto found = std::make_shared<ResponseCache::Found>();
  engine_.with_cache(
      [call = shared_from_this(), found] {
        *found = call->engine_.cache.find(call->cache_request(), call->engine_.clock.wall_ms());
      },
      [call = shared_from_this(), found] {
        if (call->stage_ == Stage::kCache) call->on_found(std::move(*found));
      });
}

void Call::on_found(ResponseCache::Found found) {
  cached_ = std::move(found.decision);
  stored_ = std::move(found.entry);
  if (request_.cache == CacheMode::kOnlyIfCached && cached_.reuse != Reuse::kFresh)
    cached_.reuse = Reuse::kNotCached;
  switch (cached_.reuse) {
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
      response_.status = kGatewayTimeout;
      return finish(std::move(response_));
    case Reuse::kValidate:
      trace("cache", "stale, to be validated");
      return enter_host();
    case Reuse::kMiss:
      trace("cache", "nothing stored");
      return enter_host();
  }
}

void Call::answer_from_cache() {
  if (attempts_ == 0) engine_.count(route_name(), LocalEnd::kCached);
  response_.status = stored_->status;
  response_.headers = answer_fields(*stored_, engine_.clock.wall_ms());
  response_.is_from_cache = true;
  response_.body = std::move(stored_->body);
  // It is all here: whoever pauses a stored response has room for it, or reads it from the response.
  if (receiver_.takes_body() && receiver_.on_head(response_) != Flow::kAbort && !response_.body.empty()) {
    receiver_.on_body(response_.body);
    response_.body.clear();
  }
  finish(std::move(response_));
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
  const CacheTimes times{sent_wall_ms_, head_wall_ms_};
  const auto fields = std::make_shared<Headers>(std::move(response_.headers));
  const auto answer = std::make_shared<std::optional<Entry>>();
  stage_ = Stage::kCache;
  engine_.with_cache(
      [call = shared_from_this(), answer, fields, times] {
        *answer =
            call->engine_.cache.confirm(call->cache_request(), std::move(*call->stored_), *fields, times);
      },
      [call = shared_from_this(), answer] {
        if (call->stage_ != Stage::kCache) return;
        call->stored_ = std::move(*answer);
        if (call->stored_) {
          call->trace("cache", "confirmed by the server");
          return call->answer_from_cache();
        }
        // It meant another representation: asked again, without conditions.
        call->trace("cache", "the server's 304 means another response");
        call->is_unconditional_ = true;
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
  entry.request_ms = sent_wall_ms_;
  entry.response_ms = head_wall_ms_;
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
