#include "http/client/client.hpp"

#include <chrono>
#include <utility>

#include "http/client/call.hpp"
#include "http/client/engine.hpp"
#include "http/client/errors.hpp"
#include "http/transport/curl_transport.hpp"

namespace tessera::http {
namespace {

/// Keeps what belongs to the parent process from being destroyed in a forked child.
template <class T>
void leak(std::unique_ptr<T>& owned) {
  static_cast<void>(owned.release());
}

}  // namespace

/// A call between the threads: posted to begin, to cancel and to resume, and counted until it has ended.
class Client::Sent final : public CallHandle, public Receiver, public std::enable_shared_from_this<Sent> {
 public:
  Sent(Client& client, Request request, Receiver& receiver)
      : client_(client), request_(std::move(request)), receiver_(receiver) {}

  void begin() { ask(begin_); }
  void cancel() override { ask(cancel_); }
  void resume() override { ask(resume_); }

  Flow on_head(const Response& head) override { return receiver_.on_head(head); }
  bool takes_body() const override { return receiver_.takes_body(); }
  Flow on_body(ByteView piece) override { return receiver_.on_body(piece); }
  void on_done(Result<Response> response) override {
    {
      const std::scoped_lock lock(mutex_);
      is_done_ = true;
    }
    const std::shared_ptr<Sent> kept = std::exchange(self_, nullptr);
    call_ = nullptr;
    receiver_.on_done(std::move(response));
    client_.on_ended();
  }

 private:
  /// What another thread wants; it waits for the loop once at a time.
  class Ask final : public Posted {
   public:
    Ask(Sent& sent, void (Sent::*what)()) : sent_(sent), what_(what) {}
    void run() override {
      std::shared_ptr<Sent> kept;
      {
        const std::scoped_lock lock(sent_.mutex_);
        kept = std::exchange(keeper_, nullptr);
      }
      (*kept.*what_)();
    }

   private:
    friend class Sent;
    Sent& sent_;
    void (Sent::* const what_)();
    std::shared_ptr<Sent> keeper_;  // while it is posted
  };

  void ask(Ask& what) {
    // Under the lock: the loop is there as long as the call has not ended.
    const std::scoped_lock lock(mutex_);
    if (is_done_ || what.keeper_ != nullptr) return;
    what.keeper_ = shared_from_this();
    client_.loop_->post(what);
  }

  void do_begin() {
    call_ = std::make_shared<Call>(*client_.engine_, std::move(request_), *this);
    self_ = shared_from_this();
    const std::shared_ptr<Call> call = call_;
    call->begin();
  }
  void do_cancel() {
    if (call_ != nullptr) call_->cancel();
  }
  void do_resume() {
    if (call_ != nullptr) call_->resume();
  }

  Client& client_;
  Request request_;  // until it begins
  Receiver& receiver_;
  Ask begin_{*this, &Sent::do_begin}, cancel_{*this, &Sent::do_cancel}, resume_{*this, &Sent::do_resume};
  std::mutex mutex_;
  bool is_done_ = false;  // guarded by mutex_, as the askers' keepers are
  // Of the loop's thread.
  std::shared_ptr<Call> call_;
  std::shared_ptr<Sent> self_;
};

namespace {

/// Ends what still runs, on the loop's thread, while another waits for it.
class EndAll final : public Posted {
 public:
  explicit EndAll(Engine& engine) : engine_(engine) {}
  void run() override {
    engine_.end_all(closed_error());
    const std::scoped_lock lock(mutex_);
    is_done_ = true;
    done_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return is_done_; });
  }

 private:
  Engine& engine_;
  std::mutex mutex_;
  std::condition_variable done_;
  bool is_done_ = false;
};

class Waiting final : public Receiver {
 public:
  void on_done(Result<Response> response) override {
    const std::scoped_lock lock(mutex_);
    response_ = std::move(response);
    done_.notify_all();
  }
  Result<Response> wait() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return response_.has_value(); });
    return std::move(*response_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  std::optional<Result<Response>> response_;
};

}  // namespace

Result<std::unique_ptr<Client>> Client::open(ClientConfig config, const ClientPorts& ports) {
  std::unique_ptr<Client> client(new Client);
  const PoolConfig& pool = config.policies.pool;
  TSR_ASSIGN_OR_RETURN(client->transport_,
                       CurlTransport::open({.connections_per_host = static_cast<int>(pool.per_host),
                                            .idle_connection_s = static_cast<int>(pool.idle_ms / 1000)}));
  client->loop_ = std::make_unique<Loop>(*client->transport_, *ports.clock);
  TSR_ASSIGN_OR_RETURN(client->engine_,
                       Engine::make(std::move(config), ports, *client->loop_, *client->transport_));
  return client;
}

Client::Client() = default;

Client::~Client() {
  if (fork_.in_child()) {
    leak(engine_);
    leak(loop_);
    leak(transport_);
    return;
  }
  if (engine_ != nullptr) static_cast<void>(close(0));
}

Result<std::shared_ptr<CallHandle>> Client::send(Request request, Receiver& receiver) {
  if (fork_.in_child())
    return Error{ErrorCode::kFORKED, "http", "the client belongs to the parent process; open another", {}};
  const auto sent = std::make_shared<Sent>(*this, std::move(request), receiver);
  {
    const std::scoped_lock lock(mutex_);
    if (is_closed_) return closed_error();
    if (!is_started_) TSR_RETURN_IF_ERROR(loop_->start("tessera-http"));
    is_started_ = true;
    ++running_;
  }
  sent->begin();
  return std::shared_ptr<CallHandle>(sent);
}

Result<Response> Client::perform(Request request) {
  if (loop_->is_current()) {
    return Error{ErrorCode::kSTATE,
                 "http",
                 "a blocking call on the client's own thread would wait for itself; send it instead",
                 {}};
  }
  Waiting waiting;
  TSR_ASSIGN_OR_RETURN(const std::shared_ptr<CallHandle> sent, send(std::move(request), waiting));
  return waiting.wait();
}

void Client::on_ended() {
  // Notified under the lock: after it the client may go.
  const std::scoped_lock lock(mutex_);
  if (--running_ == 0) ended_.notify_all();
}

Status Client::close(int64_t timeout_ms) {
  if (fork_.in_child())
    return Error{ErrorCode::kFORKED, "http", "the client belongs to the parent process", {}};
  if (loop_->is_current()) {
    return Error{ErrorCode::kSTATE, "http", "the client can't be closed from its own thread", {}};
  }
  bool was_running = false;
  {
    std::unique_lock lock(mutex_);
    is_closed_ = true;
    if (!is_started_) return {};
    was_running =
        !ended_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [this] { return running_ == 0; });
  }
  const std::scoped_lock closing(close_mutex_);
  if (is_stopped_) return {};
  EndAll end_all(*engine_);
  loop_->post(end_all);
  end_all.wait();
  {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return running_ == 0; });
  }
  engine_->drain();
  loop_->stop();
  is_stopped_ = true;
  if (was_running)
    return Error{
        ErrorCode::kTIMEOUT, "http", "calls still ran when the time was over; they were cancelled", {}};
  return {};
}

std::string Client::metrics_json() { return dump_json(engine_->metrics_json()); }

std::string Client::metrics_prometheus() { return engine_->metrics_prometheus(); }

}  // namespace tessera::http
