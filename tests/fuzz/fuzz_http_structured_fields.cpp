// Structured field values, each input read as an item, a list and a dictionary.
#include <algorithm>
#include <set>

#include "http/fields/structured_fields.hpp"
#include "text/utf8.hpp"

namespace {

using namespace tessera;
using namespace tessera::http::structured;

void check(bool holds) {
  if (!holds) __builtin_trap();
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

struct CheckBare {
  static constexpr int64_t kMost = 999'999'999'999'999;
  void operator()(int64_t value) const { check(value >= -kMost && value <= kMost); }
  void operator()(const Decimal& value) const { (*this)(value.thousandths); }
  void operator()(const std::string& value) const { check(is_printable(value)); }
  void operator()(const Token& value) const { check(!value.text.empty() && is_printable(value.text)); }
  void operator()(const Bytes&) const {}
  void operator()(bool) const {}
  void operator()(const Date& value) const { (*this)(value.seconds); }
  void operator()(const DisplayString& value) const { check(is_utf8(value.text)); }
};

void check_parameters(const Parameters& parameters) {
  check(parameters.size() <= kMostParameters);
  std::set<std::string> names;
  for (const auto& [name, value] : parameters) {
    check(names.insert(name).second && *parameters.find(name) == value);
    std::visit(CheckBare(), value);
  }
}

void check_item(const Item& item) {
  std::visit(CheckBare(), item.value);
  check_parameters(item.parameters);
}

void check_member(const Member& member) {
  if (const auto* const item = std::get_if<Item>(&member)) return check_item(*item);
  const auto& list = std::get<InnerList>(member);
  check(list.items.size() <= kMostInner);
  std::ranges::for_each(list.items, check_item);
  check_parameters(list.parameters);
}

template <class Value>
bool is_ok(const Result<Value>& result) {
  check(result.ok() || result.error().code == ErrorCode::kARG || result.error().code == ErrorCode::kLIMIT);
  return result.ok();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view field = as_text({data, size});
  const auto item = parse_item(field);
  const auto list = parse_list(field);
  const auto dictionary = parse_dictionary(field);
  if (is_ok(item)) {
    check_item(*item);
    check(list.ok() && *list == List{*item});
  }
  if (is_ok(list)) {
    check(list->size() <= kMostMembers);
    std::ranges::for_each(*list, check_member);
  }
  if (is_ok(dictionary)) {
    check(dictionary->size() <= kMostMembers);
    std::set<std::string> names;
    for (const auto& [name, member] : *dictionary) {
      check(names.insert(name).second && *dictionary->find(name) == member);
      check_member(member);
    }
  }
  // A member of a list is the same as the value of a dictionary.
  if (list.ok() && list->size() == 1 && !field.starts_with(' ') && field.size() + 2 <= kLongestField) {
    const auto named = parse_dictionary("k=" + std::string(field));
    check(named.ok() && *named->find("k") == list->front());
  }
  return 0;
}
