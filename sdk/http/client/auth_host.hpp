// What a provider of credentials may use of its client, also from work that outlasts the client.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "base/fork_guard.hpp"
#include "http/client/client.hpp"

namespace tessera::http {

class AuthHost {
 public:
  AuthHost(Client& client, Loop& loop) : client_(&client), loop_(&loop) {}
  AuthHost(const AuthHost&) = delete;
  AuthHost& operator=(const AuthHost&) = delete;

  /// Runs `work` on the loop's thread; false once the client is closed. From any thread, for calls that wait:
  /// a loop that was never started runs nothing.
  bool post(std::function<void()> work);
  /// Client::send(), or STATE once it is closed.
  Result<std::shared_ptr<CallHandle>> send(Request request, Receiver& receiver);
  bool is_open();
  /// By the client, before its loop goes.
  void close();

 private:
  const ForkGuard fork_;
  std::mutex mutex_;
  // Guarded by mutex_; null once closed.
  Client* client_;
  Loop* loop_;
};

}  // namespace tessera::http
