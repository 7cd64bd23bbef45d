#include "channel.hpp"

#include <iterator>
#include <utility>

#include "addon.hpp"

namespace tessera::node {

Channel::Channel(Napi::Env env, Addon* addon)
    : function_(Function::New(env, "tessera", /*maxQueueSize=*/0, /*initialThreadCount=*/1, addon)) {
  // What waits for the library holds the environment, the channel as such does not.
  function_.Unref(env);
}

void Channel::post(Task task) {
  const std::lock_guard guard(mutex_);
  if (is_closed_) return;
  posted_.push_back(std::move(task));
  if (posted_.size() == 1) static_cast<void>(function_.NonBlockingCall());
}

void Channel::close() {
  const std::lock_guard guard(mutex_);
  if (std::exchange(is_closed_, true)) return;
  function_.Abort();
}

void Channel::run(Napi::Env env, Napi::Function, Addon* addon, void*) {
  // Without an environment what was posted is only released.
  if (static_cast<napi_env>(env) != nullptr) addon->channel()->drain(*addon);
}

void Channel::drain(Addon& addon) {
  std::vector<Task> tasks = std::exchange(drained_, {});
  {
    const std::lock_guard guard(mutex_);
    tasks.swap(posted_);
  }
  size_t next = 0;
  try {
    while (next < tasks.size()) tasks[next++](addon);
  } catch (const Napi::Error&) {
    put_back(tasks, next);
    throw;
  }
  tasks.clear();
  drained_ = std::move(tasks);
}

void Channel::put_back(std::vector<Task>& tasks, size_t next) {
  const std::lock_guard guard(mutex_);
  if (is_closed_ || next == tasks.size()) return;
  const bool is_awake = !posted_.empty();
  const auto rest = tasks.begin() + static_cast<std::ptrdiff_t>(next);
  posted_.insert(posted_.begin(), std::make_move_iterator(rest), std::make_move_iterator(tasks.end()));
  if (!is_awake) static_cast<void>(function_.NonBlockingCall());
}

tsr_status Progress::report(int64_t done, int64_t total) {
  done_ = done;
  total_ = total;
  if (has_listener_ && !is_posted_.exchange(true))
    channel_->post([id = id_](Addon& addon) { addon.report_progress(id); });
  return is_aborted_ ? TSR_E_CANCELLED : TSR_OK;
}

}  // namespace tessera::node
