// Sockets of the test servers, all of them on 127.0.0.1, and the event that their threads wait for.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <utility>

namespace tessera::test {

/// A file descriptor and its owner.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }

  int get() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  void close();
  /// The other side of a TCP connection sees a reset instead of its end.
  void reset();

 private:
  int number_ = -1;
};

/// Opens once, for all who wait: between threads of a test, and a server's steps.
class Gate {
 public:
  Gate();
  void open() const;
  bool is_open() const { return is_open_.load(std::memory_order_acquire); }
  /// Readable once it is open.
  int descriptor() const { return event_.get(); }

 private:
  Descriptor event_;
  mutable std::atomic<bool> is_open_ = false;
};

/// Bound to a port of the system's choice, or to the given one beside a socket that only reserves it.
Descriptor bind_to_loopback(uint16_t port = 0);
void listen_at(const Descriptor& socket, int backlog = 128);
uint16_t port_of(const Descriptor& socket);
/// Does not block; what comes of it shows when the socket becomes writable. Nothing when it is refused at
/// once.
Descriptor connect_to_loopback(uint16_t port);
/// Nothing when there is none (any more).
Descriptor accept_from(const Descriptor& listener);

/// Threads of a server write to connections that are gone: for them that is an error, not a signal.
void ignore_broken_pipes_in_this_thread();

/// A port where connections are neither accepted nor refused: the client's packets go unanswered.
class SilentPort {
 public:
  SilentPort();
  uint16_t port() const { return port_of(listener_); }

 private:
  Descriptor listener_;
  Descriptor waiting_[4];  // more than its queue takes
};

}  // namespace tessera::test
