// Settings: typed values, order, transactions.
#include "store/settings.hpp"

#include <cmath>
#include <future>
#include <limits>

#include "feature_fixture.hpp"

namespace tessera::store {
namespace {

using namespace feature_test;

struct SettingsWorld : World {
  SettingsWorld() : settings(require(Settings::open(*database))) {}
  void reopen_all() {
    settings.reset();
    reopen();
    settings = require(Settings::open(*database));
  }
  void put(std::string_view key, const Value& value) { require(settings->put(key, value, {})); }
  std::optional<Value> get(std::string_view key) {
    last = require(settings->get(key, {}));
    if (last.size() == 0) return std::nullopt;
    return last.row(0)[0];
  }
  std::string listed(std::string_view prefix) {
    const RowSet rows = require(settings->list(prefix, {}));
    std::string text;
    for (size_t i = 0; i < rows.size(); ++i)
      text += (i == 0 ? "" : " ") + shown(rows.row(i)[0]) + "=" + shown(rows.row(i)[1]);
    return text;
  }
  std::unique_ptr<Settings> settings;
  RowSet last;
};

Value as(ValueType type, std::string_view text) {
  Value value = Value::of(text);
  value.type = type;
  return value;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(settings)

BOOST_AUTO_TEST_CASE(every_type_comes_back_as_it_was_put) {
  SettingsWorld world;
  const std::string nul("a\0b", 3);
  const Bytes bytes{0, 1, 255};
  world.put("null", {});
  world.put("integer", Value::of(std::numeric_limits<int64_t>::min()));
  world.put("real", Value::of(0.1));
  world.put("text", Value::of(std::string_view(nul)));
  world.put("empty", Value::of(std::string_view("")));
  world.put("bytes", Value::of(ByteView(bytes)));
  world.put("no bytes", Value::of(ByteView()));
  world.put("yes", {.type = ValueType::kBool, .integer = 5});
  world.put("json", as(ValueType::kJson, R"({"a":[1,"x"]})"));
  for (int round = 0; round < 2; ++round) {
    BOOST_TEST(world.get("null")->is_null());
    BOOST_TEST(world.get("integer")->integer == std::numeric_limits<int64_t>::min());
    BOOST_TEST((world.get("real")->type == ValueType::kReal && world.get("real")->real == 0.1));
    BOOST_TEST((world.get("text")->type == ValueType::kText && world.get("text")->text() == nul));
    BOOST_TEST((world.get("empty")->type == ValueType::kText && world.get("empty")->size == 0));
    const Value blob = world.get("bytes").value();
    BOOST_TEST((blob.type == ValueType::kBlob && Bytes(blob.bytes().begin(), blob.bytes().end()) == bytes));
    BOOST_TEST((world.get("no bytes")->type == ValueType::kBlob && world.get("no bytes")->size == 0));
    BOOST_TEST((world.get("yes")->type == ValueType::kBool && world.get("yes")->integer == 1));
    BOOST_TEST(
        (world.get("json")->type == ValueType::kJson && world.get("json")->text() == R"({"a":[1,"x"]})"));
    world.reopen_all();
  }
}

BOOST_AUTO_TEST_CASE(a_put_replaces_value_and_type) {
  SettingsWorld world;
  world.put("k", {.type = ValueType::kBool, .integer = 1});
  world.put("k", Value::of(std::string_view("text")));
  BOOST_TEST((world.get("k")->type == ValueType::kText));
  require(world.settings->remove("k", {}));
  BOOST_TEST(!world.get("k").has_value());
  BOOST_TEST(error_of(world.settings->remove("k", {})) == ErrorCode::kNOT_FOUND);
}

BOOST_AUTO_TEST_CASE(bad_keys_and_values_are_refused) {
  SettingsWorld world;
  const Value one = Value::of(int64_t{1});
  const auto put = [&](std::string_view key, const Value& value) {
    return error_of(world.settings->put(key, value, {}));
  };
  BOOST_TEST(put("", one) == ErrorCode::kARG);
  BOOST_TEST(put(std::string(1024, 'k'), one) == ErrorCode::kOk);
  BOOST_TEST(put(std::string(1025, 'k'), one) == ErrorCode::kARG);
  BOOST_TEST(put("\xFF", one) == ErrorCode::kARG);
  BOOST_TEST(put("k", as(ValueType::kText, "\xC3")) == ErrorCode::kARG);
  for (const std::string_view json : {"", "{", "{'a':1}", "[1,]", "nul", "1 2", "\xFF"})
    BOOST_CHECK_MESSAGE(put("k", as(ValueType::kJson, json)) == ErrorCode::kARG, json);
  BOOST_TEST(put("k", as(ValueType::kJson, std::string(65, '[') + std::string(65, ']'))) == ErrorCode::kARG);
  BOOST_TEST(put("k", Value::of(std::nan(""))) == ErrorCode::kARG);
  BOOST_TEST(put("k", {.type = static_cast<ValueType>(99)}) == ErrorCode::kARG);
  BOOST_TEST(error_of(world.settings->get("", {})) == ErrorCode::kARG);
  BOOST_TEST(error_of(world.settings->list("\xFF", {})) == ErrorCode::kARG);
}

BOOST_AUTO_TEST_CASE(a_list_has_the_prefix_only_in_the_order_of_keys) {
  SettingsWorld world;
  int64_t number = 0;
  for (const std::string_view key : {"b", "a.2", "a", "a.1", "a/", "\xF4\x8F\xBF\xBF", "a.\xC3\xA9", "A.1"})
    world.put(key, Value::of(++number));
  BOOST_TEST(world.listed("a.") == "a.1=4 a.2=2 a.\xC3\xA9=7");
  BOOST_TEST(world.listed("") == "A.1=8 a=3 a.1=4 a.2=2 a.\xC3\xA9=7 a/=5 b=1 \xF4\x8F\xBF\xBF=6");
  BOOST_TEST(world.listed("\xF4\x8F\xBF\xBF") == "\xF4\x8F\xBF\xBF=6");
  BOOST_TEST(world.listed("%").empty());
}

BOOST_AUTO_TEST_CASE(writes_within_a_transaction_share_its_end) {
  SettingsWorld world;
  {
    auto transaction = require(world.database->begin({}));
    require(world.settings->put_within(*transaction, "k", Value::of(int64_t{1})));
    BOOST_TEST(!world.get("k").has_value());
  }
  BOOST_TEST(!world.get("k").has_value());
  auto transaction = require(world.database->begin({}));
  require(world.settings->put_within(*transaction, "k", Value::of(int64_t{2})));
  require(world.settings->put_within(*transaction, "gone", Value::of(int64_t{2})));
  require(world.settings->remove_within(*transaction, "gone"));
  BOOST_TEST(error_of(world.settings->remove_within(*transaction, "gone")) == ErrorCode::kNOT_FOUND);
  require(transaction->commit());
  BOOST_TEST(world.get("k")->integer == 2);
  BOOST_TEST(!world.get("gone").has_value());
}

BOOST_AUTO_TEST_CASE(an_async_put_copies_its_value) {
  SettingsWorld world;
  std::promise<bool> done;
  {
    std::string key = "key", text = "a text that is longer than any small string";
    require(world.settings->put_async(key, Value::of(std::string_view(text)), {},
                                      [&done](const Status& status) { done.set_value(status.ok()); }));
    key.assign(3, 'x');
    text.assign(text.size(), 'x');
  }
  BOOST_TEST(done.get_future().get());
  BOOST_TEST(world.get("key")->text() == "a text that is longer than any small string");
  BOOST_TEST(error_of(world.settings->put_async("", {}, {}, [](const Status&) {})) == ErrorCode::kARG);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::store
