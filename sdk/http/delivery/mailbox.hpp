// What other threads tell the one that delivers.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "http/client/request.hpp"

namespace tessera::http {

/// A call's end, kept where the call is: to tell it needs no memory.
class Ended {
 private:
  friend class Mailbox;
  std::optional<Result<Response>> result_;
  Ended* next_ = nullptr;
};

/// Safe from any thread. Shared by all that may call it, as some do so after the delivery has ended.
class Mailbox {
 public:
  /// What its reader has not done with stays in it.
  struct Mail {
    Ended* ended = nullptr;
    bool is_woken = false;        // something may be due
    bool is_in_a_hurry = false;   // waits are to end
    bool is_stopping = false;     // nothing more is to be sent
    bool is_out_of_time = false;  // nor waited for
  };

  void wake() {
    tell([](Mail& mail) { mail.is_woken = true; });
  }
  void hurry() {
    tell([](Mail& mail) { mail.is_in_a_hurry = true; });
  }
  void stop(bool is_out_of_time) {
    tell([&](Mail& mail) {
      mail.is_stopping = true;
      mail.is_out_of_time |= is_out_of_time;
    });
  }
  /// The last that is done with `call` outside its owner's thread.
  void end(Ended& call, Result<Response> result) {
    tell([&](Mail& mail) {
      call.result_.emplace(std::move(result));
      append(mail, &call);
    });
  }

  /// Waits for mail, `most` at the longest, and adds it to `mail`.
  void wait(std::optional<std::chrono::milliseconds> most, Mail& mail) {
    std::unique_lock lock(mutex_);
    const auto is_there = [this] { return has_mail_; };
    if (most) {
      came_.wait_for(lock, *most, is_there);
    } else {
      came_.wait(lock, is_there);
    }
    has_mail_ = false;
    append(mail, std::exchange(mail_.ended, nullptr));
    mail.is_woken |= mail_.is_woken;
    mail.is_in_a_hurry |= mail_.is_in_a_hurry;
    mail.is_stopping |= mail_.is_stopping;
    mail.is_out_of_time |= mail_.is_out_of_time;
    mail_ = {};
  }
  /// The first that ended, with what came of it; null: no more.
  static Ended* take(Mail& mail) {
    Ended* const first = mail.ended;
    if (first != nullptr) mail.ended = std::exchange(first->next_, nullptr);
    return first;
  }
  static Result<Response> result_of(Ended& call) { return *std::move(call.result_); }

  /// The delivery has ended.
  void close() {
    const std::scoped_lock lock(mutex_);
    is_closed_ = true;
    closed_.notify_all();
  }
  bool wait_for_close(std::optional<std::chrono::milliseconds> most) {
    std::unique_lock lock(mutex_);
    const auto is_closed = [this] { return is_closed_; };
    if (most) return closed_.wait_for(lock, *most, is_closed);
    closed_.wait(lock, is_closed);
    return true;
  }

 private:
  /// There are as many as the delivery has requests under way: few.
  static void append(Mail& mail, Ended* calls) {
    Ended** end = &mail.ended;
    while (*end != nullptr) end = &(*end)->next_;
    *end = calls;
  }

  template <class Change>
  void tell(Change change) {
    const std::scoped_lock lock(mutex_);
    change(mail_);
    has_mail_ = true;
    came_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable came_, closed_;
  // Guarded by mutex_.
  Mail mail_;
  bool has_mail_ = false, is_closed_ = false;
};

}  // namespace tessera::http
