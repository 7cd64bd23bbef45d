// Values for SQL from the command line.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <tessera/tessera.hpp>
#include <vector>

namespace tessera::cli {

/// An integer, a number, "null", bytes as x'0aff', or text; double quotes make text of anything. Owns what
/// its list() borrows.
class Parameters {
 public:
  /// Throws Failure when both are given, or `named` is not NAME=VALUE.
  Parameters(const std::vector<std::string>& positional, const std::vector<std::string>& named);

  ArgumentList list() const { return {values_, names_}; }

 private:
  void add(std::string_view text);

  std::vector<Value> values_;
  std::vector<std::string_view> names_;
  std::deque<std::string> texts_;
  std::deque<std::vector<std::byte>> blobs_;
};

}  // namespace tessera::cli
