/// @file tessera/cpp/time.hpp  Points in time, as the facade gives and takes them.
#ifndef TESSERA_CPP_TIME_HPP
#define TESSERA_CPP_TIME_HPP

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>

namespace tessera::inline v1 {

/// UTC with milliseconds.  @since 1.0
using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;

/// How long close() waits for another process unless told otherwise.  @since 1.0
inline constexpr std::chrono::milliseconds kCloseTimeout{2000};

namespace detail {

/// The C ABI writes "no such time" as 0.
inline std::optional<TimePoint> to_time(std::int64_t epoch_ms) noexcept {
  if (epoch_ms == 0) return std::nullopt;
  return TimePoint(std::chrono::milliseconds(epoch_ms));
}

inline std::uint32_t to_timeout(std::chrono::milliseconds timeout) noexcept {
  constexpr std::int64_t kLongest = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(timeout.count(), 0, kLongest));
}

}  // namespace detail
}  // namespace tessera::inline v1

#endif
