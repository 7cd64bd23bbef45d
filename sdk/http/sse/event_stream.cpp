#include "http/sse/event_stream.hpp"

#include <limits>
#include <utility>

#include "http/client/errors.hpp"
#include "http/sse/event_source.hpp"

namespace tessera::http {
namespace {

Error forked_error() {
  return {ErrorCode::kFORKED, "http", "the event stream belongs to the parent process; open another", {}};
}

Status check(const Request& request, const SseConfig& config) {
  for (size_t i = 0; i < request.headers.size(); ++i)
    TSR_RETURN_IF_ERROR(check_field(request.headers[i].name, request.headers[i].value));
  TSR_RETURN_IF_ERROR(check_field("Last-Event-ID", config.last_event_id));
  if (request.source != nullptr && config.reconnects) {
    return Error{ErrorCode::kARG,
                 "http",
                 "an event stream that reconnects can't read its request's source again; give it a body",
                 {}};
  }
  return {};
}

void prepare(Request* request, const SseConfig& config) {
  if (!request->headers.has("accept")) request->headers.add("Accept", "text/event-stream");
  request->cache = CacheMode::kNoStore;
  request->total_ms.reset();
  request->max_body_bytes = std::numeric_limits<int64_t>::max();
  request->idle_ms = config.idle_ms;
  if (!config.reconnects) return;
  // It waits and tries on its own, and servers end streams as they like: that says nothing about the host.
  request->max_attempts = 1;
  request->skips_breaker = true;
}

}  // namespace

Result<std::unique_ptr<EventStream>> EventStream::open(Client& client, Request request, SseConfig config,
                                                       const SsePorts& ports) {
  TSR_RETURN_IF_ERROR(check(request, config));
  TSR_ASSIGN_OR_RETURN(const Url url, client.resolve(request.url));
  prepare(&request, config);
  std::string target = request.method + " " + url.host;
  auto source = std::make_shared<EventSource>(client, std::move(request), std::move(target),
                                              std::move(config), *ports.clock, *ports.random);
  TSR_RETURN_IF_ERROR(source->start());
  return std::unique_ptr<EventStream>(new EventStream(std::move(source)));
}

EventStream::~EventStream() {
  if (fork_.in_child()) {
    // A lock may be held for ever.
    static_cast<void>(new std::shared_ptr<EventSource>(std::move(source_)));
    return;
  }
  source_->close();
}

EventStream::Next EventStream::next(int64_t timeout_ms) {
  if (fork_.in_child()) return forked_error();
  if (source_->is_own_thread()) return own_thread_error();
  return source_->queue().next(timeout_ms);
}

Status EventStream::next_async(Done done, const void* asker) {
  if (fork_.in_child()) return forked_error();
  const std::shared_ptr<EventSource> kept = source_;  // `done` may destroy this
  return kept->queue().next_async(std::move(done), asker);
}

void EventStream::leave(const void* asker) {
  if (fork_.in_child()) return;
  const std::shared_ptr<EventSource> kept = source_;
  kept->queue().leave(asker);
}

void EventStream::close() {
  if (fork_.in_child()) return;
  const std::shared_ptr<EventSource> kept = source_;
  kept->close();
}

}  // namespace tessera::http
