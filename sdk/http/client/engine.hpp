// What the calls of one client share. On the loop's thread, but for the counters.
#pragma once

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
#include "http/client/line.hpp"
#include "http/policy/breaker.hpp"
#include "http/policy/connectivity.hpp"
#include "http/policy/metrics.hpp"
#include "http/policy/proxy_list.hpp"
#include "http/policy/retry_budget.hpp"
#include "http/policy/route.hpp"

namespace tessera::http {

class Call;

/// An origin and how it does.
struct Host {
  Host(Loop& loop, const HttpPolicyConfig& policies, Random& random)
      : breaker(policies.breaker), budget(policies.budget), line(loop, policies.limiter, random) {}

  std::string name;
  uint32_t number = 0;  // of the transport
  bool is_allowed_plain = false;
  std::shared_ptr<const TlsSettings> tls;
  Breaker breaker;
  RetryBudget budget;
  Line line;
};

struct Route {
  const RouteConfig* config;
  std::string name;
  std::unique_ptr<Line> line;  // null without a limiter of its own
};

class Engine {
 public:
  static Result<std::unique_ptr<Engine>> make(ClientConfig config, const ClientPorts& ports, Loop& loop,
                                              Transport& transport);

  Host& host(const Url& url);
  /// Null when none fits.
  Route* route(std::string_view method, const Url& url);
  /// Runs `work` where it may wait for a disk, then `then` on the loop's thread; at once when nothing waits.
  void with_cache(std::function<void()> work, std::function<void()> then);
  /// Waits until no such work is left. Not on the loop's thread.
  void drain();

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

  const ClientConfig config;
  Loop& loop;
  Transport& transport;
  const Clock& clock;
  Random& random;
  Logger* const logger;
  Connectivity connectivity;
  ProxyList proxies;
  ResponseStore& responses;
  ResponseCache cache;
  std::shared_ptr<AuthProvider> auth;

 private:
  Engine(ClientConfig given, const ClientPorts& ports, Loop& loop, Transport& transport, ProxyList list,
         RouteTable table, std::unique_ptr<MemoryStore> memory);

  const std::unique_ptr<MemoryStore> memory_;
  const bool cache_may_wait_;
  Strand disk_;
  std::mutex jobs_mutex_;
  std::condition_variable jobs_done_;
  size_t jobs_ = 0;  // guarded by jobs_mutex_
  RouteTable table_;
  std::vector<Route> routes_;
  std::map<std::string, std::unique_ptr<Host>, std::less<>> hosts_;
  std::list<Call*> calls_;
  std::mutex metrics_mutex_;
  Metrics metrics_;
};

}  // namespace tessera::http
