#include "asker.hpp"

#include <utility>

#include "addon.hpp"

namespace tessera::node {

Answer::~Answer() {
  for (std::string& text : texts)
    for (volatile char* byte = text.data(); byte < text.data() + text.size(); ++byte) *byte = 0;
}

std::optional<Answer> Asker::ask(const Arguments& arguments) {
  std::unique_lock lock(mutex_);
  if (is_closed_) return {};
  const uint64_t number = ++last_;
  Question& question = open_[number];
  lock.unlock();
  Arguments all{static_cast<double>(number)};
  all.insert(all.end(), arguments.begin(), arguments.end());
  channel_->post([id = sink_, all = std::move(all)](Addon& addon) { addon.call_sink(id, all); });
  lock.lock();
  changed_.wait_for(lock, most_, [&] { return is_closed_ || question.is_answered; });
  std::optional<Answer> answer = std::move(question.answer);
  open_.erase(number);
  return answer;
}

void Asker::answer(uint64_t question, std::optional<Answer> answer) {
  const std::lock_guard guard(mutex_);
  const auto found = open_.find(question);
  if (found == open_.end() || found->second.is_answered) return;
  found->second.is_answered = true;
  found->second.answer = std::move(answer);
  changed_.notify_all();
}

void Asker::close() {
  const std::lock_guard guard(mutex_);
  is_closed_ = true;
  changed_.notify_all();
}

}  // namespace tessera::node
