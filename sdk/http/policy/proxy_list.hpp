// The proxies that calls may go through: which one, and which of them are out of order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tessera::http {

enum class ProxyMode : uint8_t {
  kRoundRobin,
  kSticky,    // the same key keeps its proxy; only those of a bad one move
  kFailover,  // the first that is not bad
};

struct ProxyListConfig {
  std::vector<std::string> urls;  // http, https, socks5 or socks5h (names resolved by the proxy)
  ProxyMode mode = ProxyMode::kFailover;
  std::vector<std::string> no_proxy;  // see bypasses_proxy()
  int64_t bad_ms = 60'000;            // doubled each time it fails again
  int64_t max_bad_ms = 3'600'000;
};

struct Proxy {
  std::string url;        // without credentials, as logs may show it
  std::string user_info;  // "user:password" as the URL has it, percent-encoded; a secret
};

/// ARG for what is no URL of a proxy. The text shows nothing of it.
Result<Proxy> parse_proxy(std::string_view url);
/// The hosts of an environment's NO_PROXY, which commas or spaces separate.
std::vector<std::string> split_no_proxy(std::string_view text);
/// "example.com" and ".example.com" both mean that host and all below it; "*" means every host.
bool bypasses_proxy(std::string_view host, std::span<const std::string> no_proxy);

class ProxyList {
 public:
  static constexpr size_t kMaxProxies = 64;

  static Result<ProxyList> make(ProxyListConfig config);
  ProxyList() = default;

  size_t size() const { return proxies_.size(); }
  const Proxy& operator[](size_t index) const { return proxies_[index].proxy; }
  /// Whether calls to the host go through a proxy at all.
  bool applies_to(std::string_view host) const {
    return size() > 0 && !bypasses_proxy(host, config_.no_proxy);
  }

  /// When all are bad, the one that is so for the shortest time: a machine with a single proxy has no better
  /// way, and going without one is never chosen for it. For a list that is not empty.
  size_t choose(std::string_view key, int64_t now_ms);
  /// What an attempt told of the proxy. Failures of calls that were under way when it became bad don't make
  /// it worse.
  void report(size_t index, bool is_ok, int64_t now_ms);
  /// Whether there is one that is not bad beside this.
  bool has_other(size_t index, int64_t now_ms) const;
  bool is_bad(size_t index, int64_t now_ms) const { return now_ms < proxies_[index].bad_until_ms; }

 private:
  struct Entry {
    Proxy proxy;
    int64_t bad_until_ms = INT64_MIN;
    int64_t times_bad = 0;
  };
  /// Lower is preferred.
  uint64_t rank(size_t index, uint64_t key_hash) const;

  ProxyListConfig config_;
  std::vector<Entry> proxies_;
  size_t next_ = 0;
};

}  // namespace tessera::http
