// What the cache decides about exchanges that come as JSON lines: a request and its response with their
// times, a later request for the same URL, and what a server answers that one. One line of decisions for
// each.
#include <iostream>
#include <stdexcept>
#include <string>

#include "http/cache/freshness.hpp"
#include "http/cache/key.hpp"
#include "http/cache/rules.hpp"
#include "http/cache/update.hpp"
#include "text/json.hpp"
#include "text/utf8.hpp"

namespace {

using namespace tessera;
using namespace tessera::http;

constexpr std::string_view kReuse[] = {"miss", "fresh", "stale", "refresh", "validate", "not cached"};

Headers headers_of(const Json& message) {
  Headers headers;
  for (const Json& field : message.at("headers"))
    headers.add(field.at(0).get<std::string>(), field.at(1).get<std::string>());
  return headers;
}

Json json_of(const Headers& headers) {
  Json fields = Json::object();
  for (size_t i = 0; i < headers.size(); ++i)
    fields[to_lower_ascii(headers[i].name)] = headers.joined(headers[i].name);
  return fields;
}

/// Whether the stored response lies where the later request looks for it.
bool is_found(const CacheRequest& request, const CacheRequest& later, const Headers& response) {
  const auto names = vary_names(response);
  const std::string primary = primary_key(request, false);
  if (!names || primary != primary_key(later, false)) return false;
  const Variants variants{{}, *names};
  return variant_key(primary, variants, request.headers) == variant_key(primary, variants, later.headers);
}

Json decisions(const Json& input) {
  const Json& first = input.at("request");
  const Json& second = input.at("later");
  const Json& reply = input.at("reply");
  const std::string method = first.at("method"), url = first.at("url");
  const std::string later_method = second.at("method"), later_url = second.at("url");
  const Headers request_headers = headers_of(first), later_headers = headers_of(second);
  const CacheRequest request{method, url, request_headers};
  const CacheRequest later{later_method, later_url, later_headers};
  const CacheConfig config{.heuristic_percent = input.at("heuristic_percent"), .keeps_cookies = true};
  const int64_t now_ms = input.at("now_ms");
  const int status = reply.at("status");

  const Json& response = input.at("response");
  const Entry entry{.is_head = method == "HEAD",
                    .status = response.at("status"),
                    .headers = headers_of(response),
                    .body = {},
                    .request_ms = input.at("request_ms"),
                    .response_ms = input.at("response_ms")};
  const auto age = age_ms(entry, now_ms);
  const bool found = is_found(request, later, entry.headers);
  const CacheDecision decision = decide(found ? &entry : nullptr, later, config, now_ms);
  const auto updated = confirmed(entry, headers_of(reply), {now_ms, now_ms}, config);
  return {{"may_store", may_store(request, entry.status, entry.headers)},
          {"lifetime_ms", lifetime_ms(entry, config)},
          {"age_ms", age ? Json(*age) : Json()},
          {"reuse", kReuse[static_cast<size_t>(decision.reuse)]},
          {"conditions", json_of(decision.conditions)},
          {"covers_error", decision.covers_errors && is_covered_error({.status = status})},
          {"confirmed", updated ? json_of(updated->headers) : Json()}};
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const auto input = parse_json(line);
    if (!input) throw std::invalid_argument(input.error().text);
    std::cout << dump_json(decisions(*input)) << '\n';
  }
  return std::cout.flush() ? 0 : 1;
}
