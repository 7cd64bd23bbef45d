// Two clients of the test servers: one that sends and reads bytes, and libcurl.
#pragma once

#include <curl/curl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "sockets.hpp"

namespace tessera::test {

class RawClient {
 public:
  /// Not connected where the port refuses.
  explicit RawClient(uint16_t port) : socket_(connect_to_loopback(port)) {
    if (!socket_.is_open()) return;
    int error = 0;
    socklen_t size = sizeof error;
    await(POLLOUT);
    getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) socket_.close();
  }

  bool is_connected() const { return socket_.is_open(); }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t size = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size < 0 && errno != EAGAIN) throw std::runtime_error("could not send");
      if (size < 0) await(POLLOUT);
      if (size > 0) bytes.remove_prefix(static_cast<size_t>(size));
    }
  }
  void leave() { socket_.close(); }
  void end() { shutdown(socket_.get(), SHUT_WR); }

  /// What one read gives; empty at the end and after a reset.
  std::string read() {
    char bytes[4096];
    for (;;) {
      const ssize_t size = recv(socket_.get(), bytes, sizeof bytes, 0);
      if (size > 0) return {bytes, static_cast<size_t>(size)};
      if (size == 0) return {};
      if (errno == ECONNRESET) {
        is_reset_ = true;
        return {};
      }
      if (errno != EAGAIN) throw std::runtime_error("could not read");
      await(POLLIN);
    }
  }
  std::string read_exactly(size_t size) {
    std::string bytes;
    while (bytes.size() < size) {
      const std::string part = read();
      if (part.empty()) break;
      bytes += part;
    }
    return bytes;
  }
  std::string read_all() { return read_exactly(std::string::npos); }
  bool is_reset() const { return is_reset_; }
  /// Packets with content that came so far.
  size_t packets() const {
    tcp_info info = {};
    socklen_t size = sizeof info;
    getsockopt(socket_.get(), IPPROTO_TCP, TCP_INFO, &info, &size);
    return info.tcpi_data_segs_in;
  }

 private:
  void await(short event) const {
    pollfd socket = {socket_.get(), event, 0};
    constexpr int kPatienceMs = 60'000;
    if (poll(&socket, 1, kPatienceMs) == 0) throw std::runtime_error("the server says nothing");
  }

  Descriptor socket_;
  bool is_reset_ = false;
};

struct Got {
  CURLcode code = CURLE_OK;
  long status = 0;
  std::string body;
};

/// `prepare` may set options of the handle.
template <class Prepare>
Got get(const std::string& url, Prepare prepare) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle(curl_easy_init(), &curl_easy_cleanup);
  Got got;
  const auto keep = [](char* bytes, size_t size, size_t count, void* body) {
    static_cast<std::string*>(body)->append(bytes, size * count);
    return size * count;
  };
  curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(handle.get(), CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, static_cast<curl_write_callback>(keep));
  curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &got.body);
  prepare(handle.get());
  got.code = curl_easy_perform(handle.get());
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &got.status);
  return got;
}
inline Got get(const std::string& url) {
  return get(url, [](CURL*) {});
}

}  // namespace tessera::test
