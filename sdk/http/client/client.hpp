// The API client: calls from any thread, I/O and policies on its own.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/fork_guard.hpp"
#include "http/client/config.hpp"
#include "http/client/interceptor.hpp"
#include "http/client/request.hpp"

namespace tessera::http {

class AuthHost;
class AuthProvider;
class Call;
class Engine;
class CurlTransport;
class Loop;

class Client {
 public:
  static Result<std::unique_ptr<Client>> open(ClientConfig config, const ClientPorts& ports);
  /// Ends what still runs, without waiting for more than what is done to it.
  ~Client();

  /// `receiver` stays until its on_done(), which is never called from inside send(); the request's source is
  /// detached before that, or when this fails. The thread starts with the first call. STATE once closed,
  /// FORKED in a child, BUSY when no thread can be started.
  Result<std::shared_ptr<CallHandle>> send(Request request, Receiver& receiver);
  /// send(), and waits. STATE on the client's own thread.
  Result<Response> perform(Request request);
  /// Whose credentials calls have from now on, also those that wait for one; null: none. From any thread.
  Status set_auth(std::shared_ptr<AuthProvider> provider);
  /// Lets calls that run end within `timeout_ms`, then cancels them. TIMEOUT when it had to.
  Status close(int64_t timeout_ms);
  /// Whether this is the client's own thread, where nothing may wait for it.
  bool is_current() const;

  /// From any thread; each attempt that begins later meets it. The number is for remove_interceptor().
  uint64_t add_interceptor(std::shared_ptr<Interceptor> interceptor,
                           InterceptorPlace place = InterceptorPlace::kInOrder);
  /// It is not called any more: waits for a call of it that runs, except from inside that.
  void remove_interceptor(uint64_t id);

  /// As seen from the base URL, where there is one.
  Result<Url> resolve(std::string_view url) const;

  /// {"routes": ...}, see Metrics.
  std::string metrics_json();
  std::string metrics_prometheus();
  /// {"connectivity", "hosts": [{"host", "breaker": {"state", "trips", "retry_at_ms"}, "budget", "pending",
  /// "in_flight"}], "proxies": [{"url", "state", "retry_at_ms"}], "in_flight", "queued"}, as it is now. This
  /// and what follows: STATE once closed, FORKED in a child.
  Result<std::string> state_json();
  /// Of a name, an origin ("https://name:port"), or of all when empty.
  Status reset_breaker(std::string_view host);
  /// The machine has another network: calls may try at once, also those of open breakers if configured.
  Status network_changed();

 private:
  /// Waits for it, on the loop's thread unless that was never started.
  Status on_loop(std::function<void()> work);
  class Sent;
  class AuthChange;
  Client();
  /// One more call runs.
  Status enter();
  void on_ended();

  std::unique_ptr<CurlTransport> transport_;
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<AuthChange> auth_change_;
  std::shared_ptr<AuthHost> auth_host_;
  ForkGuard fork_;
  std::mutex mutex_;
  std::condition_variable ended_;
  // Guarded by mutex_.
  bool is_started_ = false, is_closed_ = false;
  size_t running_ = 0;
  std::mutex close_mutex_;
  bool is_stopped_ = false;  // guarded by close_mutex_
};

}  // namespace tessera::http
