// The Link field (RFC 8288).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tessera::http {

struct Link {
  std::string target;             // a URI reference, as it came
  std::vector<std::string> rels;  // in lower case, at least one
  struct Param {
    std::string name;  // in lower case
    std::string value;
  };
  std::vector<Param> params;  // without rel
};

constexpr size_t kMostLinks = 256;
constexpr size_t kMostLinkParams = 32;

/// The links up to the first place that is malformed, or past kMostLinks; one without a relation is none, and
/// parameters past kMostLinkParams are left out.
std::vector<Link> parse_links(std::string_view field);

/// The first with that relation whose context is this response: one with an anchor speaks of another
/// resource.
const Link* find_link(const std::vector<Link>& links, std::string_view rel);

}  // namespace tessera::http
