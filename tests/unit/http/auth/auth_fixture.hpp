// A client, an API that knows which tokens are good, and an issuer whose refresh tokens serve once.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "../client/client_fixture.hpp"
#include "http/auth/oauth2_auth.hpp"
#include "text/json.hpp"

namespace tessera::http {

using test::Answer;
using test::Fields;
using test::Origin;
using test::Seen;

/// Holds somebody up until it is opened, which its end does as well.
class Barrier {
 public:
  ~Barrier() { open(); }
  void open() {
    const std::scoped_lock lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return is_open_; });
  }
  /// Until somebody waits.
  void await_waiter() {
    std::unique_lock lock(mutex_);
    BOOST_REQUIRE(changed_.wait_for(lock, std::chrono::seconds(60), [this] { return waiting_ > 0; }));
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
  int waiting_ = 0;
};

/// 200 to a good token, 401 to all else.
class Api {
 public:
  Api() {
    origin.on("GET", "/", [this](const Seen& seen) {
      const std::string field = seen.header("authorization");
      const std::scoped_lock lock(mutex_);
      return good_.contains(field) ? Answer(200, field) : Answer(401, field);
    });
  }
  void accept(const std::string& token) {
    const std::scoped_lock lock(mutex_);
    good_.insert("Bearer " + token);
  }
  void refuse(const std::string& token) {
    const std::scoped_lock lock(mutex_);
    good_.erase("Bearer " + token);
  }
  size_t asked() const { return origin.seen().size(); }

 private:
  std::mutex mutex_;
  std::set<std::string> good_;  // guarded by mutex_

 public:
  Origin origin;
};

/// Gives "a1" and "r1" for "r0", and so on; the tokens last an hour.
class Issuer {
 public:
  explicit Issuer(Api& api) : api_(api) {
    origin.on("POST", "/token", [this](const Seen& seen) { return answer(seen); });
  }
  /// What it does about the next requests instead.
  void next(std::function<Answer(const Seen&)> handler) {
    const std::scoped_lock lock(mutex_);
    next_.push_back(std::move(handler));
  }
  void next(int status, std::string body = {}, Fields fields = {}) {
    next([status, body = std::move(body), fields = std::move(fields)](const Seen&) {
      return Answer(status, body, fields);
    });
  }
  /// Turns the grant, whatever was asked.
  Answer turn() {
    const std::scoped_lock lock(turn_mutex_);
    ++number_;
    const std::string number = std::to_string(number_);
    api_.accept("a" + number);
    return {200, R"({"access_token":"a)" + number + R"(","token_type":"bearer","expires_in":3600,)" +
                     R"("refresh_token":"r)" + number + R"("})"};
  }
  size_t asked() const { return origin.seen().size(); }
  int turned() {
    const std::scoped_lock lock(turn_mutex_);
    return number_;
  }

 private:
  Answer answer(const Seen& seen) {
    std::function<Answer(const Seen&)> handler;
    {
      const std::scoped_lock lock(mutex_);
      if (!next_.empty()) {
        handler = std::move(next_.front());
        next_.pop_front();
      }
    }
    if (handler) return handler(seen);
    const std::string valid = "refresh_token=r" + std::to_string(turned());
    const bool is_valid = seen.body.find("client_credentials") != std::string::npos ||
                          (seen.body + "&").find(valid + "&") != std::string::npos;
    return is_valid ? turn() : Answer(400, R"({"error":"invalid_grant"})");
  }

  Api& api_;
  std::mutex mutex_, turn_mutex_;
  std::deque<std::function<Answer(const Seen&)>> next_;  // guarded by mutex_
  int number_ = 0;                                       // guarded by turn_mutex_

 public:
  Origin origin;
};

/// Counts what the listener is told.
struct Events {
  OAuth2Auth::Listener listener() {
    return [state = state_](const Error& why) {
      const std::scoped_lock lock(state->mutex);
      state->texts.push_back(why.text);
      state->changed.notify_all();
    };
  }
  void await(size_t count) {
    std::unique_lock lock(state_->mutex);
    BOOST_REQUIRE(state_->changed.wait_for(lock, std::chrono::seconds(60),
                                           [&] { return state_->texts.size() >= count; }));
  }
  size_t count() {
    const std::scoped_lock lock(state_->mutex);
    return state_->texts.size();
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> texts;
  };
  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

inline TokenRecord tokens(std::string_view access, std::string_view refresh, int64_t expires_at_ms = 0) {
  TokenRecord record;
  record.access_token = SecretBytes(as_bytes(access));
  record.refresh_token = SecretBytes(as_bytes(refresh));
  record.expires_at_ms = expires_at_ms;
  return record;
}

struct AuthFixture {
  Client& client() {
    if (client_ == nullptr) client_ = open();
    return *client_;
  }
  std::unique_ptr<Client> open() {
    ClientConfig config;
    config.is_cached = false;
    config.policies.breaker.is_enabled = false;
    config.policies.pool.per_host = 128;
    ClientPorts of_client;
    of_client.clock = &clock;
    of_client.random = &system_random();
    of_client.logger = &logger;
    return Client::open(std::move(config), of_client).value();
  }
  Request request() const {
    Request made;
    made.url = api.origin.url("/");
    made.max_attempts = 1;
    return made;
  }
  Result<Response> get() { return client().perform(request()); }
  int status() {
    const Result<Response> response = get();
    BOOST_REQUIRE_MESSAGE(response.ok(), (response.ok() ? "" : response.error().text));
    return response->status;
  }
  ErrorCode code() {
    const Result<Response> response = get();
    BOOST_REQUIRE(!response.ok());
    BOOST_TEST(!response.error().text.empty());
    return response.error().code;
  }
  std::shared_ptr<CallHandle> send(Pending& pending) { return send(pending, request()); }
  std::shared_ptr<CallHandle> send(Pending& pending, Request what) {
    return client().send(std::move(what), pending).value();
  }

  Logger logger;
  QuickClock clock{0};  // stands still until told
  Api api;
  AuthPorts ports{&clock, &system_random(), &logger};

 private:
  std::unique_ptr<Client> client_;
};

}  // namespace tessera::http
