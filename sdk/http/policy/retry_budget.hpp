// How many retries a host is worth: few while most calls fail, so that retries don't keep it down (gRPC A6).
#pragma once

#include <algorithm>
#include <cstdint>

namespace tessera::http {

struct RetryBudgetConfig {
  int64_t tokens = 10;
  int64_t success_thousandths = 100;  // what a success brings back of the whole token that a failure costs
};

/// Counts attempts, in thousandths of a token.
class RetryBudget {
 public:
  explicit RetryBudget(const RetryBudgetConfig& config)
      : most_(config.tokens * kToken), gain_(config.success_thousandths), left_(most_) {}

  void on_failure() { left_ = std::max<int64_t>(left_ - kToken, 0); }
  void on_success() { left_ = std::min(left_ + gain_, most_); }
  /// While more than half is left.
  bool has_retry() const { return left_ * 2 > most_; }
  int64_t thousandths() const { return left_; }

 private:
  static constexpr int64_t kToken = 1000;
  int64_t most_, gain_, left_;
};

}  // namespace tessera::http
