// A token store in a file, as an application of one process at a time may write one.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <mutex>
#include <string>
#include <utility>

#include "http/auth/token_store.hpp"

namespace tessera::http {

class FileTokenStore final : public TokenStore {
 public:
  explicit FileTokenStore(std::string path) : path_(std::move(path)) {}

  Result<std::optional<TokenRecord>> load() override {
    const std::scoped_lock lock(mutex_);
    return read();
  }
  Result<bool> compare_and_swap(uint64_t expected, const TokenRecord& record) override {
    const std::scoped_lock lock(mutex_);
    if (before) before();
    TSR_ASSIGN_OR_RETURN(const std::optional<TokenRecord> present, read());
    if ((present ? present->version : 0) != expected) return false;
    if (!write(token_record_json(record).view()))
      return Error{ErrorCode::kIO, "test", "could not write the tokens", {}};
    if (after) after();
    return true;
  }

  std::function<void()> before, after;  // of a swap

 private:
  Result<std::optional<TokenRecord>> read() const {
    std::ifstream file(path_, std::ios::binary);
    if (!file) return std::optional<TokenRecord>();
    const std::string text(std::istreambuf_iterator<char>(file), {});
    TSR_ASSIGN_OR_RETURN(TokenRecord record, parse_token_record(as_bytes(text)));
    return std::optional<TokenRecord>(std::move(record));
  }
  bool write(ByteView json) const {
    const std::string next = path_ + ".new";
    const int file = open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return false;
    const bool is_written = ::write(file, json.data(), json.size()) == static_cast<ssize_t>(json.size());
    const bool is_synced = fsync(file) == 0;
    close(file);
    return is_written && is_synced && rename(next.c_str(), path_.c_str()) == 0;
  }

  const std::string path_;
  std::mutex mutex_;
};

}  // namespace tessera::http
