// Reading members of a verified document: every failure is CLAIM_INVALID and names the member, never its
// value.
#pragma once

#include <string>
#include <string_view>

#include "license/license_code.hpp"
#include "text/json.hpp"

namespace tessera {

/// Collects the first failure, so that a reader lists its members one a line.
class ClaimReader {
 public:
  explicit ClaimReader(const Json& object) : object_(&object) {}

  std::string text(std::string_view name, bool required, size_t max_bytes = 1024);
  int64_t integer(std::string_view name, bool required, int64_t least, int64_t most, int64_t otherwise = 0);
  bool boolean(std::string_view name, bool otherwise);
  /// Null when absent.
  const Json* object(std::string_view name, bool required = false);
  const Json* array(std::string_view name, bool required = false);
  void fail(std::string_view name);
  void fail(Error error);
  bool failed() const { return !status_.ok(); }
  Status take() { return std::move(status_); }

 private:
  const Json* object_;
  Status status_;
};

}  // namespace tessera
