#include "http/policy/latency.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

namespace tessera::http {

void Latency::add(int64_t duration_us) {
  duration_us = std::clamp<int64_t>(duration_us, 1, int64_t{1} << kMostBits);
  ++slots_[slot_of(duration_us)];
  least_us_ = count_ == 0 ? duration_us : std::min(least_us_, duration_us);
  most_us_ = std::max(most_us_, duration_us);
  ++count_;
  sum_us_ += duration_us;
}

void Latency::merge(const Latency& other) {
  if (other.count_ == 0) return;
  for (size_t i = 0; i < kSlots; ++i) slots_[i] += other.slots_[i];
  least_us_ = count_ == 0 ? other.least_us_ : std::min(least_us_, other.least_us_);
  most_us_ = std::max(most_us_, other.most_us_);
  count_ += other.count_;
  sum_us_ += other.sum_us_;
}

int64_t Latency::quantile_us(int per_mille) const {
  // The rank rounds up: the median of three is the second.
  int64_t rank = std::max<int64_t>((count_ * per_mille + 999) / 1000, 1);
  for (size_t i = 0; i < kSlots; ++i) {
    rank -= slots_[i];
    if (rank <= 0) return std::clamp(middle_of(i), least_us_, most_us_);
  }
  return 0;
}

int64_t Latency::count_up_to(int power) const {
  const auto slots = kPerDoubling * static_cast<size_t>(power - kLinearBits + 1);
  return std::accumulate(slots_.begin(), slots_.begin() + static_cast<ptrdiff_t>(slots), int64_t{0});
}

// One less than the duration is what is sliced, so that 2^n belongs to the slots below 2^n.
size_t Latency::slot_of(int64_t duration_us) {
  const auto value = static_cast<uint64_t>(duration_us - 1);
  if (value < kPerDoubling) return static_cast<size_t>(value);
  const int shift = static_cast<int>(std::bit_width(value)) - 1 - kLinearBits;
  return kPerDoubling * static_cast<size_t>(shift) + static_cast<size_t>(value >> shift);
}

int64_t Latency::middle_of(size_t slot) {
  if (slot < kPerDoubling) return static_cast<int64_t>(slot) + 1;
  const size_t shift = slot / kPerDoubling - 1;
  const auto start = static_cast<int64_t>((kPerDoubling + slot % kPerDoubling) << shift);
  return start + ((int64_t{1} << shift) + 1) / 2;
}

}  // namespace tessera::http
