// How long calls took, in constant memory: slots that grow with the duration, 32 for each doubling.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tessera::http {

/// Microseconds from 1 to 2^30 (18 minutes); what lies outside counts as the nearer end. A quantile is off by
/// at most a 64th (1.6 %).
class Latency {
 public:
  void add(int64_t duration_us);
  void merge(const Latency& other);

  int64_t count() const { return count_; }
  int64_t sum_us() const { return sum_us_; }
  /// 0 when nothing was counted, as all that follow.
  int64_t least_us() const { return least_us_; }
  int64_t most_us() const { return most_us_; }
  /// 500 per mille is the median.
  int64_t quantile_us(int per_mille) const;
  /// Calls of at most 2^power us, exactly; `power` from 5 to 30.
  int64_t count_up_to(int power) const;

 private:
  static constexpr int kLinearBits = 5;
  static constexpr size_t kPerDoubling = size_t{1} << kLinearBits;
  static constexpr int kMostBits = 30;
  static constexpr size_t kSlots = (kMostBits - kLinearBits + 1) * kPerDoubling;

  static size_t slot_of(int64_t duration_us);
  static int64_t middle_of(size_t slot);

  std::array<int64_t, kSlots> slots_{};
  int64_t count_ = 0, sum_us_ = 0, least_us_ = 0, most_us_ = 0;
};

}  // namespace tessera::http
