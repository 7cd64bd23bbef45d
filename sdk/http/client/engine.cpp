#include "http/client/engine.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "http/client/call.hpp"
#include "http/policy/breaker_record.hpp"
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

/// So many hosts more than are to be remembered, when all of them are in trouble.
constexpr size_t kMostHostsInTrouble = 4;

/// The field that names this software (RFC 9110 section 10.1.5), unless the application has its own.
Status add_user_agent(ClientConfig* config) {
  std::string text = "tessera/" TESSERA_VERSION_TEXT;
  if (!config->user_agent.empty()) text = config->user_agent + " " + text;
  TSR_RETURN_IF_ERROR(check_field("User-Agent", text));
  if (!config->headers.has("user-agent")) config->headers.add("User-Agent", text);
  return {};
}

std::map<std::string, BreakerRecord, std::less<>> recall(BreakerMemory* memory, size_t most) {
  std::map<std::string, BreakerRecord, std::less<>> records;
  if (memory == nullptr) return records;
  for (const auto& [origin, text] : memory->load_all()) {
    const std::optional<BreakerRecord> record = read_record(text);
    if (record && records.size() < most) records.emplace(origin, *record);
  }
  return records;
}

}  // namespace

/// What a worker does for nobody who waits.
class Engine::SaveJob final : public Task {
 public:
  SaveJob(Engine& engine, std::function<void()> work) : engine_(engine), work_(std::move(work)) {}
  void run() noexcept override {
    const std::unique_ptr<SaveJob> self(this);
    work_();
    engine_.end_job();
  }

 private:
  Engine& engine_;
  std::function<void()> work_;
};

Result<std::unique_ptr<Engine>> Engine::make(ClientConfig config, const ClientPorts& ports, Loop& loop,
                                             Transport& transport) {
  std::vector<std::string> patterns;
  patterns.reserve(config.policies.routes.size());
  for (const RouteConfig& route : config.policies.routes) patterns.push_back(route.match);
  TSR_ASSIGN_OR_RETURN(RouteTable table, RouteTable::make(patterns));
  TSR_ASSIGN_OR_RETURN(ProxyList proxies, ProxyList::make(config.policies.proxies));
  TSR_RETURN_IF_ERROR(add_user_agent(&config));
  if (!config.request_id_field.empty()) TSR_RETURN_IF_ERROR(check_field(config.request_id_field, {}));
  std::ranges::sort(config.queue_marks);
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
      events(ports.events),
      connectivity(config.policies.connectivity, random),
      proxies(std::move(list)),
      responses(ports.responses == nullptr ? *memory : *ports.responses),
      cache(responses, random, config.cache),
      memory_(std::move(memory)),
      breakers_(ports.breakers),
      cache_may_wait_(ports.responses != nullptr),
      table_(std::move(table)),
      remembered_(recall(ports.breakers, config.max_hosts * kMostHostsInTrouble)) {
  for (const RouteConfig& route : config.policies.routes) {
    Route made{&route, route.name.empty() ? route.match : route.name, nullptr};
    if (route.limiter) made.line = std::make_unique<Line>(loop, *route.limiter, random);
    routes_.push_back(std::move(made));
  }
}

Result<Url> Engine::resolve(std::string_view url) const {
  if (!config.base_url) return parse_url(url);
  // "/users" is below the base URL's path, as clients have it, not below the host as links have it.
  const bool is_below = url.starts_with('/') && !url.starts_with("//");
  return is_below ? join_url(*config.base_url, '.' + std::string(url)) : join_url(*config.base_url, url);
}

Engine::~Engine() { drain(); }

std::shared_ptr<Host> Engine::host(const Url& url) {
  const std::string origin = url.origin();
  const auto found = hosts_.find(origin);
  if (found != hosts_.end()) {
    recent_.splice(recent_.begin(), recent_, found->second);
    return recent_.front();
  }
  make_room();
  auto made = std::make_shared<Host>(loop, config.policies, random);
  made->origin = origin;
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
  hosts_.emplace(origin, recent_.insert(recent_.begin(), made));
  if (const auto record = remembered_.find(origin); record != remembered_.end()) {
    made->breaker.restore(record->second, loop.now_ms(), clock.wall_ms());
    remembered_.erase(record);
    if (made->breaker.state() != BreakerState::kClosed) tell_breaker(*made);
  }
  return made;
}

/// Before another host is added: forgets the one that was not called for the longest time, if it is idle and
/// forgetting it changes nothing; in need also one whose breaker is open.
void Engine::make_room() {
  if (hosts_.size() < config.max_hosts) return;
  const auto is_idle = [](const std::shared_ptr<Host>& host) { return host.use_count() == 1; };
  auto oldest = std::find_if(recent_.rbegin(), recent_.rend(), [&](const std::shared_ptr<Host>& host) {
    return is_idle(host) && host->breaker.state() == BreakerState::kClosed && host->line.is_idle();
  });
  if (oldest == recent_.rend() && hosts_.size() >= config.max_hosts * kMostHostsInTrouble) {
    oldest = std::find_if(recent_.rbegin(), recent_.rend(), is_idle);
  }
  if (oldest == recent_.rend()) return;
  transport.forget_host((*oldest)->number);
  hosts_.erase((*oldest)->origin);
  recent_.erase(std::next(oldest).base());
}

Route* Engine::route(std::string_view method, const Url& url) {
  if (routes_.empty()) return nullptr;
  const std::optional<size_t> index = table_.find(method, url.host, url.path);
  return index ? &routes_[*index] : nullptr;
}

void Engine::with_cache(std::function<void()> work, std::function<void()> then) {
  if (cache_may_wait_) {
    begin_job();
    then = [this, last = std::move(then)] {
      last();
      end_job();
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

void Engine::in_background(std::function<void()> work) {
  begin_job();
  auto* const job = new SaveJob(*this, std::move(work));
  if (!disk_.submit(*job).ok()) job->run();  // no thread is to be had: better late than never
}

void Engine::begin_job() {
  const std::scoped_lock lock(jobs_mutex_);
  ++jobs_;
}

void Engine::end_job() {
  // Notified under the lock: after it the engine may go.
  const std::scoped_lock lock(jobs_mutex_);
  if (--jobs_ == 0) jobs_done_.notify_all();
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

void Engine::add(Call& call) {
  call.place_ = calls_.insert(calls_.end(), &call);
  if (!config.queue_marks.empty()) note_queue(/*is_rising=*/true);
}

void Engine::remove(Call& call) {
  calls_.erase(call.place_);
  if (!config.queue_marks.empty()) note_queue(/*is_rising=*/false);
}

void Engine::set_auth(std::shared_ptr<AuthProvider> provider) {
  const std::shared_ptr<AuthProvider> former = std::exchange(auth, std::move(provider));
  if (former == nullptr || former == auth) return;
  std::vector<std::shared_ptr<Call>> waiting;
  for (Call* const call : calls_) {
    if (call->stage_ == Call::Stage::kAuth) waiting.push_back(call->shared_from_this());
  }
  for (const std::shared_ptr<Call>& call : waiting) {
    if (call->stage_ != Call::Stage::kAuth) continue;
    former->leave(*call);
    call->authorize();
  }
}

void Engine::end_all(const Error& error) {
  while (!calls_.empty()) calls_.front()->end(error);
}

}  // namespace tessera::http
