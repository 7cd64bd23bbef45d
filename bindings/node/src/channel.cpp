#include "channel.hpp"

#include <memory>
#include <utility>

#include "addon.hpp"

namespace tessera::node {

Channel::Channel(Napi::Env env, Addon* addon)
    : function_(Function::New(env, "tessera", /*maxQueueSize=*/0, /*initialThreadCount=*/1, addon)) {
  // What waits for the library holds the environment, the channel as such does not.
  function_.Unref(env);
}

void Channel::post(Task task) {
  auto owned = std::make_unique<Task>(std::move(task));
  const std::lock_guard guard(mutex_);
  if (!is_closed_ && function_.NonBlockingCall(owned.get()) == napi_ok) static_cast<void>(owned.release());
}

void Channel::close() {
  const std::lock_guard guard(mutex_);
  if (std::exchange(is_closed_, true)) return;
  function_.Abort();
}

void Channel::run(Napi::Env env, Napi::Function, Addon* addon, Task* task) {
  const std::unique_ptr<Task> owned(task);
  // Without an environment what is left in the queue is only released.
  if (static_cast<napi_env>(env) != nullptr) (*owned)(*addon);
}

tsr_status Progress::report(int64_t done, int64_t total) {
  done_ = done;
  total_ = total;
  if (has_listener_ && !is_posted_.exchange(true))
    channel_->post([id = id_](Addon& addon) { addon.report_progress(id); });
  return is_aborted_ ? TSR_E_CANCELLED : TSR_OK;
}

}  // namespace tessera::node
