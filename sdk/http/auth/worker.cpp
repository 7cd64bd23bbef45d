#include "http/auth/worker.hpp"

#include <chrono>
#include <memory>
#include <utility>

#include "base/executor.hpp"

namespace tessera::http {
namespace {

class Work final : public Task {
 public:
  explicit Work(std::function<void()> work) : work_(std::move(work)) {}
  void run() noexcept override {
    const std::unique_ptr<Work> self(this);
    work_();
  }

 private:
  const std::function<void()> work_;
};

}  // namespace

void run_on_worker(std::function<void()> work, int64_t delay_ms) {
  auto* const task = new Work(std::move(work));
  const Status taken = delay_ms == 0 ? Executor::submit(*task)
                                     : Executor::submit_at(*task, std::chrono::steady_clock::now() +
                                                                      std::chrono::milliseconds(delay_ms));
  if (!taken.ok()) task->run();
}

}  // namespace tessera::http
