// Host names that a test answers, late where it wants, for all of its process: this file's getaddrinfo()
// stands before the C library's.
#pragma once

#include <cstddef>
#include <string>

namespace tessera::test {

/// One at a time. Names that it was not told of are looked up as ever. Lookups in progress end before it
/// does.
class SlowDns {
 public:
  SlowDns();
  SlowDns(const SlowDns&) = delete;
  SlowDns& operator=(const SlowDns&) = delete;
  ~SlowDns();

  /// A numeric address.
  void answer(const std::string& name, const std::string& address);
  void fail(const std::string& name);
  /// Its lookups wait until it is released.
  void hold(const std::string& name);
  void release(const std::string& name);

  /// Begun so far.
  size_t lookups(const std::string& name) const;
  /// Until so many have begun.
  void wait_for_lookups(const std::string& name, size_t count) const;
};

}  // namespace tessera::test
