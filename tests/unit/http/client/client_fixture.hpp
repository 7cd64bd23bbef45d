// A client with a clock of its own, and what tests ask of it.
#pragma once

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crypto/crypto.hpp"
#include "http/client/client.hpp"
#include "http/client/codes.hpp"
#include "http_origin.hpp"

namespace tessera::http {

/// Runs `speed` times as fast as the machine's, and jumps when told.
class QuickClock final : public Clock {
 public:
  explicit QuickClock(int64_t speed = 1) : speed_(speed) {}
  int64_t wall_ms() const override { return 1'780'000'000'000 + boot_ms(); }
  int64_t boot_ms() const override {
    using std::chrono::steady_clock;
    const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - start_);
    return jumped_ms_.load() + passed.count() * speed_ / 1000;
  }
  void pass(int64_t span_ms) { jumped_ms_ += span_ms; }

 private:
  const int64_t speed_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::atomic<int64_t> jumped_ms_{3'600'000};
};

/// A call under way.
class Pending final : public Receiver {
 public:
  void on_done(Result<Response> response) override {
    const std::scoped_lock lock(mutex_);
    response_ = std::move(response);
    changed_.notify_all();
  }
  Result<Response> wait() {
    std::unique_lock lock(mutex_);
    const bool came =
        changed_.wait_for(lock, std::chrono::seconds(60), [this] { return response_.has_value(); });
    BOOST_REQUIRE_MESSAGE(came, "the call did not end");
    return *response_;
  }
  bool is_done() {
    const std::scoped_lock lock(mutex_);
    return response_.has_value();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Result<Response>> response_;
};

struct ClientFixture {
  /// Opens it at the first use of client(), with `config` as it is then.
  Client& client() {
    if (client_ == nullptr) {
      ClientPorts ports;
      ports.clock = &clock;
      ports.random = &system_random();
      ports.responses = responses;
      client_ = Client::open(std::move(config), ports).value();
    }
    return *client_;
  }
  Result<Response> perform(Request request) { return client().perform(std::move(request)); }
  Result<Response> get(std::string url) {
    Request request;
    request.url = std::move(url);
    return perform(std::move(request));
  }
  ErrorCode code_of(Request request) {
    const Result<Response> response = perform(std::move(request));
    BOOST_REQUIRE(!response.ok());
    BOOST_TEST(!response.error().text.empty());
    return response.error().code;
  }
  ErrorCode code_of(std::string url) {
    Request request;
    request.url = std::move(url);
    return code_of(std::move(request));
  }

  QuickClock clock{50};  // waits between attempts are short, time-outs of transfers are libcurl's
  ClientConfig config;
  ResponseStore* responses = nullptr;

 private:
  std::unique_ptr<Client> client_;
};

inline std::string text_of(const Response& response) { return std::string(as_text(response.body)); }

}  // namespace tessera::http

namespace tessera {
inline std::ostream& operator<<(std::ostream& out, ErrorCode code) { return out << error_name(code); }
}  // namespace tessera
