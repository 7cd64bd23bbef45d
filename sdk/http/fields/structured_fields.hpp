// Structured field values (RFC 9651): items, lists and dictionaries as a peer sent them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tessera::http::structured {

/// Exact: a decimal has three places after its point.
struct Decimal {
  int64_t thousandths = 0;
  bool operator==(const Decimal&) const = default;
};
struct Token {
  std::string text;
  bool operator==(const Token&) const = default;
};
struct Date {
  int64_t seconds = 0;  // since the Unix epoch
  bool operator==(const Date&) const = default;
};
struct DisplayString {
  std::string text;  // UTF-8
  bool operator==(const DisplayString&) const = default;
};

using BareItem = std::variant<int64_t, Decimal, std::string, Token, Bytes, bool, Date, DisplayString>;

/// In the order of their first arrival; a key that comes again replaces the value.
template <class Value>
class Keyed {
 public:
  using Entry = std::pair<std::string, Value>;

  void set(std::string_view key, Value value) {
    const auto known = std::ranges::find(entries_, key, &Entry::first);
    if (known != entries_.end()) {
      known->second = std::move(value);
    } else {
      entries_.emplace_back(key, std::move(value));
    }
  }
  const Value* find(std::string_view key) const {
    const auto known = std::ranges::find(entries_, key, &Entry::first);
    return known == entries_.end() ? nullptr : &known->second;
  }
  size_t size() const { return entries_.size(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  bool operator==(const Keyed&) const = default;

 private:
  std::vector<Entry> entries_;
};

using Parameters = Keyed<BareItem>;

struct Item {
  BareItem value;
  Parameters parameters;
  bool operator==(const Item&) const = default;
};
struct InnerList {
  std::vector<Item> items;
  Parameters parameters;
  bool operator==(const InnerList&) const = default;
};
using Member = std::variant<Item, InnerList>;
using List = std::vector<Member>;
using Dictionary = Keyed<Member>;

/// What RFC 9651 asks of every parser; more is LIMIT.
constexpr size_t kMostMembers = 1024;    // of a list or dictionary
constexpr size_t kMostInner = 256;       // items of an inner list
constexpr size_t kMostParameters = 256;  // of one item or inner list
constexpr size_t kLongestField = size_t{64} << 10;

/// All fields of one name, joined by ", ". An error is ARG or LIMIT and holds nothing of the value.
Result<Item> parse_item(std::string_view field);
Result<List> parse_list(std::string_view field);
Result<Dictionary> parse_dictionary(std::string_view field);

}  // namespace tessera::http::structured
