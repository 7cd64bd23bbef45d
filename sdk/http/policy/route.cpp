#include "http/policy/route.hpp"

#include <algorithm>
#include <utility>

#include "http/policy/host_name.hpp"

namespace tessera::http {
namespace {

constexpr std::string_view kBelow = "*.";
constexpr std::string_view kRest = "/**";

Error malformed(std::string_view pattern, std::string_view rule) {
  std::string shown(pattern.substr(0, 64));
  std::ranges::replace_if(shown, [](char c) { return c < ' ' || c > '~'; }, '?');
  return {ErrorCode::kARG, "http", "the route \"" + shown + "\" " + std::string(rule), {}};
}

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

bool is_host_character(char c) {
  return is_upper(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) {
    return host.find_first_not_of("0123456789abcdefABCDEF:.", 1) == host.size() - 1;
  }
  return std::ranges::all_of(host, is_host_character);
}

/// Takes the first segment off a path, which starts with a slash.
std::string_view take_segment(std::string_view* path) {
  const size_t end = std::min(path->find('/', 1), path->size());
  const std::string_view segment = path->substr(1, end - 1);
  path->remove_prefix(end);
  return segment;
}

bool is_path(std::string_view path) {
  if (path.find_first_of("?#") != std::string_view::npos) return false;
  while (!path.empty() && path != kRest) {
    const std::string_view segment = take_segment(&path);
    if (segment != "*" && segment.find('*') != std::string_view::npos) return false;
  }
  return true;
}

bool path_matches(std::string_view pattern, std::string_view path) {
  while (!pattern.empty()) {
    if (pattern == kRest) return true;
    if (path.empty()) return false;
    const std::string_view wanted = take_segment(&pattern);
    const std::string_view segment = take_segment(&path);
    if (wanted == "*" ? segment.empty() : wanted != segment) return false;
  }
  return path.empty();
}

}  // namespace

Result<RouteTable> RouteTable::make(std::span<const std::string> patterns) {
  if (patterns.size() > kMaxRoutes) {
    return Error{
        ErrorCode::kLIMIT,
        "http",
        "there are " + std::to_string(patterns.size()) + " routes; use at most " + std::to_string(kMaxRoutes),
        {}};
  }
  RouteTable table;
  for (const std::string& pattern : patterns) {
    TSR_ASSIGN_OR_RETURN(Route route, parse(pattern));
    table.routes_.push_back(std::move(route));
  }
  return table;
}

std::optional<size_t> RouteTable::find(std::string_view method, std::string_view host,
                                       std::string_view path) const {
  path = path.substr(0, path.find_first_of("?#"));
  if (path.empty()) path = "/";
  for (size_t i = 0; i < routes_.size(); ++i) {
    if (matches(routes_[i], method, host, path)) return i;
  }
  return std::nullopt;
}

Result<RouteTable::Route> RouteTable::parse(std::string_view pattern) {
  if (pattern.size() > kMaxPattern) {
    return malformed(pattern, "is too long; use at most " + std::to_string(kMaxPattern) + " bytes");
  }
  Route route;
  std::string_view rest = pattern;
  const size_t space = rest.find(' ');
  if (space != std::string_view::npos || std::ranges::all_of(rest, is_upper)) {
    route.method = rest.substr(0, space);
    rest = space == std::string_view::npos ? std::string_view() : rest.substr(space + 1);
    if (route.method.empty() || !std::ranges::all_of(route.method, is_upper)) {
      return malformed(pattern, "must start with a method in capitals, a host or a path");
    }
  }
  const size_t slash = std::min(rest.find('/'), rest.size());
  std::string_view host = rest.substr(0, slash);
  if (host.starts_with(kBelow)) {
    route.is_below_host = true;
    host.remove_prefix(kBelow.size());
    if (host.empty()) return malformed(pattern, "must name a domain after \"*.\"");
  }
  route.host = host;
  route.path = rest.substr(slash);
  if (!is_host(route.host)) {
    return malformed(pattern, "must name its host without scheme and port, and \"*.\" only at its start");
  }
  if (!is_path(route.path)) {
    return malformed(pattern, "may use \"*\" for a whole segment and \"**\" at the end, and has no query");
  }
  return route;
}

bool RouteTable::matches(const Route& route, std::string_view method, std::string_view host,
                         std::string_view path) {
  if (!route.method.empty() && route.method != method) return false;
  if (!route.host.empty() &&
      !(route.is_below_host ? is_below(host, route.host) : is_same_host(host, route.host))) {
    return false;
  }
  return route.path.empty() || (path.starts_with('/') && path_matches(route.path, path));
}

}  // namespace tessera::http
