// A passphrase or key in memory, wiped when its owner goes.
#pragma once

#include <string>
#include <string_view>

#include "files.hpp"

namespace tessera::cli {

class SecretText {
 public:
  SecretText() = default;
  explicit SecretText(std::string text) : text_(text) { wipe(text); }  // a moved short text stays behind
  // Copies and wipes: a moved short text would stay behind.
  SecretText(SecretText&& other) noexcept {
    text_ = other.text_;
    other.clear();
  }
  SecretText& operator=(SecretText&& other) noexcept {
    clear();
    text_ = other.text_;
    other.clear();
    return *this;
  }
  ~SecretText() { clear(); }

  bool empty() const { return text_.empty(); }
  std::string_view view() const { return text_; }

 private:
  void clear() {
    wipe(text_);
    text_.clear();
  }
  std::string text_;
};

}  // namespace tessera::cli
