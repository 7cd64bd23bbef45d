#include "http/fields/rate_limit.hpp"

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "http/fields/retry_after.hpp"
#include "http/fields/structured_fields.hpp"

namespace tessera::http {
namespace {

using structured::BareItem;
using structured::Item;

/// A number from 0, with three places after its point: X-RateLimit fields hold "598.0" here and there.
std::optional<int64_t> thousandths(const BareItem* item) {
  if (item == nullptr) return std::nullopt;
  if (const auto* const whole = std::get_if<int64_t>(item); whole != nullptr && *whole >= 0) {
    return *whole * 1000;
  }
  if (const auto* const decimal = std::get_if<structured::Decimal>(item);
      decimal != nullptr && decimal->thousandths >= 0) {
    return decimal->thousandths;
  }
  return std::nullopt;
}

std::optional<int64_t> whole(const BareItem* item) {
  const auto value = thousandths(item);
  if (!value) return std::nullopt;
  return *value / 1000;
}

std::optional<int64_t> capped(std::optional<int64_t> wait_ms) {
  if (!wait_ms) return std::nullopt;
  return std::min(*wait_ms, kLongestWaitMs);
}

bool is_stricter(const RateLimit& a, const RateLimit& b) {
  if (a.remaining != b.remaining) return a.remaining < b.remaining;
  return a.reset_after_ms.value_or(0) > b.reset_after_ms.value_or(0);
}

/// The parameters of the policy with that name, or null.
const structured::Parameters* policy_named(const structured::List& policies, const BareItem& name) {
  for (const structured::Member& member : policies) {
    const auto* const policy = std::get_if<Item>(&member);
    if (policy != nullptr && policy->value == name) return &policy->parameters;
  }
  return nullptr;
}

bool counts_requests(const structured::Parameters& policy) {
  const BareItem* const unit = policy.find("qu");
  return unit == nullptr || *unit == BareItem(std::string("requests"));
}

std::optional<RateLimit> read_named(const Headers& headers, const std::string& field) {
  const auto limits = structured::parse_list(field);
  if (!limits) return std::nullopt;
  const auto policies = structured::parse_list(headers.joined("RateLimit-Policy"));
  std::optional<RateLimit> strictest;
  for (const structured::Member& member : *limits) {
    const auto* const item = std::get_if<Item>(&member);
    const auto remaining = item == nullptr ? std::nullopt : whole(item->parameters.find("r"));
    if (!remaining) continue;
    RateLimit limit{*remaining, thousandths(item->parameters.find("t")), std::nullopt};
    const auto* const policy = policies ? policy_named(*policies, item->value) : nullptr;
    if (policy != nullptr) {
      // Bytes or connections don't compare with requests; only that there are none left does.
      if (!counts_requests(*policy) && limit.remaining > 0) continue;
      limit.limit = whole(policy->find("q"));
      if (!limit.reset_after_ms) limit.reset_after_ms = thousandths(policy->find("w"));
    }
    limit.reset_after_ms = capped(limit.reset_after_ms);
    if (!strictest || is_stricter(limit, *strictest)) strictest = limit;
  }
  return strictest;
}

std::optional<RateLimit> read_combined(const std::string& field) {
  const auto members = structured::parse_dictionary(field);
  if (!members) return std::nullopt;
  const auto value = [&](std::string_view name) -> const BareItem* {
    const structured::Member* const member = members->find(name);
    const auto* const item = member == nullptr ? nullptr : std::get_if<Item>(member);
    return item == nullptr ? nullptr : &item->value;
  };
  const auto remaining = whole(value("remaining"));
  if (!remaining) return std::nullopt;
  return RateLimit{*remaining, capped(thousandths(value("reset"))), whole(value("limit"))};
}

/// The numbers of a field, in thousandths; none when it is malformed.
std::vector<int64_t> numbers(const Headers& headers, const std::string& name) {
  const auto list = structured::parse_list(headers.joined(name));
  if (!list) return {};
  std::vector<int64_t> values;
  for (const structured::Member& member : *list) {
    const auto* const item = std::get_if<Item>(&member);
    const auto value = item == nullptr ? std::nullopt : thousandths(&item->value);
    if (!value) return {};
    values.push_back(*value);
  }
  return values;
}

/// Some servers give the span until the reset, some its time in seconds, and a few its time in milliseconds:
/// 10^9 seconds are 31 years or the year 2001, 10^11 are the year 5138 or, as milliseconds, 1973.
int64_t wait_until_reset(int64_t reset_thousandths, int64_t now_ms) {
  constexpr int64_t kLeastTime = 1'000'000'000, kLeastMilliseconds = 100'000'000'000;
  const int64_t reset = reset_thousandths / 1000;
  if (reset < kLeastTime) return reset_thousandths;
  return (reset < kLeastMilliseconds ? reset_thousandths : reset) - now_ms;
}

std::optional<RateLimit> read_separate(const Headers& headers, const std::string& prefix, int64_t now_ms) {
  // Several are those of a proxy and of the server behind it.
  const auto remaining = numbers(headers, prefix + "Remaining");
  if (remaining.empty()) return std::nullopt;
  RateLimit limit{*std::ranges::min_element(remaining) / 1000, std::nullopt, std::nullopt};
  for (const int64_t reset : numbers(headers, prefix + "Reset")) {
    const int64_t wait_ms = wait_until_reset(reset, now_ms);  // negative when it is past
    limit.reset_after_ms = capped(std::max(wait_ms, limit.reset_after_ms.value_or(0)));
  }
  // The first is the limit that holds now, those after it are the policies of draft -03.
  if (const auto limits = numbers(headers, prefix + "Limit"); !limits.empty()) {
    limit.limit = limits.front() / 1000;
  }
  return limit;
}

}  // namespace

std::optional<RateLimit> read_rate_limit(const Headers& headers, int64_t now_ms) {
  const std::string field = headers.joined("RateLimit");
  if (const auto limit = read_named(headers, field)) return limit;
  if (const auto limit = read_combined(field)) return limit;
  if (const auto limit = read_separate(headers, "RateLimit-", now_ms)) return limit;
  return read_separate(headers, "X-RateLimit-", now_ms);
}

}  // namespace tessera::http
