// The API client through its C functions, the floor of every binding, with all policies on: next to a loop
// around the same libcurl without any, next to itself with none, and with a long queue. run_core gives it a
// server.
#include <sys/resource.h>
#include <tessera/tessera.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "curl_loop.hpp"
#include "harness.hpp"

namespace {

using namespace tessera::bench;

// The limiter's rate is far above the load, so that each request passes through it and none waits.
constexpr std::string_view kAllOn =
    R"("limiter":{"rate":1000000,"burst":1000000},"breaker":{"enabled":true},"cache":{"enabled":true})";
constexpr std::string_view kAllOff =
    R"("retry":{"max_attempts":1},"breaker":{"enabled":false},"cache":{"enabled":false})";

[[noreturn]] void fail(const char* text) {
  std::fprintf(stderr, "bench: %s\n", text);
  std::abort();
}

void require(tsr_status status, tsr_error* err = nullptr) {
  if (status != TSR_OK) fail(err != nullptr ? tsr_error_text(err) : tsr_status_name(status));
}

tsr_str borrow(std::string_view text) { return {text.data(), text.size()}; }

class Client {
 public:
  Client(const std::string& url, std::string_view policies, int connections) : url_(url) {
    const std::string config =
        "{" + std::string(policies) + R"(,"pool":{"per_host":)" + std::to_string(connections) + "}}";
    tsr_error* err = nullptr;
    require(tsr_http_open(borrow(config), nullptr, &http_, &err), err);
    tsr_http_request_init(&request_, sizeof request_);
    request_.url = borrow(url_);
    request_.total_ms = kTotalMs;
  }
  ~Client() { tsr_http_free(http_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void start(tsr_done_fn done, void* user) {
    tsr_error* err = nullptr;
    require(tsr_http_send_async(http_, &request_, done, user, nullptr, nullptr, &err), err);
  }

  /// Of an operation of start().
  static void check(tsr_op* op) {
    tsr_http_response* response = nullptr;
    tsr_error* err = nullptr;
    require(tsr_op_http_response(op, &response, &err), err);
    size_t size = 0;
    if (tsr_http_response_body(response, &size) == nullptr || tsr_http_response_status(response) != 200)
      fail("another response than 200 with a body");
    tsr_http_response_free(response);
  }

 private:
  static constexpr int64_t kTotalMs = 600'000;
  const std::string url_;
  tsr_http* http_ = nullptr;
  tsr_http_request request_{};
};

/// For one thread that waits for another.
class Event {
 public:
  void set() {
    is_set_ = true;
    is_set_.notify_one();
  }
  void wait() const { is_set_.wait(false); }

 private:
  std::atomic<bool> is_set_ = false;
};

/// `requests` of them, `lanes` at a time. As in the peer's loop, the next one begins where one ends: on the
/// client's own thread.
class Load {
 public:
  Load(Client& client, int lanes, int64_t requests)
      : client_(client), to_start_(requests - lanes), to_end_(requests) {
    for (int i = 0; i < lanes; ++i) client_.start(&on_done, this);
    ended_.wait();
  }

 private:
  static void on_done(void* user, tsr_op* op) {
    auto& load = *static_cast<Load*>(user);
    Client::check(op);
    if (load.to_start_-- > 0) load.client_.start(&on_done, user);
    if (--load.to_end_ == 0) load.ended_.set();
  }

  Client& client_;
  int64_t to_start_;  // of the client's thread, as the next
  int64_t to_end_;
  Event ended_;
};

/// Of all threads of this process.
double cpu_seconds() {
  rusage used{};
  if (getrusage(RUSAGE_SELF, &used) != 0) fail("getrusage");
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

template <class Operation>
double per_cpu_second(int64_t things, Operation operation) {
  const double started = cpu_seconds();
  operation();
  return static_cast<double>(things) / (cpu_seconds() - started);
}

void compare_with_curl(const char* name, const std::string& url, int connections) {
  constexpr int64_t kRequests = 20'000;
  Client client(url, kAllOn, connections);
  CurlLoop curl(url, connections);
  const auto ours = [&] { const Load load(client, connections, kRequests); };
  const auto theirs = [&] { curl.run(kRequests); };
  ours();
  theirs();
  compare_values(
      {name, kPerCpuSecond, 15}, [&] { return per_cpu_second(kRequests, ours); }, "libcurl's multi interface",
      [&] { return per_cpu_second(kRequests, theirs); });
}

/// Calls one after another, each begun where the one before it ended.
class Latencies {
 public:
  Latencies(Client& client, size_t calls) : client_(client), left_(calls) {
    microseconds_.reserve(calls);
    start();
    ended_.wait();
  }

  double percentile_99() {
    const auto at = microseconds_.begin() + static_cast<std::ptrdiff_t>(microseconds_.size() * 99 / 100);
    std::nth_element(microseconds_.begin(), at, microseconds_.end());
    return *at;
  }

 private:
  using Clock = std::chrono::steady_clock;

  void start() {
    started_ = Clock::now();
    client_.start(&on_done, this);
  }
  static void on_done(void* user, tsr_op* op) {
    auto& calls = *static_cast<Latencies*>(user);
    calls.microseconds_.push_back(
        std::chrono::duration<double, std::micro>(Clock::now() - calls.started_).count());
    Client::check(op);
    if (--calls.left_ > 0) return calls.start();
    calls.ended_.set();
  }

  Client& client_;
  size_t left_;
  Clock::time_point started_;
  std::vector<double> microseconds_;
  Event ended_;
};

/// How much longer the slowest calls but one of a hundred take with all policies than with none.
void policy_overhead(const std::string& url) {
  constexpr size_t kCalls = 4'000;
  constexpr double kMostMicroseconds = 30;
  Client on(url, kAllOn, 1);
  Client off(url, kAllOff, 1);
  Latencies(on, kCalls);
  Latencies(off, kCalls);
  compare_values(
      {"http/policy_overhead_p99", kMicroseconds, 31},
      [&] { return Latencies(on, kCalls).percentile_99() - Latencies(off, kCalls).percentile_99(); }, "limit",
      [] { return kMostMicroseconds; });
}

/// Megabytes that this process has in memory, or had at most ("VmRSS", "VmHWM").
double memory(std::string_view which) {
  std::ifstream status("/proc/self/status");
  for (std::string name, rest; status >> name && std::getline(status, rest);) {
    if (name == std::string(which) + ":") return std::strtod(rest.c_str(), nullptr) * 1024 / 1e6;
  }
  fail("/proc/self/status does not tell the memory");
}

/// Requests that wait for their turn: none of them overtakes another.
class Queue {
 public:
  Queue(const std::string& url, size_t requests) : client_(url, kSlow, 1), requests_(requests) {
    for (size_t i = 0; i < requests; ++i) slots_.push_back({this, i});
  }

  /// The most megabytes that it took.
  double drain() {
    const double before = memory("VmRSS");
    for (Slot& slot : slots_) client_.start(&on_done, &slot);
    if (next_ > requests_ / 10) fail("the queue drained while it was filled");
    ended_.wait();
    return memory("VmHWM") - before;
  }

 private:
  // Slower than the connection is, so that all of them wait for the limiter.
  static constexpr std::string_view kSlow =
      R"("limiter":{"rate":4000,"burst":100,"max_pending":1000000},"timeouts":{"total_ms":600000})";
  struct Slot {
    Queue* queue;
    size_t number;
  };

  static void on_done(void* user, tsr_op* op) {
    const Slot& slot = *static_cast<Slot*>(user);
    Client::check(op);
    if (slot.number != slot.queue->next_) fail("a request overtook another");
    if (++slot.queue->next_ == slot.queue->requests_) slot.queue->ended_.set();
  }

  Client client_;
  const size_t requests_;
  std::vector<Slot> slots_;
  std::atomic<size_t> next_ = 0;
  Event ended_;
};

void queued_memory(const std::string& url) {
  constexpr double kMostMegabytes = 200;
  Queue queue(url, 100'000);
  compare_values(
      {"http/queue_of_100000", kMegabytes, 1}, [&] { return queue.drain(); }, "limit",
      [] { return kMostMegabytes; });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: http_core URL\n", stderr);
    return 2;
  }
  const std::string url = argv[1];
  queued_memory(url);  // first: a process does not forget the most that it had in memory
  compare_with_curl("http/vs_curl_multi", url, 64);
  compare_with_curl("http/vs_curl_multi_8", url, 8);
  policy_overhead(url);
  return 0;
}
