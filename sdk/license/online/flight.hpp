// One call at a time: who comes while it is under way gets its result.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include "base/result.hpp"

namespace tessera {

template <class T>
class Flight {
 public:
  template <class Run>
  Result<T> join(Run run) {
    std::unique_lock lock(mutex_);
    if (const std::shared_ptr<Trip> trip = under_way_) {
      ended_.wait(lock, [&] { return trip->result.has_value(); });
      return *trip->result;
    }
    const auto own = std::make_shared<Trip>();
    under_way_ = own;
    lock.unlock();
    const Landing landing{*this, *own};
    Result<T> result = run();
    lock.lock();
    own->result = result;
    lock.unlock();
    return result;
  }

 private:
  struct Trip {
    std::optional<Result<T>> result;
  };
  /// Tells everybody, also when the call throws.
  struct Landing {
    Flight& flight;
    Trip& trip;
    ~Landing() {
      const std::lock_guard lock(flight.mutex_);
      if (!trip.result) trip.result = Error{};
      flight.under_way_ = nullptr;
      flight.ended_.notify_all();
    }
  };

  std::mutex mutex_;
  std::condition_variable ended_;
  std::shared_ptr<Trip> under_way_;
};

}  // namespace tessera
