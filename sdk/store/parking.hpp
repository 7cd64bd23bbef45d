// Waiting for a word in memory to change. Whoever changes it may wake the waiter after the word itself is
// gone, which a condition variable does not allow and which saves the waiter a second sleep on its mutex.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#ifdef __linux__
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ctime>
#else
#include <thread>
#endif

namespace tessera::store {

using ParkingWord = std::atomic<uint32_t>;
static_assert(sizeof(ParkingWord) == sizeof(uint32_t));

/// Returns early now and then: look at the word again.
inline void park(const ParkingWord& word, uint32_t expected, std::chrono::nanoseconds span) {
#ifdef __linux__
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(span);
  const timespec timeout{static_cast<time_t>(seconds.count()), static_cast<long>((span - seconds).count())};
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, expected, &timeout, nullptr, 0);
#else
  constexpr std::chrono::nanoseconds kNap = std::chrono::microseconds(100);
  if (word.load() == expected) std::this_thread::sleep_for(span < kNap ? span : kNap);
#endif
}

/// Only the address counts; there may be another object or nothing by now.
inline void unpark(const ParkingWord* word) {
#ifdef __linux__
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
#else
  static_cast<void>(word);
#endif
}

}  // namespace tessera::store
