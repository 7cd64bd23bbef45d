#include "fault_proxy.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

namespace tessera::test {

namespace {

constexpr uint64_t kRoom = 65536;  // of what one direction has read and not yet written
constexpr std::string_view kGarbage = "\x16\x03this is not what you asked for\r\n\r\n";

/// Reads and forgets; false at the end.
bool discard(const Descriptor& socket) {
  std::array<char, 4096> bytes;
  const ssize_t size = recv(socket.get(), bytes.data(), bytes.size(), 0);
  return size > 0 || (size < 0 && errno == EAGAIN);
}

std::string described(std::string_view direction, const Faults& faults) {
  std::string text;
  const auto add = [&](std::string_view name, uint64_t value, uint64_t usual) {
    if (value != usual) text += " " + std::string(name) + " " + std::to_string(value);
  };
  add("latency", static_cast<uint64_t>(faults.latency.count()), 0);
  add("bytes_per_second", faults.bytes_per_second, kNever);
  add("slice", faults.slice, kNever);
  add("flip_at", faults.flip_at, kNever);
  add("stall_after", faults.stall_after, kNever);
  add("close_after", faults.close_after, kNever);
  add("reset_after", faults.reset_after, kNever);
  return text.empty() ? text : " " + std::string(direction) + text;
}

}  // namespace

FaultProxy::FaultProxy(uint16_t server_port)
    : server_port_(server_port),
      reserved_(bind_to_loopback()),
      listener_(bind_to_loopback(port_of(reserved_))),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  listen_at(listener_);
  thread_ = std::thread([this] { run(); });
}

FaultProxy::~FaultProxy() {
  do_in_loop([this] { is_stopping_ = true; });
  thread_.join();
}

void FaultProxy::to_server(const Faults& faults) {
  do_in_loop([&] {
    up_ = faults;
    for (Connection& connection : connections_) connection.up.faults = faults;
  });
}

void FaultProxy::to_client(const Faults& faults) {
  do_in_loop([&] {
    down_ = faults;
    for (Connection& connection : connections_) connection.down.faults = faults;
  });
}

void FaultProxy::set_door(Door door) {
  do_in_loop([&] {
    door_ = door;
    if (door == Door::kRefused) {
      listener_.close();
    } else if (!listener_.is_open()) {
      listener_ = bind_to_loopback(port());
      listen_at(listener_);
    }
  });
}

void FaultProxy::randomise(uint64_t seed) {
  do_in_loop([&] { random_.emplace(seed); });
}

void FaultProxy::reset_all() {
  do_in_loop([&] {
    for (Connection& connection : connections_) {
      connection.client.reset();
      connection.server.reset();
    }
    connections_.clear();
  });
}

std::vector<std::string> FaultProxy::history() {
  std::vector<std::string> lines;
  do_in_loop([&] { lines = history_; });
  return lines;
}

void FaultProxy::do_in_loop(const std::function<void()>& action) {
  std::unique_lock lock(mutex_);
  done_.wait(lock, [&] { return action_ == nullptr; });
  action_ = &action;
  const uint64_t one = 1;
  while (write(wake_.get(), &one, sizeof one) < 0 && errno == EINTR) {
  }
  done_.wait(lock, [&] { return action_ != &action; });
}

void FaultProxy::run() {
  ignore_broken_pipes_in_this_thread();
  while (!is_stopping_) {
    sleep();
    accept_all();  // whoever is connected already is not touched by what comes next
    {
      const std::lock_guard lock(mutex_);
      if (action_ != nullptr) {
        (*action_)();
        action_ = nullptr;
        done_.notify_all();
      }
    }
    const Clock::time_point now = Clock::now();
    connections_.remove_if([&](Connection& connection) { return !advance(connection, now); });
  }
}

bool FaultProxy::Lane::wants_input() const { return !is_read_out && read - written < kRoom; }

std::optional<FaultProxy::Clock::time_point> FaultProxy::Lane::due() const {
  if (pieces.empty() || is_stalled()) return std::nullopt;
  return std::max(pieces.front().due, next_write);
}

void FaultProxy::sleep() {
  const Clock::time_point now = Clock::now();
  std::vector<pollfd> events = {{wake_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
  std::optional<Clock::time_point> next;
  const auto watch = [&](const Descriptor& socket, const Lane& in, const Lane& out, bool is_stalled) {
    int wanted = is_stalled ? POLLRDHUP : 0;
    if (in.wants_input()) wanted |= POLLIN;
    if (const auto due = out.due(); due && *due <= now) {
      wanted |= POLLOUT;
    } else if (due) {
      next = std::min(next.value_or(*due), *due);
    }
    if (wanted != 0) events.push_back({socket.get(), static_cast<short>(wanted), 0});
  };
  for (const Connection& connection : connections_) {
    const bool is_stalled = connection.up.is_stalled() || connection.down.is_stalled();
    watch(connection.client, connection.up, connection.down, is_stalled);
    if (connection.server.is_open()) watch(connection.server, connection.down, connection.up, is_stalled);
  }
  int timeout = -1;
  if (next) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - now);
    timeout = static_cast<int>(std::max<int64_t>(left.count(), 0));
  }
  poll(events.data(), events.size(), timeout);
  uint64_t woken = 0;
  if (::read(wake_.get(), &woken, sizeof woken) < 0) return;  // it was something else
}

void FaultProxy::accept_all() {
  while (listener_.is_open()) {
    Descriptor client = accept_from(listener_);
    if (!client.is_open()) return;
    Door door = door_;
    Connection& connection = connections_.emplace_back();
    connection.up.faults = up_;
    connection.down.faults = down_;
    if (random_) {
      if ((*random_)() % 16 == 0) door = Door::kGarbage;
      connection.up.faults = draw();
      connection.down.faults = draw();
    }
    connection.client = std::move(client);
    if (door == Door::kOpen) {
      connection.server = connect_to_loopback(server_port_);
      if (!connection.server.is_open()) {
        connection.client.reset();
        connections_.pop_back();
        history_.emplace_back("no server");
        continue;
      }
      history_.push_back("open" + described("to_server", connection.up.faults) +
                         described("to_client", connection.down.faults));
    } else if (door == Door::kGarbage) {
      connection.down.pieces.push_back({std::string(kGarbage), Clock::now()});
      connection.down.read = kGarbage.size();
      connection.down.is_read_out = true;
      history_.emplace_back("garbage");
    } else {
      history_.emplace_back("blackhole");
    }
  }
}

Faults FaultProxy::draw() {
  const auto below = [&](uint64_t limit) { return (*random_)() % limit; };
  Faults faults;
  switch (below(10)) {
    case 0:
      faults.reset_after = below(2048);
      break;
    case 1:
      faults.close_after = below(2048);
      break;
    case 2:
      faults.slice = 1 + below(64);
      break;
    case 3:
      faults.latency = std::chrono::milliseconds(1 + below(5));
      break;
    default:
      break;
  }
  return faults;
}

bool FaultProxy::advance(Connection& connection, Clock::time_point now) {
  auto& [client, server, up, down] = connection;
  if (!server.is_open()) return write_from(down, client, now) && discard(client);
  bool is_whole = read_into(up, client, now) && read_into(down, server, now) && write_from(up, server, now) &&
                  write_from(down, client, now);
  if (is_whole && (up.is_stalled() || down.is_stalled())) {
    // Whoever gives up takes the other side along, or that would wait for ever.
    pollfd sides[] = {{client.get(), POLLRDHUP, 0}, {server.get(), POLLRDHUP, 0}};
    is_whole = poll(sides, 2, 0) == 0;
  }
  if (!is_whole) {
    client.reset();
    server.reset();
  }
  return is_whole && !(up.is_ended && down.is_ended);
}

bool FaultProxy::read_into(Lane& lane, const Descriptor& from, Clock::time_point now) {
  while (lane.wants_input()) {
    std::string bytes(16384, '\0');
    const ssize_t size = recv(from.get(), bytes.data(), bytes.size(), 0);
    if (size < 0) return errno == EAGAIN;
    if (size == 0) {
      lane.is_read_out = true;
      return true;
    }
    bytes.resize(static_cast<size_t>(size));
    if (const uint64_t flipped = lane.faults.flip_at;
        flipped >= lane.read && flipped - lane.read < bytes.size())
      bytes[flipped - lane.read] ^= 1;
    lane.read += bytes.size();
    lane.pieces.push_back({std::move(bytes), now + lane.faults.latency});
  }
  return true;
}

bool FaultProxy::write_from(Lane& lane, const Descriptor& to, Clock::time_point now) {
  const Faults& faults = lane.faults;
  for (;;) {
    if (lane.written >= faults.reset_after) return false;
    const bool is_closed = lane.written >= faults.close_after;
    if (is_closed) {
      lane.pieces.clear();
      lane.read = lane.written;
    }
    if (is_closed || (lane.is_read_out && lane.pieces.empty())) {
      if (!std::exchange(lane.is_ended, true)) shutdown(to.get(), SHUT_WR);
      return true;
    }
    const auto due = lane.due();
    if (!due || *due > now) return true;
    std::string& bytes = lane.pieces.front().bytes;
    const uint64_t quantum = faults.bytes_per_second == kNever ? kNever : faults.bytes_per_second / 50 + 1;
    const uint64_t most =
        std::min({uint64_t{bytes.size()}, faults.slice, quantum, faults.reset_after - lane.written,
                  faults.close_after - lane.written, faults.stall_after - lane.written});
    const ssize_t size = send(to.get(), bytes.data(), most, MSG_NOSIGNAL);
    if (size < 0) return errno == EAGAIN;
    lane.written += static_cast<uint64_t>(size);
    bytes.erase(0, static_cast<size_t>(size));
    if (bytes.empty()) lane.pieces.pop_front();
    if (faults.bytes_per_second != kNever)
      lane.next_write = now + std::chrono::nanoseconds(1'000'000'000 * static_cast<uint64_t>(size) /
                                                       faults.bytes_per_second);
  }
}

}  // namespace tessera::test
