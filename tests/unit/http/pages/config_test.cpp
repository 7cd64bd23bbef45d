#include "http/pages/config.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::http {

BOOST_AUTO_TEST_SUITE(pages_config)

BOOST_AUTO_TEST_CASE(each_kind_has_its_defaults) {
  const auto read = [](const char* text) { return read_pages_config(Json::parse(text)).value(); };
  BOOST_TEST((read(R"({"kind":"link"})").kind == PageKind::kLink));
  BOOST_TEST((read("{}").kind == PageKind::kLink));
  BOOST_TEST(read(R"({"kind":"link"})").max_pages == 1'000);
  const PagesConfig cursor = read(R"({"kind":"cursor"})");
  BOOST_TEST((cursor.kind == PageKind::kCursor));
  BOOST_TEST(cursor.parameter == "cursor");
  BOOST_TEST(cursor.cursor == "/next_cursor");
  const PagesConfig token = read(R"({"kind":"token","parameter":"pageToken"})");
  BOOST_TEST((token.kind == PageKind::kCursor));
  BOOST_TEST(token.parameter == "pageToken");
  BOOST_TEST(token.cursor == "/next_page_token");
  const PagesConfig page = read(R"({"kind":"page","start":0,"items":"","max_pages":5})");
  BOOST_TEST((page.kind == PageKind::kNumber));
  BOOST_TEST(page.parameter == "page");
  BOOST_TEST(page.items.empty());
  BOOST_TEST(page.start == 0);
  BOOST_TEST(page.max_pages == 5);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named) {
  for (const auto& [text, name] :
       std::vector<std::pair<std::string, std::string>>{{R"({"kind":"offset"})", "kind"},
                                                        {R"({"kind":"link","cursor":"/x"})", "cursor"},
                                                        {R"({"kind":"cursor","items":"/x"})", "items"},
                                                        {R"({"kind":"cursor","cursor":"x"})", "cursor"},
                                                        {R"({"kind":"cursor","cursor":"/~2"})", "cursor"},
                                                        {R"({"kind":"cursor","parameter":""})", "parameter"},
                                                        {R"({"kind":"page","start":-1})", "start"},
                                                        {R"({"kind":"page","max_pages":0})", "max_pages"}}) {
    const auto config = read_pages_config(Json::parse(text));
    BOOST_REQUIRE(!config.ok());
    BOOST_TEST((config.error().code == ErrorCode::kARG));
    BOOST_TEST(config.error().text.find("\"" + name + "\"") != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
