#include "http/transport/curl_transport.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "crypto/openssl.hpp"
#include "http/transport/exchange.hpp"

namespace tessera::http {
namespace {

constexpr size_t kIdleHandles = 64;

/// Once in the process, and never undone: other threads may be in it at exit.
CURLcode start_curl() {
  static const CURLcode code = [] {
    openssl_library();  // before libcurl's start decides how OpenSSL ends
    return curl_global_init(CURL_GLOBAL_DEFAULT);
  }();
  return code;
}

Error curl_failed(const char* what) {
  return {ErrorCode::kINTERNAL, "http", std::string("libcurl could not be started: ") + what, {}};
}

}  // namespace

struct CurlTransport::State {
  struct Host {
    int running = 0, limit = 0;
    std::list<Exchange*> waiting;
  };

  ~State() {
    for (Exchange* exchange : running) {
      curl_multi_remove_handle(multi, exchange->curl());
      delete exchange;
    }
    for (Host& host : hosts) {
      for (Exchange* exchange : host.waiting) delete exchange;
    }
    for (Exchange* exchange : failed) delete exchange;
    idle.clear();
    if (multi != nullptr) curl_multi_cleanup(multi);
    if (share != nullptr) curl_share_cleanup(share);
  }

  EasyHandle take_idle();
  void keep(EasyHandle handle);
  void admit(Exchange* exchange);
  void release(Host& host);
  void finish(Exchange* exchange, CURLcode code);
  void drop(Exchange* exchange);

  CurlConfig config;
  CURLM* multi = nullptr;
  CURLSH* share = nullptr;  // sessions of TLS; one thread uses it, so it needs no locks
  std::vector<Host> hosts;
  std::unordered_map<std::string, uint32_t> host_numbers;
  std::list<Exchange*> running, failed;
  std::vector<Exchange*> resumed;
  std::vector<EasyHandle> idle;
};

EasyHandle CurlTransport::State::take_idle() {
  if (!idle.empty()) {
    EasyHandle handle = std::move(idle.back());
    idle.pop_back();
    return handle;
  }
  EasyHandle handle = EasyHandle::make();
  if (handle.get() != nullptr) {
    curl_easy_setopt(handle.get(), CURLOPT_SHARE, share);
    curl_easy_setopt(handle.get(), CURLOPT_MAXAGE_CONN, static_cast<long>(config.idle_connection_s));
  }
  return handle;
}

void CurlTransport::State::keep(EasyHandle handle) {
  if (handle.get() != nullptr && idle.size() < kIdleHandles) idle.push_back(std::move(handle));
}

void CurlTransport::State::admit(Exchange* exchange) {
  ++hosts[exchange->request().host].running;
  CURLcode code = exchange->prepare(take_idle());
  if (code == CURLE_OK && curl_multi_add_handle(multi, exchange->curl()) != CURLM_OK)
    code = CURLE_OUT_OF_MEMORY;
  std::list<Exchange*>& line = code == CURLE_OK ? running : failed;
  exchange->state = code == CURLE_OK ? Exchange::State::kRunning : Exchange::State::kFailed;
  exchange->failure = code;
  exchange->place = line.insert(line.end(), exchange);
}

void CurlTransport::State::release(Host& host) {
  --host.running;
  while (host.running < host.limit && !host.waiting.empty()) {
    Exchange* const next = host.waiting.front();
    host.waiting.pop_front();
    admit(next);
  }
}

/// Takes a running or failed one out of everything.
void CurlTransport::State::drop(Exchange* exchange) {
  const bool was_running = exchange->state == Exchange::State::kRunning;
  if (was_running) curl_multi_remove_handle(multi, exchange->curl());
  (was_running ? running : failed).erase(exchange->place);
  if (exchange->is_resumed) std::erase(resumed, exchange);
  // One that could not be set up is of unknown state.
  if (was_running) keep(exchange->take_handle());
}

void CurlTransport::State::finish(Exchange* exchange, CURLcode code) {
  WireResult result = exchange->result(code);
  Host& host = hosts[exchange->request().host];
  if (result.version == HttpVersion::k2)
    host.limit = config.connections_per_host * config.streams_per_connection;
  WireSink& sink = exchange->sink();
  drop(exchange);
  release(host);
  delete exchange;
  sink.on_end(std::move(result));
}

Result<std::unique_ptr<CurlTransport>> CurlTransport::open(const CurlConfig& config) {
  if (const CURLcode code = start_curl(); code != CURLE_OK) return curl_failed(curl_easy_strerror(code));
  auto state = std::make_unique<State>();
  state->config = config;
  state->multi = curl_multi_init();
  state->share = curl_share_init();
  if (state->multi == nullptr || state->share == nullptr) return curl_failed("memory is exhausted");
  curl_share_setopt(state->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  curl_multi_setopt(state->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
                    static_cast<long>(config.connections_per_host));
  curl_multi_setopt(state->multi, CURLMOPT_MAXCONNECTS,
                    static_cast<long>(std::max(64, config.connections_per_host * 4)));
  curl_multi_setopt(state->multi, CURLMOPT_MAX_CONCURRENT_STREAMS,
                    static_cast<long>(config.streams_per_connection));
  return std::unique_ptr<CurlTransport>(new CurlTransport(std::move(state)));
}

CurlTransport::CurlTransport(std::unique_ptr<State> state) : state_(std::move(state)) {}
CurlTransport::~CurlTransport() = default;

uint32_t CurlTransport::host(std::string_view origin) {
  const auto [place, is_new] =
      state_->host_numbers.try_emplace(std::string(origin), static_cast<uint32_t>(state_->hosts.size()));
  if (is_new) state_->hosts.push_back({0, state_->config.connections_per_host, {}});
  return place->second;
}

Exchange* CurlTransport::start(const WireRequest& request, WireSink& sink) {
  auto* const exchange = new Exchange(request, sink);
  State::Host& host = state_->hosts[request.host];
  if (host.running < host.limit) {
    state_->admit(exchange);
  } else {
    exchange->place = host.waiting.insert(host.waiting.end(), exchange);
  }
  return exchange;
}

void CurlTransport::resume(Exchange* exchange) {
  if (exchange->is_resumed) return;
  exchange->is_resumed = true;
  state_->resumed.push_back(exchange);
}

void CurlTransport::cancel(Exchange* exchange) {
  State::Host& host = state_->hosts[exchange->request().host];
  if (exchange->state == Exchange::State::kWaiting) {
    host.waiting.erase(exchange->place);
    if (exchange->is_resumed) std::erase(state_->resumed, exchange);
    delete exchange;
    return;
  }
  state_->drop(exchange);
  delete exchange;
  state_->release(host);
}

void CurlTransport::perform() {
  while (!state_->failed.empty()) {
    Exchange* const exchange = state_->failed.front();
    state_->finish(exchange, exchange->failure);
  }
  while (!state_->resumed.empty()) {
    Exchange* const exchange = state_->resumed.back();
    state_->resumed.pop_back();
    exchange->is_resumed = false;
    if (exchange->state == Exchange::State::kRunning) curl_easy_pause(exchange->curl(), CURLPAUSE_CONT);
  }
  int running = 0;
  curl_multi_perform(state_->multi, &running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(state_->multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    void* exchange = nullptr;
    const CURLcode code = message->data.result;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
    state_->finish(static_cast<Exchange*>(exchange), code);
  }
}

void CurlTransport::wait(int timeout_ms) { curl_multi_poll(state_->multi, nullptr, 0, timeout_ms, nullptr); }

void CurlTransport::wake_up() { curl_multi_wakeup(state_->multi); }

const char* curl_version_text() { return curl_version(); }

}  // namespace tessera::http
