#include "http/client/auth_host.hpp"

#include <utility>

#include "http/client/errors.hpp"
#include "http/transport/loop.hpp"

namespace tessera::http {
namespace {

class Job final : public Posted {
 public:
  explicit Job(std::function<void()> work) : work_(std::move(work)) {}
  void run() override {
    const std::unique_ptr<Job> self(this);
    work_();
  }

 private:
  const std::function<void()> work_;
};

}  // namespace

bool AuthHost::post(std::function<void()> work) {
  if (fork_.in_child()) return false;
  auto job = std::make_unique<Job>(std::move(work));
  const std::scoped_lock lock(mutex_);
  if (loop_ == nullptr) return false;
  loop_->post(*job.release());
  return true;
}

Result<std::shared_ptr<CallHandle>> AuthHost::send(Request request, Receiver& receiver) {
  if (fork_.in_child()) return closed_error();
  const std::scoped_lock lock(mutex_);
  if (client_ == nullptr) return closed_error();
  return client_->send(std::move(request), receiver);
}

bool AuthHost::is_open() {
  if (fork_.in_child()) return false;
  const std::scoped_lock lock(mutex_);
  return client_ != nullptr;
}

void AuthHost::close() {
  const std::scoped_lock lock(mutex_);
  client_ = nullptr;
  loop_ = nullptr;
}

}  // namespace tessera::http
