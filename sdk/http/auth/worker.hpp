// Work that may wait for a disk or the application, away from the loop's thread.
#pragma once

#include <cstdint>
#include <functional>

namespace tessera::http {

/// Runs it on a worker after `delay_ms`; here and now when no thread is to be had: better late than never.
void run_on_worker(std::function<void()> work, int64_t delay_ms = 0);

}  // namespace tessera::http
