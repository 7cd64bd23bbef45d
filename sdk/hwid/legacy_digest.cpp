#include "hwid/legacy_digest.hpp"

#include <algorithm>

#include "text/hex.hpp"

namespace tessera::hwid {

namespace {

void append_sorted(RawText& text, const std::vector<RawText>& values) {
  std::vector<std::string_view> sorted;
  sorted.reserve(values.size());
  for (const RawText& value : values) sorted.push_back(value.view());
  std::ranges::sort(sorted);
  for (const std::string_view value : sorted) text.append(value);
}

}  // namespace

std::string legacy_digest(const std::vector<RawText>& cpu_names, const std::vector<RawText>& macs) {
  RawText input;
  append_sorted(input, cpu_names);
  append_sorted(input, macs);
  return hex_encode(sha256(as_bytes(input.view())));
}

}  // namespace tessera::hwid
