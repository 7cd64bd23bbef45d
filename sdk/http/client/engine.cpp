#include "http/client/engine.hpp"

#include <algorithm>
#include <utility>

#include "http/client/call.hpp"
#include "http/policy/host_name.hpp"

namespace tessera::http {
namespace {

/// Work for the cache that may wait for a disk: a worker does it, and the loop goes on with what follows.
class DiskJob final : public Task, public Posted {
 public:
  DiskJob(Loop& loop, std::function<void()> work, std::function<void()> then)
      : loop_(loop), work_(std::move(work)), then_(std::move(then)) {}
  void run() noexcept override {
    if (!is_worked_) {
      is_worked_ = true;
      work_();
      loop_.post(*this);
      return;
    }
    const std::unique_ptr<DiskJob> self(this);
    then_();
  }

 private:
  Loop& loop_;
  std::function<void()> work_, then_;
  bool is_worked_ = false;
};

bool fits(std::string_view pattern, std::string_view host) {
  if (pattern.starts_with("*.")) return host.size() > pattern.size() - 1 && host.ends_with(pattern.substr(1));
  return same_name(pattern, host);
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::make(ClientConfig config, const ClientPorts& ports, Loop& loop,
                                             Transport& transport) {
  std::vector<std::string> patterns;
  patterns.reserve(config.policies.routes.size());
  for (const RouteConfig& route : config.policies.routes) patterns.push_back(route.match);
  TSR_ASSIGN_OR_RETURN(RouteTable table, RouteTable::make(patterns));
  TSR_ASSIGN_OR_RETURN(ProxyList proxies, ProxyList::make(config.policies.proxies));
  std::unique_ptr<MemoryStore> memory;
  if (ports.responses == nullptr) memory = std::make_unique<MemoryStore>(*ports.clock);
  return std::unique_ptr<Engine>(new Engine(std::move(config), ports, loop, transport, std::move(proxies),
                                            std::move(table), std::move(memory)));
}

Engine::Engine(ClientConfig given, const ClientPorts& ports, Loop& its_loop, Transport& its_transport,
               ProxyList list, RouteTable table, std::unique_ptr<MemoryStore> memory)
    : config(std::move(given)),
      loop(its_loop),
      transport(its_transport),
      clock(*ports.clock),
      random(*ports.random),
      logger(ports.logger),
      connectivity(config.policies.connectivity, random),
      proxies(std::move(list)),
      responses(ports.responses == nullptr ? *memory : *ports.responses),
      cache(responses, random, config.cache),
      memory_(std::move(memory)),
      cache_may_wait_(ports.responses != nullptr),
      table_(std::move(table)) {
  for (const RouteConfig& route : config.policies.routes) {
    Route made{&route, route.name.empty() ? route.match : route.name, nullptr};
    if (route.limiter) made.line = std::make_unique<Line>(loop, *route.limiter, random);
    routes_.push_back(std::move(made));
  }
}

Host& Engine::host(const Url& url) {
  const std::string origin = url.origin();
  const auto found = hosts_.find(origin);
  if (found != hosts_.end()) return *found->second;
  auto made = std::make_unique<Host>(loop, config.policies, random);
  made->name = url.host;
  made->number = transport.host(origin);
  made->is_allowed_plain = is_loopback(url.host) ||
                           std::ranges::any_of(config.internal_hosts,
                                               [&](const std::string& name) { return fits(name, url.host); });
  made->tls = config.tls;
  for (const HostTrust& trust : config.trusts) {
    if (!fits(trust.match, url.host)) continue;
    made->tls = trust.tls;
    break;
  }
  return *hosts_.emplace(origin, std::move(made)).first->second;
}

Route* Engine::route(std::string_view method, const Url& url) {
  if (routes_.empty()) return nullptr;
  const std::optional<size_t> index = table_.find(method, url.host, url.path);
  return index ? &routes_[*index] : nullptr;
}

void Engine::with_cache(std::function<void()> work, std::function<void()> then) {
  if (cache_may_wait_) {
    {
      const std::scoped_lock lock(jobs_mutex_);
      ++jobs_;
    }
    then = [this, last = std::move(then)] {
      last();
      const std::scoped_lock lock(jobs_mutex_);
      if (--jobs_ == 0) jobs_done_.notify_all();
    };
    auto* const job = new DiskJob(loop, std::move(work), std::move(then));
    if (disk_.submit(*job).ok()) return;
    // No thread is to be had: better late than never.
    job->run();
    return;
  }
  work();
  then();
}

void Engine::drain() {
  std::unique_lock lock(jobs_mutex_);
  jobs_done_.wait(lock, [this] { return jobs_ == 0; });
}

void Engine::count(std::string_view route, const Attempt& last, int retries, int64_t duration_us) {
  const std::scoped_lock lock(metrics_mutex_);
  metrics_.on_call(route, last, retries, duration_us);
}

void Engine::count(std::string_view route, LocalEnd end) {
  const std::scoped_lock lock(metrics_mutex_);
  metrics_.on_local_end(route, end);
}

Json Engine::metrics_json() {
  const std::scoped_lock lock(metrics_mutex_);
  return metrics_.to_json();
}

std::string Engine::metrics_prometheus() {
  const std::scoped_lock lock(metrics_mutex_);
  return metrics_.to_prometheus();
}

void Engine::add(Call& call) { call.place_ = calls_.insert(calls_.end(), &call); }

void Engine::remove(Call& call) { calls_.erase(call.place_); }

void Engine::end_all(const Error& error) {
  while (!calls_.empty()) calls_.front()->end(error);
}

}  // namespace tessera::http
