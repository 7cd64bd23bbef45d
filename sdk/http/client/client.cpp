#include "http/client/client.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "http/client/auth_host.hpp"
#include "http/client/call.hpp"
#include "http/client/engine.hpp"
#include "http/client/errors.hpp"
#include "http/transport/curl_transport.hpp"

namespace tessera::http {
namespace {

bool has_own_ca(const std::shared_ptr<const TlsSettings>& tls) {
  return tls != nullptr && !tls->ca_pem.empty();
}

bool needs_system_trust(const ClientConfig& config) {
  return !has_own_ca(config.tls) || !std::ranges::all_of(config.trusts, has_own_ca, &HostTrust::tls);
}

/// Keeps what belongs to the parent process from being destroyed in a forked child.
template <class T>
void leak(std::unique_ptr<T>& owned) {
  static_cast<void>(owned.release());
}

}  // namespace

/// A call between the threads: posted to begin, and with what is asked of it; counted until it has ended.
class Client::Sent final : public CallHandle, public Receiver, private Posted {
 public:
  Sent(Client& client, Request request, Receiver& receiver)
      : client_(client),
        source_(request.source),
        receiver_(receiver),
        call_(std::make_shared<Call>(*client.engine_, std::move(request), *this)) {}

  void begin(const std::shared_ptr<Sent>& self) {
    if (source_ != nullptr) source_->attach(self);
    const std::scoped_lock lock(mutex_);
    self_ = self;
    post();
  }
  void cancel() override { ask(&Asked::cancel); }
  void resume() override { ask(&Asked::resume); }

  Flow on_head(const Response& head) override { return receiver_.on_head(head); }
  bool takes_body() const override { return receiver_.takes_body(); }
  Flow on_body(ByteView piece) override { return receiver_.on_body(piece); }
  void on_done(Result<Response> response) override {
    std::shared_ptr<Sent> kept;
    {
      const std::scoped_lock lock(mutex_);
      is_done_ = true;
      kept = is_posted_ ? self_ : std::move(self_);
    }
    call_ = nullptr;
    if (source_ != nullptr) source_->detach();
    receiver_.on_done(std::move(response));
    client_.on_ended();
  }

 private:
  struct Asked {
    bool cancel = false, resume = false;
  };

  void ask(bool Asked::* what) {
    // Under the lock: the loop is there as long as the call has not ended.
    const std::scoped_lock lock(mutex_);
    asked_.*what = true;
    if (self_ != nullptr && !is_done_ && !is_posted_) post();  // before begin() it comes with that
  }
  void post() {
    is_posted_ = true;
    client_.loop_->post(*this);
  }
  void run() override {
    Asked asked;
    std::shared_ptr<Sent> kept;
    {
      const std::scoped_lock lock(mutex_);
      asked = std::exchange(asked_, {});
      is_posted_ = false;
      kept = is_done_ ? std::move(self_) : self_;
    }
    const std::shared_ptr<Call> call = call_;
    if (call == nullptr) return;
    if (!std::exchange(has_begun_, true)) call->begin();
    if (asked.cancel) call->cancel();
    if (asked.resume) call->resume();
  }

  Client& client_;
  const std::shared_ptr<BodySource> source_;
  Receiver& receiver_;
  std::mutex mutex_;
  // Guarded by mutex_.
  Asked asked_;
  bool is_posted_ = false, is_done_ = false;
  std::shared_ptr<Sent> self_;  // from begin() until it has ended and is not posted
  // Of the loop's thread.
  bool has_begun_ = false;
  std::shared_ptr<Call> call_;  // null once it has ended
};

/// Brings a provider to the loop's thread: the last one, when several are set before it gets there.
class Client::AuthChange final : public Posted {
 public:
  AuthChange(Engine& engine, Loop& loop) : engine_(engine), loop_(loop) {}
  void set(std::shared_ptr<AuthProvider> provider) {
    const std::scoped_lock lock(mutex_);
    provider_.swap(provider);
    if (!std::exchange(is_posted_, true)) loop_.post(*this);
  }
  void run() override {
    std::shared_ptr<AuthProvider> provider;
    {
      const std::scoped_lock lock(mutex_);
      provider.swap(provider_);
      is_posted_ = false;
    }
    engine_.set_auth(std::move(provider));
  }

 private:
  Engine& engine_;
  Loop& loop_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::shared_ptr<AuthProvider> provider_;
  bool is_posted_ = false;
};

namespace {

/// Work for the loop's thread, while another waits for it.
class Errand final : public Posted {
 public:
  explicit Errand(std::function<void()> work) : work_(std::move(work)) {}
  void run() override {
    work_();
    const std::scoped_lock lock(mutex_);
    is_done_ = true;
    done_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return is_done_; });
  }

 private:
  const std::function<void()> work_;
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
  SystemTrust trust;
  if (needs_system_trust(config)) trust = system_trust();
  TSR_ASSIGN_OR_RETURN(client->transport_,
                       CurlTransport::open({.connections_per_host = static_cast<int>(pool.per_host),
                                            .idle_connection_s = static_cast<int>(pool.idle_ms / 1000),
                                            .trust = std::move(trust)}));
  client->loop_ = std::make_unique<Loop>(*client->transport_, *ports.clock);
  TSR_ASSIGN_OR_RETURN(client->engine_,
                       Engine::make(std::move(config), ports, *client->loop_, *client->transport_));
  client->auth_change_ = std::make_unique<AuthChange>(*client->engine_, *client->loop_);
  client->auth_host_ = std::make_shared<AuthHost>(*client, *client->loop_);
  return client;
}

Client::Client() = default;

Client::~Client() {
  if (fork_.in_child()) {
    leak(auth_change_);
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
  const std::shared_ptr<BodySource> source = request.source;
  const auto sent = std::make_shared<Sent>(*this, std::move(request), receiver);
  if (Status entered = enter(); !entered.ok()) {
    if (source != nullptr) source->detach();
    return std::move(entered).error();
  }
  receiver.on_sent(sent);
  sent->begin(sent);
  return std::shared_ptr<CallHandle>(sent);
}

Status Client::enter() {
  const std::scoped_lock lock(mutex_);
  if (is_closed_) return closed_error();
  if (!is_started_) TSR_RETURN_IF_ERROR(loop_->start("tessera-http"));
  is_started_ = true;
  ++running_;
  return {};
}

Result<Response> Client::perform(Request request) {
  if (is_current()) return own_thread_error();
  Waiting waiting;
  TSR_ASSIGN_OR_RETURN(const std::shared_ptr<CallHandle> sent, send(std::move(request), waiting));
  return waiting.wait();
}

Status Client::set_auth(std::shared_ptr<AuthProvider> provider) {
  if (fork_.in_child())
    return Error{ErrorCode::kFORKED, "http", "the client belongs to the parent process; open another", {}};
  if (provider != nullptr) TSR_RETURN_IF_ERROR(provider->attach(auth_host_));
  const std::scoped_lock lock(mutex_);
  if (is_closed_) return closed_error();
  auth_change_->set(std::move(provider));
  return {};
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
    if (!is_started_) {
      lock.unlock();
      auth_host_->close();
      return {};
    }
    was_running =
        !ended_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [this] { return running_ == 0; });
  }
  const std::scoped_lock closing(close_mutex_);
  if (is_stopped_) return {};
  auth_host_->close();  // what a provider has sent is there by now, and ends as the rest does
  Errand end_all([this] { engine_->end_all(closed_error()); });
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

bool Client::is_current() const { return loop_->is_current(); }

Result<Url> Client::resolve(std::string_view url) const { return engine_->resolve(url); }

uint64_t Client::add_interceptor(std::shared_ptr<Interceptor> interceptor, InterceptorPlace place) {
  return engine_->interceptors.add(std::move(interceptor), place);
}

void Client::remove_interceptor(uint64_t id) {
  // In a forked child nothing runs any more, and locks may be held for ever.
  if (!fork_.in_child()) engine_->interceptors.remove(id);
}

Status Client::on_loop(std::function<void()> work) {
  if (fork_.in_child())
    return Error{ErrorCode::kFORKED, "http", "the client belongs to the parent process", {}};
  if (loop_->is_current()) {
    work();
    return {};
  }
  const std::scoped_lock closing(close_mutex_);  // the loop stays
  {
    const std::scoped_lock lock(mutex_);
    if (is_closed_ && (is_stopped_ || !is_started_)) return closed_error();
    if (!is_started_) {
      work();
      return {};
    }
  }
  Errand errand(std::move(work));
  loop_->post(errand);
  errand.wait();
  return {};
}

Result<std::string> Client::state_json() {
  std::string text;
  TSR_RETURN_IF_ERROR(on_loop([&] { text = dump_json(engine_->state_json()); }));
  return text;
}

Status Client::reset_breaker(std::string_view host) {
  return on_loop([this, host] { engine_->reset_breaker(host); });
}

Status Client::network_changed() {
  return on_loop([this] { engine_->network_changed(); });
}

std::string Client::metrics_json() { return dump_json(engine_->metrics_json()); }

std::string Client::metrics_prometheus() { return engine_->metrics_prometheus(); }

}  // namespace tessera::http
