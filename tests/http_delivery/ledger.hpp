// What a server that knows idempotency keys has taken in.
#pragma once

#include <map>
#include <mutex>
#include <random>
#include <string>

#include "http_origin.hpp"

namespace tessera::delivery_proof {

class Ledger {
 public:
  /// `moods`: how many of ten requests it answers as a server in trouble does.
  explicit Ledger(unsigned seed, unsigned moods = 0) : random_(seed), moods_(moods) {}

  test::Answer take(const test::Seen& seen) {
    const std::scoped_lock lock(mutex_);
    ++requests_;
    const std::string key = seen.header("idempotency-key");
    if (!seen.is_whole || !seen.body.starts_with(key) || key.empty()) return 400;
    const bool is_in_a_mood = random_() % 10 < moods_;
    const auto mood = static_cast<unsigned>(random_() % 5);
    if (is_in_a_mood && mood < 3) return refuse(mood);
    note(key);
    // It is done, and the answer says the contrary, or never comes.
    if (is_in_a_mood && mood == 3) return 502;
    if (is_in_a_mood) return test::Answer().reset();
    return 200;
  }

  /// Empty when it has numbers 1 to `last` of `order`, each taken in once and in their order.
  std::string complaint(const std::string& order, int last) const {
    const std::scoped_lock lock(mutex_);
    const auto found = next_.find(order);
    const int taken = found == next_.end() ? 0 : found->second - 1;
    if (!trouble_.empty()) return trouble_;
    return taken == last ? "" : order + " ends at " + std::to_string(taken) + " of " + std::to_string(last);
  }
  int requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }
  int repeats() const {
    const std::scoped_lock lock(mutex_);
    return repeats_;
  }

 private:
  static test::Answer refuse(unsigned mood) {
    if (mood == 0) return 500;
    if (mood == 1) return {429, "", {{"Retry-After", "1"}}};
    return 409;
  }
  void note(const std::string& key) {
    const size_t colon = key.rfind(':');
    const std::string order = key.substr(0, colon);
    const int number = std::stoi(key.substr(colon + 1));
    int& next = next_.try_emplace(order, 1).first->second;
    if (number < next) {
      ++repeats_;  // known by its key, and not done again
    } else if (number == next) {
      ++next;
    } else {
      trouble_ = key + " came before number " + std::to_string(next);
    }
  }

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::mt19937 random_;
  const unsigned moods_;
  std::map<std::string, int> next_;
  std::string trouble_;
  int requests_ = 0, repeats_ = 0;
};

}  // namespace tessera::delivery_proof
