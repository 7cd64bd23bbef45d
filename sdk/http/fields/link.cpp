#include "http/fields/link.hpp"

#include <algorithm>

#include "http/fields/cursor.hpp"
#include "http/fields/headers.hpp"
#include "text/utf8.hpp"

namespace tessera::http {
namespace {

std::vector<std::string> split_rels(std::string_view value) {
  std::vector<std::string> rels;
  Cursor in(value);
  for (in.skip_space(); !in.at_end(); in.skip_space()) {
    rels.push_back(to_lower_ascii(in.take_while([](char c) { return c != ' ' && c != '\t'; })));
  }
  return rels;
}

void read_params(Cursor* in, Link* link) {
  bool has_rel = false;
  for (in->skip_space(); in->take(';'); in->skip_space()) {
    Parameter param = split_parameter(in->take_until(";,"));
    if (param.name.empty()) continue;
    std::string name = to_lower_ascii(param.name);
    std::string value = std::move(param.value).value_or("");
    if (name != "rel") {
      if (link->params.size() < kMostLinkParams) link->params.push_back({std::move(name), std::move(value)});
    } else if (!has_rel) {  // RFC 8288 section 3.3: only the first counts
      has_rel = true;
      link->rels = split_rels(value);
    }
  }
}

}  // namespace

std::vector<Link> parse_links(std::string_view field) {
  std::vector<Link> links;
  Cursor in(field);
  while (links.size() < kMostLinks) {
    in.take_while([](char c) { return is_one_of(c, " \t,"); });
    if (!in.take('<')) break;
    Link link;
    link.target = in.take_while([](char c) { return c != '>'; });
    if (!in.take('>')) break;
    read_params(&in, &link);
    if (!in.at_end() && !in.next_is(',')) break;
    if (!link.rels.empty()) links.push_back(std::move(link));
  }
  return links;
}

const Link* find_link(const std::vector<Link>& links, std::string_view rel) {
  const auto found = std::ranges::find_if(links, [rel](const Link& link) {
    const bool has_rel = std::ranges::any_of(link.rels, [rel](const auto& r) { return same_name(r, rel); });
    return has_rel && std::ranges::find(link.params, "anchor", &Link::Param::name) == link.params.end();
  });
  return found == links.end() ? nullptr : &*found;
}

}  // namespace tessera::http
