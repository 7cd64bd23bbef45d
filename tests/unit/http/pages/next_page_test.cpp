#include "http/pages/next_page.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::http {

BOOST_AUTO_TEST_SUITE(next_page)

BOOST_AUTO_TEST_CASE(pointers_lead_where_rfc_6901_says) {
  const Json document = Json::parse(R"({"a/b":{"m~n":[10,{"":7}]},"":1,"0":2})");
  const auto at = [&](std::string_view pointer) {
    const Json* const found = find_at(document, pointer);
    return found == nullptr ? std::string("none") : found->dump();
  };
  BOOST_TEST(at("/a~1b/m~0n/0") == "10");
  BOOST_TEST(at("/a~1b/m~0n/1/") == "7");
  BOOST_TEST(at("/") == "1");
  BOOST_TEST(at("/0") == "2");
  BOOST_TEST(at("") == document.dump());
  for (const char* missing :
       {"/a~1b/m~0n/2", "/a~1b/m~0n/00", "/a~1b/m~0n/-", "/a~1b/m~0n/+1", "/a~1b/m~0n/", "/x", "/0/0", "a"})
    BOOST_TEST(at(missing) == "none");
  for (const char* right : {"", "/", "/a/b", "/~0~1", "//"}) BOOST_TEST(is_json_pointer(right));
  for (const char* wrong : {"a", "/~", "/~2", "/a~"}) BOOST_TEST(!is_json_pointer(wrong));
}

BOOST_AUTO_TEST_CASE(a_cursor_is_a_text_or_an_integer) {
  const auto read = [](std::string_view body) { return read_cursor(body, "/n"); };
  BOOST_TEST(read(R"({"n":"a&b"})")->value() == "a&b");
  BOOST_TEST(read(R"({"n":0})")->value() == "0");
  BOOST_TEST(read(R"({"n":-12})")->value() == "-12");
  for (const char* none : {"", "{}", "[]", R"({"n":null})", R"({"n":""})", R"({"n":false})"})
    BOOST_TEST(!read(none)->has_value());
  for (const char* wrong : {"{", "<html>", R"({"n":1.5})", R"({"n":[]})", R"({"n":true})", R"({"n":{}})"})
    BOOST_TEST((read(wrong).error().code == ErrorCode::kPROTOCOL));
  BOOST_TEST((read(R"({"n":")" + std::string(kLongestCursor + 1, 'x') + R"("})").error().code ==
              ErrorCode::kPROTOCOL));
  BOOST_TEST((read(std::string(100, '[')).error().code == ErrorCode::kLIMIT));
}

BOOST_AUTO_TEST_CASE(items_are_an_array) {
  BOOST_TEST(has_items("[1]", "").value());
  BOOST_TEST(!has_items("[]", "").value());
  BOOST_TEST(!has_items("", "").value());
  BOOST_TEST(!has_items(R"({"x":null})", "/x").value());
  BOOST_TEST(!has_items("{}", "/x").value());
  BOOST_TEST((has_items(R"({"x":{}})", "/x").error().code == ErrorCode::kPROTOCOL));
}

BOOST_AUTO_TEST_CASE(a_link_is_seen_from_its_page) {
  const Url page = parse_url("https://a.example/list/1?x=1").value();
  const auto next = [&](std::string_view link) { return next_link({{"Link", link}}, page); };
  BOOST_TEST(next("<2>; rel=next")->value().text() == "https://a.example/list/2");
  BOOST_TEST(next("<?x=2>; rel=\"last next\"")->value().text() == "https://a.example/list/1?x=2");
  BOOST_TEST(next("<https://b.example/>; rel=next")->value().text() == "https://b.example/");
  BOOST_TEST(!next("<2>; rel=prev")->has_value());
  BOOST_TEST(!next("nonsense")->has_value());
  BOOST_TEST(!next_link({}, page)->has_value());
  BOOST_TEST((next("<http://a.example/>; rel=next").error().code == ErrorCode::kUNTRUSTED));
  BOOST_TEST((next("<wss://a.example/>; rel=next").error().code == ErrorCode::kPROTOCOL));
  BOOST_TEST((next("<https://u:p@a.example/>; rel=next").error().code == ErrorCode::kPROTOCOL));
}

BOOST_AUTO_TEST_CASE(a_parameter_replaces_those_of_its_name) {
  const auto with = [](std::string_view url, std::string_view name, std::string_view value) {
    return with_parameter(parse_url(url).value(), name, value)->target();
  };
  BOOST_TEST(with("http://h/p", "c", "1") == "/p?c=1");
  BOOST_TEST(with("http://h/p?a=1&c=0&b&c&cc=2", "c", "x y&z") == "/p?a=1&b&cc=2&c=x%20y%26z");
  BOOST_TEST(with("http://h/p?page%5Bn%5D=3&page[n]=4", "page[n]", "5") == "/p?page%5Bn%5D=5");
  BOOST_TEST(
      (with_parameter(parse_url("http://h/").value(), "c", std::string(kLongestUrl, 'x')).error().code ==
       ErrorCode::kLIMIT));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
