// How far long work is, in one line of the terminal.
#pragma once

#include <chrono>
#include <string>
#include <tessera/tessera.hpp>

#include "command.hpp"
#include "store/interrupt.hpp"

namespace tessera::cli {

/// Shows progress where standard error is a terminal; Ctrl-C cancels the work.
class ProgressLine {
 public:
  ProgressLine(const Session& session, std::string what);
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine();

  /// What the work reports to; not for longer than this lives.
  Progress callback();

 private:
  using Clock = std::chrono::steady_clock;
  void show(std::int64_t done, std::int64_t total);

  const std::string what_;
  const bool is_shown_;
  bool is_dirty_ = false;
  Clock::time_point next_;
  const Interrupt interrupt_;
};

}  // namespace tessera::cli
