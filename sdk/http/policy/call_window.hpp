// How many calls ended in the last while, and how many of them failed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tessera::http {

/// Sixty slices instead of a time per call: a busy host ends a million calls a minute, and every host has a
/// window. A call counts for at least 59 sixtieths of the window and never longer than it.
class CallWindow {
 public:
  explicit CallWindow(int64_t span_ms);

  void add(int64_t now_ms, bool is_failed);
  void clear();
  /// As of the last call added.
  int64_t calls() const { return all_.calls; }
  int64_t failures() const { return all_.failures; }

 private:
  static constexpr size_t kSlices = 60;
  struct Slice {
    int64_t calls = 0, failures = 0;
  };

  Slice& slice_of(int64_t number) { return slices_[static_cast<size_t>(number) % kSlices]; }
  void advance(int64_t number);

  int64_t slice_ms_;
  int64_t newest_ = 0;  // number of the slice that time is in
  std::array<Slice, kSlices> slices_{};
  Slice all_;
};

}  // namespace tessera::http
