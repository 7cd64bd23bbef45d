#include "store/keyboard.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace tessera::cli {

ssize_t Keyboard::read(char* byte) const {
  std::array<pollfd, 2> sources{{{STDIN_FILENO, POLLIN, 0}, {signals_.read_end(), POLLIN, 0}}};
  for (;;) {
    const int ready = ::poll(sources.data(), sources.size(), -1);
    if (interrupted()) return -1;
    if (ready < 0 && errno != EINTR) return -1;
    if (ready <= 0) continue;
    const ssize_t got = ::read(STDIN_FILENO, byte, 1);
    if (got >= 0 || errno != EINTR) return got;
  }
}

}  // namespace tessera::cli
