// Questions of the library to a function of JavaScript: a thread of the library waits for each.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "channel.hpp"

namespace tessera::node {

/// What JavaScript said. Its texts may be secrets and are wiped.
struct Answer {
  Answer() = default;
  Answer(Answer&&) = default;
  Answer& operator=(Answer&&) = default;
  ~Answer();

  std::vector<std::string> texts;
  int64_t number = 0;
};

class Asker {
 public:
  /// `sink` is called with the question's number and its arguments, and answers by Addon::answer().
  /// That may take up to `most`.
  Asker(std::shared_ptr<Channel> channel, uint64_t sink, std::chrono::milliseconds most)
      : channel_(std::move(channel)), sink_(sink), most_(most) {}

  /// From any thread but that of JavaScript. Nothing: it failed, took too long or is there no more.
  std::optional<Answer> ask(const Arguments& arguments);

  // JavaScript thread.
  void answer(uint64_t question, std::optional<Answer> answer);
  /// Nobody answers any more, neither those that wait.
  void close();

 private:
  struct Question {
    bool is_answered = false;
    std::optional<Answer> answer{};
  };

  const std::shared_ptr<Channel> channel_;
  const uint64_t sink_;
  const std::chrono::milliseconds most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  bool is_closed_ = false;
  uint64_t last_ = 0;
  std::map<uint64_t, Question> open_;
};

}  // namespace tessera::node
