#include "curl_loop.hpp"

#include <curl/curl.h>

#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

namespace tessera::bench {
namespace {

constexpr int kPollMs = 1000;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "bench: the libcurl loop failed: %s\n", what);
  std::abort();
}

size_t append(char* data, size_t size, size_t count, void* body) {
  static_cast<std::string*>(body)->append(data, size * count);
  return size * count;
}

struct Transfer {
  CURL* handle = nullptr;
  std::string body;
};

}  // namespace

struct CurlLoop::State {
  std::string url;
  CURLM* multi = nullptr;
  std::vector<Transfer> transfers;
  int64_t to_start = 0;
  int64_t done = 0;

  void start(Transfer& transfer) {
    --to_start;
    transfer.body.clear();
    require(curl_multi_add_handle(multi, transfer.handle) == CURLM_OK, "curl_multi_add_handle");
  }

  void take(const CURLMsg& message) {
    CURL* const handle = message.easy_handle;
    const CURLcode result = message.data.result;  // gone with the handle
    Transfer* transfer = nullptr;
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_PRIVATE, &transfer);
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    require(result == CURLE_OK, curl_easy_strerror(result));
    require(status == 200 && !transfer->body.empty(), "another response than 200 with a body");
    require(curl_multi_remove_handle(multi, handle) == CURLM_OK, "curl_multi_remove_handle");
    ++done;
    if (to_start > 0) start(*transfer);
  }
};

CurlLoop::CurlLoop(std::string url, int64_t connections) : state_(std::make_unique<State>()) {
  state_->url = std::move(url);
  state_->multi = curl_multi_init();
  require(state_->multi != nullptr, "curl_multi_init");
  curl_multi_setopt(state_->multi, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(connections));
  state_->transfers.resize(static_cast<size_t>(connections));
  for (Transfer& transfer : state_->transfers) {
    transfer.handle = curl_easy_init();
    require(transfer.handle != nullptr, "curl_easy_init");
    curl_easy_setopt(transfer.handle, CURLOPT_URL, state_->url.c_str());
    curl_easy_setopt(transfer.handle, CURLOPT_PRIVATE, static_cast<void*>(&transfer));
    curl_easy_setopt(transfer.handle, CURLOPT_WRITEFUNCTION, &append);
    curl_easy_setopt(transfer.handle, CURLOPT_WRITEDATA, static_cast<void*>(&transfer.body));
    curl_easy_setopt(transfer.handle, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(transfer.handle, CURLOPT_NOSIGNAL, 1L);
  }
}

CurlLoop::~CurlLoop() {
  for (const Transfer& transfer : state_->transfers) curl_easy_cleanup(transfer.handle);
  curl_multi_cleanup(state_->multi);
}

void CurlLoop::run(int64_t requests) {
  State& state = *state_;
  state.to_start = requests;
  state.done = 0;
  for (Transfer& transfer : state.transfers) {
    if (state.to_start > 0) state.start(transfer);
  }
  for (int running = 0, left = 0; state.done < requests;) {
    require(curl_multi_perform(state.multi, &running) == CURLM_OK, "curl_multi_perform");
    while (const CURLMsg* const message = curl_multi_info_read(state.multi, &left)) state.take(*message);
    if (state.done < requests)
      require(curl_multi_poll(state.multi, nullptr, 0, kPollMs, nullptr) == CURLM_OK, "curl_multi_poll");
  }
}

}  // namespace tessera::bench
