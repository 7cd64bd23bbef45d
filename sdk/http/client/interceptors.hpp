// The interceptors of one client, in the order of their registration, signers last.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "http/client/interceptor.hpp"

namespace tessera::http {

/// add() and remove() from any thread, also from inside an interceptor; the rest on the loop's thread.
class Interceptors {
 public:
  uint64_t add(std::shared_ptr<Interceptor> interceptor, InterceptorPlace place);
  /// It is not called any more. Waits for a call of it that runs, except from inside that.
  void remove(uint64_t id);

  bool is_empty() const { return count_.load(std::memory_order_acquire) == 0; }
  /// The first error.
  Status before(OutgoingRequest& request);
  void after(const IncomingHead& head);

 private:
  struct Slot;
  using Slots = std::vector<std::shared_ptr<Slot>>;
  std::shared_ptr<const Slots> slots();

  std::mutex mutex_;
  std::shared_ptr<const Slots> slots_ = std::make_shared<Slots>();  // guarded by mutex_, replaced as a whole
  uint64_t last_id_ = 0;                                            // guarded by mutex_
  std::atomic<size_t> count_{0};
};

}  // namespace tessera::http
