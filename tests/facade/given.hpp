// Receives what a call in the background gives.
#pragma once

#include <boost/test/unit_test.hpp>
#include <future>
#include <memory>
#include <tessera/tessera.hpp>

namespace tessera::facade_test {

template <typename T>
class Given {
 public:
  Completion<T> completion() {
    return
        [this](Expected<T> result) { promise_.set_value(std::make_unique<Expected<T>>(std::move(result))); };
  }
  /// Waits for it.
  Expected<T> take() { return std::move(*promise_.get_future().get()); }

 private:
  std::promise<std::unique_ptr<Expected<T>>> promise_;
};

/// Starts with `start(completion)` and gives the result once the operation is over.
template <typename T, typename Start>
Expected<T> result_of(Start start) {
  Given<T> given;
  Operation operation = start(given.completion());
  operation.wait();
  BOOST_TEST(operation.ended());
  return given.take();
}

}  // namespace tessera::facade_test
