#include "store/progress_line.hpp"

#include <unistd.h>

#include <utility>

#include "console.hpp"

namespace tessera::cli {

ProgressLine::ProgressLine(const Session& session, std::string what)
    : what_(std::move(what)), is_shown_(!session.json && ::isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (is_dirty_) print_error("\r\033[K");
}

Progress ProgressLine::callback() {
  return [this](std::int64_t done, std::int64_t total) {
    show(done, total);
    return !Interrupt::requested();
  };
}

void ProgressLine::show(std::int64_t done, std::int64_t total) {
  constexpr std::chrono::milliseconds kPause{100};
  constexpr double kHundred = 100;
  if (!is_shown_ || total <= 0 || Clock::now() < next_) return;
  next_ = Clock::now() + kPause;
  is_dirty_ = true;
  const auto percent = static_cast<int>(kHundred * static_cast<double>(done) / static_cast<double>(total));
  print_error("\r\033[K" + what_ + ' ' + std::to_string(percent) + " %, Ctrl-C cancels");
}

}  // namespace tessera::cli
