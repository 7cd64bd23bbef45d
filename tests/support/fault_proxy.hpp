// A TCP proxy in front of a server that makes the network as bad as a test wants, each direction on its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <list>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "sockets.hpp"

namespace tessera::test {

inline constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

/// What happens to the bytes of one direction; counts are of one connection, from its first byte.
struct Faults {
  std::chrono::milliseconds latency{0};
  uint64_t bytes_per_second = kNever;
  uint64_t slice = kNever;        // bytes of one write
  uint64_t flip_at = kNever;      // this byte (0: the first) arrives with one bit wrong
  uint64_t stall_after = kNever;  // nothing more arrives
  uint64_t close_after = kNever;  // the receiver sees the end; the other direction goes on
  uint64_t reset_after = kNever;  // both sides see a reset
};

/// What meets a client that connects.
enum class Door {
  kOpen,
  kRefused,    // nobody listens
  kBlackhole,  // it is accepted, and hears nothing whatever it says
  kGarbage,    // it hears what is neither TLS nor HTTP, then the end
};

/// One thread does all. What a call changes is so when it returns.
class FaultProxy {
 public:
  explicit FaultProxy(uint16_t server_port);
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;
  ~FaultProxy();

  uint16_t port() const { return port_of(reserved_); }

  /// Of the connections that are open and of those to come.
  void to_server(const Faults& faults);
  void to_client(const Faults& faults);
  /// For connections to come.
  void set_door(Door door);
  /// Gives each connection to come faults of its own, the same for the same seed: latency, slices, resets,
  /// early ends and garbage, in one case of two. None of them waits for a client's patience or makes a wrong
  /// byte look right.
  void randomise(uint64_t seed);
  /// As when the network goes away.
  void reset_all();

  /// One line for each connection that was accepted: what it met. For the message of a test that fails.
  std::vector<std::string> history();

 private:
  using Clock = std::chrono::steady_clock;
  struct Piece {
    std::string bytes;
    Clock::time_point due;
  };
  struct Lane {
    Faults faults;
    std::deque<Piece> pieces;
    uint64_t read = 0, written = 0;
    Clock::time_point next_write;
    bool is_read_out = false;  // the sender has ended
    bool is_ended = false;     // the receiver was told so
    bool wants_input() const;
    bool is_stalled() const { return written >= faults.stall_after; }
    /// When it has something to write, if it has.
    std::optional<Clock::time_point> due() const;
  };
  struct Connection {
    Descriptor client, server;  // no server: the client talks to nobody
    Lane up, down;              // to the server, to the client
  };

  void run();
  /// Polls until something is to be done.
  void sleep();
  void accept_all();
  void do_in_loop(const std::function<void()>& action);
  Faults draw();
  static bool advance(Connection& connection, Clock::time_point now);
  static bool read_into(Lane& lane, const Descriptor& from, Clock::time_point now);
  static bool write_from(Lane& lane, const Descriptor& to, Clock::time_point now);

  const uint16_t server_port_;
  const Descriptor reserved_;  // holds the port while nobody listens
  std::thread thread_;

  // Of the loop's thread.
  Descriptor listener_;
  std::list<Connection> connections_;
  Faults up_, down_;
  Door door_ = Door::kOpen;
  std::optional<std::mt19937_64> random_;
  std::vector<std::string> history_;
  bool is_stopping_ = false;

  Descriptor wake_;
  std::mutex mutex_;
  std::condition_variable done_;
  const std::function<void()>* action_ = nullptr;  // waits for the loop
};

}  // namespace tessera::test
