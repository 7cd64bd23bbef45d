// Measures an operation next to its peer (or against a limit) in one run: rounds of both alternate, so that a
// change of clock speed or load meets both. Reports medians: one JSON object per line on stdout, a table on
// stderr.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace tessera::bench {

/// Makes the compiler believe that `value` is used.
template <class T>
inline void keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

struct Unit {
  const char* name;
  double nanoseconds;
};
inline constexpr Unit kNanoseconds{"ns", 1.0};
inline constexpr Unit kMicroseconds{"us", 1e3};
inline constexpr Unit kMilliseconds{"ms", 1e6};
/// Of rates: more is better.
inline constexpr Unit kPerSecond{"/s", 1.0};

struct Case {
  const char* name;  // "area/case"
  Unit unit;
  int rounds = 51;  // odd: the median is a round that was measured
};

namespace detail {

using SteadyClock = std::chrono::steady_clock;

/// Nanoseconds per call over `calls` calls.
template <class Operation>
double time_calls(Operation& operation, int64_t calls) {
  const auto started = SteadyClock::now();
  for (int64_t i = 0; i < calls; ++i) {
    if constexpr (std::is_void_v<std::invoke_result_t<Operation&>>) {
      operation();
    } else {
      keep(operation());
    }
  }
  const std::chrono::duration<double, std::nano> taken = SteadyClock::now() - started;
  return taken.count() / static_cast<double>(calls);
}

/// Warms the operation up and finds how many calls make a batch that the clock measures well.
template <class Operation>
int64_t calls_per_batch(Operation& operation) {
  constexpr double kBatchNanoseconds = 1e6;
  int64_t calls = 1;
  while (time_calls(operation, calls) * static_cast<double>(calls) < kBatchNanoseconds) calls *= 2;
  return calls;
}

inline double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

inline void report(const Case& subject, double value, const std::string& peer, double peer_value) {
  std::printf(
      R"({"bench":"%s","value":%.6g,"unit":"%s","better":"%s","peer":"%s","peer_value":%.6g,"ratio":%.4g})"
      "\n",
      subject.name, value, subject.unit.name, subject.unit.name == kPerSecond.name ? "higher" : "lower",
      peer.c_str(), peer_value, value / peer_value);
  std::fflush(stdout);
  static bool has_header = false;
  if (!std::exchange(has_header, true)) {
    std::fprintf(stderr, "%-28s %12s %12s %4s %8s  %s\n", "bench", "ours", "peer", "unit", "ratio",
                 "peer is");
  }
  std::fprintf(stderr, "%-28s %12.4g %12.4g %4s %8.3f  %s\n", subject.name, value, peer_value,
               subject.unit.name, value / peer_value, peer.c_str());
}

}  // namespace detail

/// Measures `ours` and `theirs` in alternating rounds. Each is called without arguments; what it returns is
/// kept.
template <class Ours, class Theirs>
void compare(const Case& subject, Ours ours, const std::string& peer, Theirs theirs) {
  const int64_t our_calls = detail::calls_per_batch(ours);
  const int64_t their_calls = detail::calls_per_batch(theirs);
  std::vector<double> our_times;
  std::vector<double> their_times;
  for (int round = 0; round < subject.rounds; ++round) {
    our_times.push_back(detail::time_calls(ours, our_calls));
    their_times.push_back(detail::time_calls(theirs, their_calls));
  }
  detail::report(subject, detail::median(our_times) / subject.unit.nanoseconds, peer,
                 detail::median(their_times) / subject.unit.nanoseconds);
}

/// Measures `ours` against a number in the unit of the case, where no other program does the same.
template <class Ours>
void compare_with_limit(const Case& subject, Ours ours, double limit) {
  const int64_t calls = detail::calls_per_batch(ours);
  std::vector<double> times;
  for (int round = 0; round < subject.rounds; ++round) times.push_back(detail::time_calls(ours, calls));
  detail::report(subject, detail::median(times) / subject.unit.nanoseconds, "limit", limit);
}

/// As compare(), in things a second; a call does `things`.
template <class Ours, class Theirs>
void compare_throughput(const Case& subject, int64_t things, Ours ours, const std::string& peer,
                        Theirs theirs) {
  const int64_t our_calls = detail::calls_per_batch(ours);
  const int64_t their_calls = detail::calls_per_batch(theirs);
  const auto rate = [things](double nanoseconds) { return static_cast<double>(things) * 1e9 / nanoseconds; };
  std::vector<double> our_rates;
  std::vector<double> their_rates;
  for (int round = 0; round < subject.rounds; ++round) {
    our_rates.push_back(rate(detail::time_calls(ours, our_calls)));
    their_rates.push_back(rate(detail::time_calls(theirs, their_calls)));
  }
  detail::report(subject, detail::median(our_rates), peer, detail::median(their_rates));
}

/// How many of `things` a second `operation`, which does them all once, does.
template <class Operation>
double per_second(int64_t things, Operation operation) {
  return static_cast<double>(things) * 1e9 / detail::time_calls(operation, 1);
}

/// Compares what `ours` and `theirs` give: rates that they measured themselves.
template <class Ours, class Theirs>
void compare_rates(const Case& subject, Ours ours, const std::string& peer, Theirs theirs) {
  std::vector<double> our_rates;
  std::vector<double> their_rates;
  for (int round = 0; round < subject.rounds; ++round) {
    our_rates.push_back(ours());
    their_rates.push_back(theirs());
  }
  detail::report(subject, detail::median(our_rates), peer, detail::median(their_rates));
}

/// As compare(), where ours may take `allowance` (in the unit of the case) more.
template <class Ours, class Theirs>
void compare_plus(const Case& subject, Ours ours, const std::string& peer, Theirs theirs, double allowance) {
  std::vector<double> our_times;
  std::vector<double> their_times;
  for (int round = 0; round < subject.rounds; ++round) {
    our_times.push_back(detail::time_calls(ours, 1));
    their_times.push_back(detail::time_calls(theirs, 1));
  }
  detail::report(subject, detail::median(our_times) / subject.unit.nanoseconds, peer,
                 detail::median(their_times) / subject.unit.nanoseconds + allowance);
}

}  // namespace tessera::bench
