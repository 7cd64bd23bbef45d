// Calls that wait for one credential. On the loop's thread.
#pragma once

#include <list>

#include "http/client/auth.hpp"

namespace tessera::http {

class Waiters {
 public:
  void add(AuthWaiter& waiter) { waiting_.push_back(&waiter); }
  void remove(AuthWaiter& waiter) {
    waiting_.remove(&waiter);
    told_.remove(&waiter);
  }
  /// Those that wait now, in their order; they may come again, and others may leave meanwhile.
  void tell(const Result<Credential>& credential) {
    told_.splice(told_.end(), waiting_);
    while (!told_.empty()) {
      AuthWaiter* const next = told_.front();
      told_.pop_front();
      next->on_credential(credential);
    }
  }

 private:
  std::list<AuthWaiter*> waiting_, told_;
};

}  // namespace tessera::http
