#include "http/pages/pages.hpp"

#include <condition_variable>
#include <mutex>
#include <string_view>
#include <utility>

#include "http/client/errors.hpp"
#include "http/pages/page_walk.hpp"

namespace tessera::http {
namespace {

Error forked_error() {
  return {ErrorCode::kFORKED, "http", "the pages belong to the parent process; open them again", {}};
}

Headers harmless(const Headers& headers) {
  Headers out;
  for (const char* name : {"Accept", "Accept-Language", "User-Agent"}) {
    if (const auto value = headers.get(name)) out.add(name, *value);
  }
  return out;
}

/// Of a call that waits.
class Waiting {
 public:
  void set(Pages::Next next) {
    const std::scoped_lock lock(mutex_);
    next_ = std::move(next);
    is_there_.notify_all();
  }
  Pages::Next wait() {
    std::unique_lock lock(mutex_);
    is_there_.wait(lock, [this] { return next_.has_value(); });
    return std::move(*next_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable is_there_;
  std::optional<Pages::Next> next_;
};

}  // namespace

class Pages::Walker final : public Receiver, public std::enable_shared_from_this<Walker> {
 public:
  Walker(Client& client, Request request, Url first, PagesConfig config)
      : client_(client),
        request_(std::move(request)),
        target_(request_.method + " " + first.host),
        walk_(std::move(first), std::move(config)) {}

  bool is_own_thread() const { return client_.is_current(); }

  Status next(Done done, const void* asker = nullptr) {
    TSR_RETURN_IF_ERROR(enter());
    Result<std::optional<Url>> url = walk_.next();
    if (url.ok() && *url) return send(**url, std::move(done), asker);
    leave();
    done(url.ok() ? Next(std::nullopt) : Next(std::move(url).error()));
    return {};
  }

  void leave(const void* asker) {
    std::shared_ptr<CallHandle> handle;
    {
      const std::scoped_lock lock(mutex_);
      if (asker_ == asker) handle = handle_;
    }
    if (handle != nullptr) handle->cancel();
  }

  void close() {
    std::shared_ptr<CallHandle> handle;
    {
      const std::scoped_lock lock(mutex_);
      is_closed_ = true;
      handle = std::move(handle_);
    }
    if (handle != nullptr) handle->cancel();
  }

 private:
  static Error closed() { return {ErrorCode::kSTATE, "http", "the pages are closed; open them again", {}}; }

  Status enter() {
    const std::scoped_lock lock(mutex_);
    if (is_closed_) return closed();
    if (is_busy_)
      return Error{ErrorCode::kBUSY, "http", "another call waits for the next page; wait for its end", {}};
    is_busy_ = true;
    return {};
  }

  void leave() {
    const std::scoped_lock lock(mutex_);
    is_busy_ = false;
  }

  Request request_for(const Url& url) const {
    Request request = request_;
    request.url = url.text();
    if (walk_.is_foreign()) {
      request.headers = harmless(request_.headers);
      request.idempotency_key.clear();
      request.body.clear();
      request.skips_auth = request.is_foreign = true;
    }
    return request;
  }

  Status send(const Url& url, Done done, const void* asker) {
    Request request = request_for(url);
    // Held until the handle is known: the call may end at once.
    const std::scoped_lock lock(mutex_);
    is_busy_ = false;
    if (is_closed_) return closed();
    TSR_ASSIGN_OR_RETURN(handle_, client_.send(std::move(request), *this));
    is_busy_ = true;
    done_ = std::move(done);
    asker_ = asker;
    self_ = shared_from_this();
    return {};
  }

  void on_done(Result<Response> response) override {
    std::shared_ptr<Walker> kept;
    Done done;
    Next next = judge(std::move(response));
    {
      const std::scoped_lock lock(mutex_);
      kept = std::move(self_);
      done = std::exchange(done_, nullptr);
      handle_ = nullptr;
      is_busy_ = false;
    }
    done(std::move(next));
  }

  Next judge(Result<Response> response) {
    if (!response.ok()) return std::move(response).error();
    if (response->status / 100 != 2) return status_error(target_, response->status);
    walk_.came(*response);
    return std::optional<Response>(std::move(response).value());
  }

  Client& client_;
  const Request request_;
  const std::string target_;
  PageWalk walk_;  // of the one call that is_busy_ tells of

  std::mutex mutex_;
  // Guarded by mutex_.
  bool is_closed_ = false, is_busy_ = false;
  Done done_;
  const void* asker_ = nullptr;
  std::shared_ptr<CallHandle> handle_;
  std::shared_ptr<Walker> self_;  // while a call runs
};

Result<std::unique_ptr<Pages>> Pages::open(Client& client, Request first, PagesConfig config) {
  TSR_RETURN_IF_ERROR(check_pages_config(config));
  TSR_ASSIGN_OR_RETURN(Url url, client.resolve(first.url));
  if (first.source != nullptr || (config.kind == PageKind::kLink && first.method != "GET")) {
    return Error{
        ErrorCode::kARG,
        "http",
        "pages are asked for again and again: with a body instead of a source, and with GET when they "
        "are linked",
        {}};
  }
  return std::unique_ptr<Pages>(
      new Pages(std::make_shared<Walker>(client, std::move(first), std::move(url), std::move(config))));
}

Pages::Pages(std::shared_ptr<Walker> walker) : walker_(std::move(walker)) {}

Pages::~Pages() {
  if (fork_.in_child()) {
    // A lock may be held for ever.
    static_cast<void>(new std::shared_ptr<Walker>(std::move(walker_)));
    return;
  }
  walker_->close();
}

Pages::Next Pages::next() {
  if (fork_.in_child()) return forked_error();
  if (walker_->is_own_thread()) return own_thread_error();
  Waiting waiting;
  TSR_RETURN_IF_ERROR(walker_->next([&waiting](Next next) { waiting.set(std::move(next)); }));
  return waiting.wait();
}

Status Pages::next_async(Done done, const void* asker) {
  if (fork_.in_child()) return forked_error();
  const std::shared_ptr<Walker> kept = walker_;  // `done` may destroy this
  return kept->next(std::move(done), asker);
}

void Pages::leave(const void* asker) {
  if (fork_.in_child()) return;
  const std::shared_ptr<Walker> kept = walker_;
  kept->leave(asker);
}

void Pages::close() {
  if (!fork_.in_child()) walker_->close();
}

}  // namespace tessera::http
