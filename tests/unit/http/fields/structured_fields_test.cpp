#include "http/fields/structured_fields.hpp"

#include <boost/test/unit_test.hpp>

#include "text/json.hpp"
#include "vectors.hpp"

namespace tessera::http::structured {
namespace {

/// RFC 4648 section 6, as the suite writes bytes.
std::string base32(const Bytes& bytes) {
  std::string text;
  uint64_t pending = 0;
  unsigned bits = 0;
  const auto put = [&text](uint64_t value) { text += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[value & 31]; };
  for (const uint8_t byte : bytes) {
    pending = pending << 8 | byte;
    for (bits += 8; bits >= 5; bits -= 5) put(pending >> (bits - 5));
  }
  if (bits != 0) put(pending << (5 - bits));
  while (text.size() % 8 != 0) text += '=';
  return text;
}

Json typed(const char* type, Json value) { return {{"__type", type}, {"value", std::move(value)}}; }

struct BareToJson {
  Json operator()(int64_t value) const { return value; }
  Json operator()(const Decimal& value) const { return static_cast<double>(value.thousandths) / 1000; }
  Json operator()(const std::string& value) const { return value; }
  Json operator()(const Token& value) const { return typed("token", value.text); }
  Json operator()(const Bytes& value) const { return typed("binary", base32(value)); }
  Json operator()(bool value) const { return value; }
  Json operator()(const Date& value) const { return typed("date", value.seconds); }
  Json operator()(const DisplayString& value) const { return typed("displaystring", value.text); }
};

Json pair_of(Json first, Json second) {
  Json pair = Json::array();
  pair.push_back(std::move(first));
  pair.push_back(std::move(second));
  return pair;
}

Json to_json(const Parameters& parameters) {
  Json all = Json::array();
  for (const auto& [name, value] : parameters) all.push_back(pair_of(name, std::visit(BareToJson(), value)));
  return all;
}

Json to_json(const Item& item) {
  return pair_of(std::visit(BareToJson(), item.value), to_json(item.parameters));
}

Json to_json(const InnerList& list) {
  Json items = Json::array();
  for (const Item& item : list.items) items.push_back(to_json(item));
  return pair_of(std::move(items), to_json(list.parameters));
}

Json to_json(const Member& member) {
  return std::visit([](const auto& value) { return to_json(value); }, member);
}

Json to_json(const List& list) {
  Json members = Json::array();
  for (const Member& member : list) members.push_back(to_json(member));
  return members;
}

Json to_json(const Dictionary& dictionary) {
  Json members = Json::array();
  for (const auto& [name, member] : dictionary) members.push_back(pair_of(name, to_json(member)));
  return members;
}

template <class Value>
Result<Json> as_json(Result<Value> parsed) {
  if (!parsed) return std::move(parsed).error();
  return to_json(*parsed);
}

Result<Json> parse_as(const std::string& type, std::string_view field) {
  if (type == "item") return as_json(parse_item(field));
  if (type == "list") return as_json(parse_list(field));
  BOOST_REQUIRE(type == "dictionary");
  return as_json(parse_dictionary(field));
}

std::string joined(const Json& lines) {
  std::string field;
  for (const Json& line : lines) {
    if (&line != &lines.front()) field += ", ";
    field += line.get<std::string>();
  }
  return field;
}

template <class Value>
ErrorCode code_of(const Result<Value>& result) {
  return result.ok() ? ErrorCode::kOk : result.error().code;
}

std::string repeated(std::string_view text, size_t count) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

/// "a0<mark>a1<mark>..."
std::string keys(size_t count, std::string_view mark) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += (i == 0 ? "a" : std::string(mark) + "a") + std::to_string(i);
  return all;
}

BOOST_AUTO_TEST_SUITE(structured_fields)

BOOST_AUTO_TEST_CASE(the_suite_of_the_working_group, *test::needs_data("structured-fields")) {
  size_t files = 0, refused = 0, parsed = 0;
  for (const auto& entry : std::filesystem::directory_iterator(test::data_dir() / "structured-fields")) {
    if (entry.path().extension() != ".json") continue;
    ++files;
    const Json tests = test::load_vectors("structured-fields/" + entry.path().filename().string());
    for (const Json& vector : tests) {
      const std::string field = joined(vector.at("raw"));
      BOOST_TEST_CONTEXT(entry.path().filename() << ": " << vector.at("name") << " " << vector.at("raw")) {
        const auto value = parse_as(vector.at("header_type"), field);
        if (vector.value("must_fail", false)) {
          BOOST_TEST((code_of(value) == ErrorCode::kARG));
          ++refused;
        } else {
          // Also where failing is allowed: nothing that can be read is refused here.
          BOOST_REQUIRE(value.ok());
          BOOST_TEST(*value == vector.at("expected"));
          ++parsed;
        }
      }
    }
  }
  BOOST_TEST(files >= 18U);
  BOOST_TEST(refused >= 860U);
  BOOST_TEST(parsed >= 710U);
}

BOOST_AUTO_TEST_CASE(each_type_is_told_from_the_others) {
  const auto value = [](std::string_view field) { return parse_item(field).value().value; };
  BOOST_CHECK(value("-42") == BareItem(int64_t{-42}));
  BOOST_CHECK(value("-0.5") == BareItem(Decimal{-500}));
  BOOST_CHECK(value("999999999999.999") == BareItem(Decimal{999'999'999'999'999}));
  BOOST_CHECK(value("\"a\\\"b\"") == BareItem(std::string("a\"b")));
  BOOST_CHECK(value("*a/b:c") == BareItem(Token{"*a/b:c"}));
  BOOST_CHECK(value(":AAEC:") == BareItem(Bytes{0, 1, 2}));
  BOOST_CHECK(value("?1") == BareItem(true));
  BOOST_CHECK(value("@1659578233") == BareItem(Date{1'659'578'233}));
  BOOST_CHECK(value("%\"f%c3%bc\"") == BareItem(DisplayString{"f\xC3\xBC"}));
}

BOOST_AUTO_TEST_CASE(base64_without_its_last_digits_is_malformed) {
  for (const char* field : {":a:", ":aGVsb:", ":aGVsbG8==:", ":aGVsbA=:", ":====:"}) {
    BOOST_TEST_CONTEXT(field) BOOST_TEST((code_of(parse_item(field)) == ErrorCode::kARG));
  }
}

BOOST_AUTO_TEST_CASE(members_and_parameters_are_found_by_name) {
  const auto dictionary = parse_dictionary("a=1;x=2;x=3, b, a=(1 2);y").value();
  BOOST_TEST(dictionary.size() == 2U);
  BOOST_TEST(dictionary.find("c") == nullptr);
  const auto& replaced = std::get<InnerList>(*dictionary.find("a"));
  BOOST_TEST(replaced.items.size() == 2U);
  BOOST_CHECK(*replaced.parameters.find("y") == BareItem(true));
  BOOST_TEST(replaced.parameters.find("x") == nullptr);
  BOOST_TEST(dictionary.begin()->first == "a");
}

BOOST_AUTO_TEST_CASE(errors_name_the_place_and_not_the_value) {
  const Error error = parse_list("a, secret=1").error();
  BOOST_TEST(error.domain == "http");
  BOOST_TEST(error.text == "a structured field is malformed at byte 9");
}

BOOST_AUTO_TEST_CASE(limits_hold_at_their_edge) {
  BOOST_TEST((code_of(parse_list(keys(kMostMembers, ","))) == ErrorCode::kOk));
  BOOST_TEST((code_of(parse_list(keys(kMostMembers + 1, ","))) == ErrorCode::kLIMIT));
  BOOST_TEST((code_of(parse_dictionary(keys(kMostMembers, ","))) == ErrorCode::kOk));
  BOOST_TEST((code_of(parse_dictionary(keys(kMostMembers + 1, ","))) == ErrorCode::kLIMIT));
  BOOST_TEST((code_of(parse_list("(" + keys(kMostInner, " ") + ")")) == ErrorCode::kOk));
  BOOST_TEST((code_of(parse_list("(" + keys(kMostInner + 1, " ") + ")")) == ErrorCode::kLIMIT));
  BOOST_TEST((code_of(parse_item("1;" + keys(kMostParameters, ";"))) == ErrorCode::kOk));
  BOOST_TEST((code_of(parse_item("1;" + keys(kMostParameters + 1, ";"))) == ErrorCode::kLIMIT));
  BOOST_TEST((code_of(parse_item('"' + repeated("x", kLongestField - 2) + '"')) == ErrorCode::kOk));
  BOOST_TEST((code_of(parse_item('"' + repeated("x", kLongestField - 1) + '"')) == ErrorCode::kLIMIT));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::http::structured
