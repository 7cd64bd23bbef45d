#include "http/cache/key.hpp"

#include <algorithm>
#include <vector>

#include "base/big_endian.hpp"
#include "crypto/crypto.hpp"
#include "http/fields/cursor.hpp"
#include "text/hex.hpp"
#include "text/utf8.hpp"

namespace tessera::http {
namespace {

constexpr std::string_view kResponseDomain = "tessera/http/response";
constexpr std::string_view kVariantDomain = "tessera/http/variant";
constexpr std::string_view kCredentials[] = {"authorization", "cookie"};
// Whose white space around commas means nothing.
constexpr std::string_view kLists[] = {"accept", "accept-charset", "accept-encoding", "accept-language"};

/// Calls `visit` for each element of a list field, without the white space around it; empty ones are none.
template <class Visit>
void each_element(std::string_view list, Visit visit) {
  Cursor in(list);
  while (!in.at_end()) {
    const std::string_view element = trim_ascii(in.take_until(","));
    in.take(',');
    if (!element.empty()) visit(element);
  }
}

void put_text(std::string_view text, Bytes* out) {
  put_big_endian(text.size(), 8, out);
  out->insert(out->end(), text.begin(), text.end());
}

/// A field that is absent differs from an empty one.
void put_field(const Headers& headers, std::string_view name, Bytes* out) {
  put_text(name, out);
  out->push_back(headers.has(name) ? 1 : 0);
  const std::string value = headers.joined(name);
  if (std::ranges::find(kLists, name) == std::end(kLists)) {
    put_text(trim_ascii(value), out);
    return;
  }
  std::string plain;
  each_element(value, [&](std::string_view element) { plain.append(element).push_back(','); });
  put_text(plain, out);
}

std::string hashed(const Bytes& parts) { return hex_encode(blake2b_256({}, {parts})); }

}  // namespace

std::optional<std::string> vary_names(const Headers& response) {
  const std::string all = to_lower_ascii(response.joined("vary"));
  std::vector<std::string_view> names;
  bool is_selectable = true;
  each_element(all, [&](std::string_view name) {
    is_selectable = is_selectable && is_token(name) && name != "*";
    names.push_back(name);
  });
  if (!is_selectable) return std::nullopt;
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  std::string joined;
  for (const std::string_view name : names) {
    if (!joined.empty()) joined += ',';
    joined += name;
  }
  if (joined.size() > kMostVaryBytes) return std::nullopt;
  return joined;
}

std::string primary_key(const CacheRequest& request, bool is_head) {
  Bytes parts;
  put_text(kResponseDomain, &parts);
  parts.push_back(is_head ? 1 : 0);
  put_text(request.partition, &parts);
  put_text(request.url, &parts);
  for (const std::string_view name : kCredentials) put_field(request.headers, name, &parts);
  return hashed(parts);
}

std::string variant_key(std::string_view primary, const Variants& variants, const Headers& request) {
  Bytes parts;
  put_text(kVariantDomain, &parts);
  put_text(primary, &parts);
  parts.insert(parts.end(), variants.salt.begin(), variants.salt.end());
  each_element(variants.names, [&](std::string_view name) { put_field(request, name, &parts); });
  return hashed(parts);
}

}  // namespace tessera::http
