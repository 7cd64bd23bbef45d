#include "sockets.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <system_error>

namespace tessera::test {

namespace {

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

Descriptor tcp_socket() {
  return Descriptor(checked(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
}

void set(const Descriptor& socket, int level, int option) {
  const int on = 1;
  checked(setsockopt(socket.get(), level, option, &on, sizeof on), "setsockopt");
}

sockaddr_in loopback(uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

}  // namespace

void Descriptor::close() {
  if (number_ >= 0) ::close(std::exchange(number_, -1));
}

void Descriptor::reset() {
  const linger at_once = {1, 0};
  if (is_open()) setsockopt(number_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

Gate::Gate() : event_(checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {}

void Gate::open() const {
  is_open_.store(true, std::memory_order_release);
  const uint64_t one = 1;
  if (write(event_.get(), &one, sizeof one) < 0 && errno != EAGAIN) checked(-1, "eventfd");
}

Descriptor bind_to_loopback(uint16_t port) {
  Descriptor socket = tcp_socket();
  set(socket, SOL_SOCKET, SO_REUSEADDR);
  const sockaddr_in address = loopback(port);
  checked(bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  return socket;
}

void listen_at(const Descriptor& socket, int backlog) { checked(listen(socket.get(), backlog), "listen"); }

uint16_t port_of(const Descriptor& socket) {
  sockaddr_in address = {};
  socklen_t size = sizeof address;
  checked(getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  return ntohs(address.sin_port);
}

Descriptor connect_to_loopback(uint16_t port) {
  Descriptor socket = tcp_socket();
  set(socket, IPPROTO_TCP, TCP_NODELAY);
  const sockaddr_in address = loopback(port);
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == ECONNREFUSED) return {};
    if (errno != EINPROGRESS) checked(-1, "connect");
  }
  return socket;
}

Descriptor accept_from(const Descriptor& listener) {
  Descriptor socket(accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (socket.is_open()) set(socket, IPPROTO_TCP, TCP_NODELAY);
  return socket;
}

void ignore_broken_pipes_in_this_thread() {
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
}

SilentPort::SilentPort() : listener_(bind_to_loopback()) {
  listen_at(listener_, 0);
  for (Descriptor& socket : waiting_) socket = connect_to_loopback(port());
}

}  // namespace tessera::test
