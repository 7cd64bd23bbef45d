// The API client: calls from any thread, I/O and policies on its own.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "base/fork_guard.hpp"
#include "http/client/config.hpp"
#include "http/client/request.hpp"

namespace tessera::http {

class Call;
class Engine;
class CurlTransport;
class Loop;

/// A call that was sent. Safe from any thread.
class CallHandle {
 public:
  virtual ~CallHandle() = default;
  /// Asks it to end with CANCELLED; does nothing once it has ended.
  virtual void cancel() = 0;
  /// After a Flow::kPause.
  virtual void resume() = 0;
};

class Client {
 public:
  static Result<std::unique_ptr<Client>> open(ClientConfig config, const ClientPorts& ports);
  /// Ends what still runs, without waiting for more than what is done to it.
  ~Client();

  /// `receiver` stays until its on_done(), which is never called from inside send(). The thread starts with
  /// the first call. STATE once closed, FORKED in a child, BUSY when no thread can be started.
  Result<std::shared_ptr<CallHandle>> send(Request request, Receiver& receiver);
  /// send(), and waits. STATE on the client's own thread.
  Result<Response> perform(Request request);
  /// Lets calls that run end within `timeout_ms`, then cancels them. TIMEOUT when it had to.
  Status close(int64_t timeout_ms);

  /// {"routes": ...}, see Metrics.
  std::string metrics_json();
  std::string metrics_prometheus();

 private:
  class Sent;
  Client();
  void on_ended();

  std::unique_ptr<CurlTransport> transport_;
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<Engine> engine_;
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
