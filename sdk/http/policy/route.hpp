// Which of the configured routes a call belongs to, for its settings and its counters.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tessera::http {

/// A pattern is "[METHOD ][host][path]", with at least one of them: "GET /v1/products/*",
/// "POST api.example.com/v1/copies", "*.example.com". A host "*.example.com" means every host below it. In a
/// path, "*" stands for one segment and a final "**" for all that follows, or nothing. Methods and paths
/// compare with case, hosts without; a query plays no part.
class RouteTable {
 public:
  static constexpr size_t kMaxRoutes = 256;
  static constexpr size_t kMaxPattern = 512;

  static Result<RouteTable> make(std::span<const std::string> patterns);
  RouteTable() = default;

  /// The first pattern that matches, as its index. `host` comes without a port.
  std::optional<size_t> find(std::string_view method, std::string_view host, std::string_view path) const;

 private:
  struct Route {
    std::string method, host, path;  // empty: any
    bool is_below_host = false;
  };
  static Result<Route> parse(std::string_view pattern);
  static bool matches(const Route& route, std::string_view method, std::string_view host,
                      std::string_view path);

  std::vector<Route> routes_;
};

}  // namespace tessera::http
