// A server by others: started on a free port of loopback with a configuration of its own, ended with its
// object.
#pragma once

#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "program.hpp"
#include "sockets.hpp"
#include "temp_dir.hpp"

namespace tessera::test {

/// Where a server keeps its files, and where it listens.
struct Place {
  std::string folder;
  uint16_t port = 0;

  std::string operator/(std::string_view name) const { return folder + "/" + std::string(name); }
  std::string port_text() const { return std::to_string(port); }
  /// Its name in the folder.
  std::string write(std::string_view name, std::string_view text) const {
    std::ofstream(*this / name) << text;
    return *this / name;
  }
};

class RealServer {
 public:
  /// Writes the configuration and gives the command that runs the server in the foreground.
  using Command = std::function<std::vector<std::string>(const Place&)>;

  explicit RealServer(const Command& command) {
    for (int i = 0; i < kTries && !start(command); ++i) {
    }
    if (program_ == nullptr) throw std::runtime_error("a server does not start: " + log());
  }
  RealServer(const RealServer&) = delete;
  RealServer& operator=(const RealServer&) = delete;
  ~RealServer() { end(); }

  uint16_t port() const { return place_.port; }
  std::string address() const { return "127.0.0.1:" + place_.port_text(); }
  /// What it wrote to the file "log" of its folder.
  std::string log() const {
    std::ostringstream text;
    text << std::ifstream(place_ / "log").rdbuf();
    return text.str();
  }
  /// Once that is in its log; false when it never comes.
  bool logs(std::string_view what) const {
    return wait_until([&] { return log().find(what) != std::string::npos; });
  }

 private:
  static constexpr int kTries = 5;  // another program may take a port that was free
  static constexpr std::chrono::seconds kPatience{60};
  static constexpr std::chrono::milliseconds kPause{10};

  template <class Condition>
  static bool wait_until(Condition holds) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(kPause);
    }
    return true;
  }

  bool start(const Command& command) {
    place_ = {.folder = folder_.path().string(), .port = port_of(bind_to_loopback())};
    program_ = std::make_unique<Program>(command(place_));
    const bool is_up = wait_until([this] { return !program_->is_running() || accepts(); });
    if (is_up && program_->is_running()) return true;
    end();
    return false;
  }

  void end() {
    if (program_ == nullptr) return;
    program_->ask_to_end();  // so that it ends its own children
    static_cast<void>(wait_until([this] { return !program_->is_running(); }));
    program_.reset();
  }

  bool accepts() const {
    const Descriptor socket = connect_to_loopback(place_.port);
    if (!socket.is_open()) return false;
    pollfd waiting{.fd = socket.get(), .events = POLLOUT, .revents = 0};
    int error = 0;
    socklen_t size = sizeof error;
    return poll(&waiting, 1, static_cast<int>(kPause.count())) == 1 &&
           getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
  }

  const TempDir folder_;
  Place place_;
  std::unique_ptr<Program> program_;
};

/// Who runs the tests: a server that may change its user stays who it is.
inline std::string own_name() {
  const passwd* const entry = getpwuid(geteuid());
  if (entry == nullptr) throw std::runtime_error("the user of the tests has no name");
  return entry->pw_name;
}

}  // namespace tessera::test
