// What the calls of one client share. On the loop's thread, but for the counters.
#pragma once

#include <array>
#include <condition_variable>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/executor.hpp"
#include "http/cache/memory_store.hpp"
#include "http/cache/response_cache.hpp"
#include "http/client/auth.hpp"
#include "http/client/config.hpp"
#include "http/client/interceptors.hpp"
#include "http/client/line.hpp"
#include "http/policy/breaker.hpp"
#include "http/policy/connectivity.hpp"
#include "http/policy/metrics.hpp"
#include "http/policy/proxy_list.hpp"
#include "http/policy/retry_budget.hpp"
#include "http/policy/route.hpp"

namespace tessera::http {

class Call;

/// An origin and how it does. Idle when nobody but the engine has it.
struct Host {
  Host(Loop& loop, const HttpPolicyConfig& policies, Random& random)
      : breaker(policies.breaker), budget(policies.budget), line(loop, policies.limiter, random) {}

  std::string origin, name;
  uint32_t number = 0;  // of the transport
  bool is_allowed_plain = false;
  std::shared_ptr<const TlsSettings> tls;
  Breaker breaker;
  RetryBudget budget;
  Line line;
  int in_flight = 0;
  // What was told of it.
  BreakerState told_breaker = BreakerState::kClosed;
  std::array<int64_t, 2> told_gates_ms{};
};

struct Route {
  const RouteConfig* config;
  std::string name;
  std::unique_ptr<Line> line;  // null without a limiter of its own
};

class Engine {
 public:
  /// Waits for what the breakers remember.
  static Result<std::unique_ptr<Engine>> make(ClientConfig config, const ClientPorts& ports, Loop& loop,
                                              Transport& transport);

  ~Engine();

  /// From any thread.
  Result<Url> resolve(std::string_view url) const;
  std::shared_ptr<Host> host(const Url& url);
  /// Null when none fits.
  Route* route(std::string_view method, const Url& url);
  /// Runs `work` where it may wait for a disk, then `then` on the loop's thread; at once when nothing waits.
  void with_cache(std::function<void()> work, std::function<void()> then);
  /// Waits until no such work is left. Not on the loop's thread.
  void drain();

  // After whatever may have changed it: tells and remembers what did.
  void note_breaker(Host& host);
  void note_reach();
  void note_limits(Host& host);
  void note_proxy(size_t index);

  Json state_json() const;
  /// Of an origin or of all of a name; empty: of all.
  void reset_breaker(std::string_view host);
  void network_changed();

  void count(std::string_view route, const Attempt& last, int retries, int64_t duration_us);
  void count(std::string_view route, LocalEnd end);
  /// From any thread.
  Json metrics_json();
  std::string metrics_prometheus();

  void add(Call& call);
  void remove(Call& call);
  /// Ends every call with `error`.
  void end_all(const Error& error);
  size_t size() const { return calls_.size(); }
  /// Calls that wait for a credential wait for its.
  void set_auth(std::shared_ptr<AuthProvider> provider);

  const ClientConfig config;
  Loop& loop;
  Transport& transport;
  const Clock& clock;
  Random& random;
  Logger* const logger;
  EventSink* const events;
  Connectivity connectivity;
  ProxyList proxies;
  ResponseStore& responses;
  ResponseCache cache;
  std::shared_ptr<AuthProvider> auth;
  Interceptors interceptors;

 private:
  Engine(ClientConfig given, const ClientPorts& ports, Loop& loop, Transport& transport, ProxyList list,
         RouteTable table, std::unique_ptr<MemoryStore> memory);

  void make_room();
  void tell(const Event& event) const;
  void tell_breaker(Host& host);
  void note_queue(bool is_rising);
  void remember(const Host& host);
  /// Runs on a worker, in order; drain() waits for it.
  void in_background(std::function<void()> work);
  class SaveJob;
  void begin_job();
  void end_job();
  int64_t wall_of(int64_t at_ms) const { return clock.wall_ms() + at_ms - loop.now_ms(); }

  const std::unique_ptr<MemoryStore> memory_;
  BreakerMemory* const breakers_;
  const bool cache_may_wait_;
  Strand disk_;
  std::mutex jobs_mutex_;
  std::condition_variable jobs_done_;
  size_t jobs_ = 0;  // guarded by jobs_mutex_
  RouteTable table_;
  std::vector<Route> routes_;
  std::list<std::shared_ptr<Host>> recent_;  // the last used first
  std::map<std::string, std::list<std::shared_ptr<Host>>::iterator, std::less<>> hosts_;
  std::map<std::string, BreakerRecord, std::less<>> remembered_;  // of hosts that were not called yet
  Reach told_reach_ = Reach::kOnline;
  size_t marks_passed_ = 0;  // of the configured, which are in order
  std::list<Call*> calls_;
  std::mutex metrics_mutex_;
  Metrics metrics_;
};

}  // namespace tessera::http
