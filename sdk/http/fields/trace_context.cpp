#include "http/fields/trace_context.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "http/fields/cursor.hpp"
#include "text/hex.hpp"
#include "text/utf8.hpp"

namespace tessera::http {
namespace {

constexpr size_t kMostStates = 32;
constexpr size_t kLongestStateKey = 256;
constexpr size_t kLongestTenant = 241, kLongestSystem = 14;  // the two halves of tenant@system
constexpr size_t kLongestStateValue = 256;

bool is_zero(ByteView id) {
  return std::ranges::all_of(id, [](uint8_t byte) { return byte == 0; });
}

/// Takes 2 * out.size() lower-case digits.
bool take_hex(Cursor* in, std::span<uint8_t> out) {
  const std::string_view digits = in->take_some(2 * out.size());
  const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); };
  if (digits.size() != 2 * out.size() || !std::ranges::all_of(digits, is_hex)) return false;
  const auto bytes = hex_decode(digits);
  std::ranges::copy(*bytes, out.begin());
  return true;
}

void fill_id(Random* random, std::span<uint8_t> id) {
  random->fill(id);
  if (is_zero(id)) id.back() = 1;
}

bool is_state_key(std::string_view key) {
  const auto is_char = [](char c) { return is_lower(c) || is_digit(c) || is_one_of(c, "_-*/"); };
  const size_t at = key.find('@');
  if (at == std::string_view::npos) {
    return !key.empty() && key.size() <= kLongestStateKey && is_lower(key.front()) &&
           std::ranges::all_of(key, is_char);
  }
  const std::string_view tenant = key.substr(0, at), system = key.substr(at + 1);
  return !tenant.empty() && tenant.size() <= kLongestTenant && !system.empty() &&
         system.size() <= kLongestSystem && (is_lower(tenant.front()) || is_digit(tenant.front())) &&
         is_lower(system.front()) && std::ranges::all_of(tenant, is_char) &&
         std::ranges::all_of(system, is_char);
}

/// Of a member without the space around it.
bool is_state_value(std::string_view value) {
  return !value.empty() && value.size() <= kLongestStateValue &&
         std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~' && c != ',' && c != '='; });
}

}  // namespace

std::optional<TraceParent> parse_traceparent(std::string_view value) {
  Cursor in(value);
  std::array<uint8_t, 1> version{}, flags{};
  TraceParent parent;
  const bool is_read = take_hex(&in, version) && in.take('-') && take_hex(&in, parent.trace_id) &&
                       in.take('-') && take_hex(&in, parent.parent_id) && in.take('-') &&
                       take_hex(&in, flags);
  if (!is_read || version[0] == 0xFF || is_zero(parent.trace_id) || is_zero(parent.parent_id)) {
    return std::nullopt;
  }
  if (!in.at_end() && (version[0] == 0 || !in.next_is('-'))) return std::nullopt;
  parent.flags = flags[0] & TraceParent::kSampled;
  return parent;
}

std::string format_traceparent(const TraceParent& parent) {
  return "00-" + hex_encode(parent.trace_id) + '-' + hex_encode(parent.parent_id) + '-' +
         hex_encode({&parent.flags, 1});
}

TraceParent new_trace(Random& random, bool is_sampled) {
  TraceParent parent;
  fill_id(&random, parent.trace_id);
  fill_id(&random, parent.parent_id);
  parent.flags = is_sampled ? TraceParent::kSampled : 0;
  return parent;
}

TraceParent child_span(const TraceParent& parent, Random& random) {
  TraceParent child = parent;
  fill_id(&random, child.parent_id);
  return child;
}

bool is_tracestate(std::string_view value) {
  std::vector<std::string_view> keys;
  Cursor in(value);
  do {
    in.skip_space();
    std::string_view member = in.take_while([](char c) { return c != ','; });
    while (member.ends_with(' ') || member.ends_with('\t')) member.remove_suffix(1);
    if (member.empty()) continue;
    const size_t equals = member.find('=');
    if (equals == std::string_view::npos || keys.size() == kMostStates) return false;
    const std::string_view key = member.substr(0, equals);
    if (!is_state_key(key) || !is_state_value(member.substr(equals + 1))) return false;
    if (std::ranges::find(keys, key) != keys.end()) return false;
    keys.push_back(key);
  } while (in.take(','));
  return true;
}

}  // namespace tessera::http
