// Values of JavaScript as those of the store.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "setup.hpp"
#include "tessera/tessera.h"

namespace tessera::node {

/// Converted values of one call; they live as long as this, bytes as long as their Uint8Array is left alone.
/// A whole number is INTEGER, any other REAL.
class Values {
 public:
  /// Up to `count` are added.
  explicit Values(size_t count) : values_(count <= kFew ? few_ : many(count)) {}
  Values(const Values&) = delete;
  Values& operator=(const Values&) = delete;

  /// False: a TypeError or RangeError is pending.
  bool add(napi_env env, napi_value value);
  const tsr_value* data() const { return values_; }
  size_t size() const { return size_; }

 private:
  static constexpr size_t kFew = 16;
  static constexpr size_t kTextBytes = 1024;

  tsr_value* many(size_t count) {
    many_ = std::make_unique<tsr_value[]>(count);
    return many_.get();
  }
  bool add_number(napi_env env, napi_value value, tsr_value& out);
  bool add_text(napi_env env, napi_value value, tsr_value& out);
  static bool add_bytes(napi_env env, napi_value value, tsr_value& out);

  // Not initialized: a call of a prepared statement makes one of these.
  tsr_value few_[kFew];
  char text_[kTextBytes];
  std::unique_ptr<tsr_value[]> many_;
  std::vector<std::unique_ptr<char[]>> long_texts_;
  tsr_value* values_;
  size_t size_ = 0;
  size_t used_text_ = 0;
};

/// Parameters of one statement: none, an array by position, or an object by name.
class Parameters {
 public:
  explicit Parameters(Napi::Value given) : Parameters(given.Env(), read(given)) {}

  const tsr_value* values() const { return values_.data(); }
  size_t count() const { return values_.size(); }
  /// Null: by position.
  const tsr_str* names() const { return names_.empty() ? nullptr : names_.data(); }

 private:
  // Read before any is converted: a getter of the application may do what it likes with the others' bytes.
  struct Given {
    std::vector<Napi::Value> values;
    std::vector<std::string> names;
  };
  static Given read(Napi::Value given);
  Parameters(Napi::Env env, Given given);

  Values values_;
  std::vector<std::string> texts_;
  std::vector<tsr_str> names_;
};

}  // namespace tessera::node
