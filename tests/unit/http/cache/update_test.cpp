#include "http/cache/update.hpp"

#include <boost/test/unit_test.hpp>

#include "cache_fixture.hpp"

namespace tessera::http {

BOOST_AUTO_TEST_SUITE(cache_update)

constexpr CacheTimes kLater{kStartMs + 5000, kStartMs + 5100};

/// A stored response without a date.
Entry plain(Headers headers, std::string_view body = "body") {
  return {false, 200, std::move(headers), to_bytes(body), kStartMs, kStartMs};
}

BOOST_AUTO_TEST_CASE(fields_of_the_connection_and_of_proxies_are_not_kept) {
  const Headers response{{"Connection", "close, X-Hop"},
                         {"Keep-Alive", "timeout=5"},
                         {"Proxy-Connection", "x"},
                         {"TE", "x"},
                         {"Trailer", "x"},
                         {"Transfer-Encoding", "chunked"},
                         {"Upgrade", "x"},
                         {"Proxy-Authenticate", "Basic"},
                         {"Proxy-Authentication-Info", "x"},
                         {"Proxy-Authorization", "x"},
                         {"x-hop", "1"},
                         {"ETag", "\"a\""},
                         {"Set-Cookie", "a=1"},
                         {"WWW-Authenticate", "Bearer"}};
  BOOST_TEST(text_of(stored_fields(response, {})) == "ETag: \"a\"\nWWW-Authenticate: Bearer\n");
  BOOST_TEST(text_of(stored_fields(response, {.keeps_cookies = true})) ==
             "ETag: \"a\"\nSet-Cookie: a=1\nWWW-Authenticate: Bearer\n");
}

BOOST_AUTO_TEST_CASE(a_304_replaces_adds_and_leaves) {
  Entry stored = plain({{"ETag", "\"a\""},
                        {"X-Kept", "1"},
                        {"Link", "<1>"},
                        {"Link", "<2>"},
                        {"Cache-Control", "max-age=60"},
                        {"Content-Length", "4"},
                        {"Content-Encoding", "gzip"}});
  stored.status = 203;
  const Headers not_modified{{"etag", "\"a\""},
                             {"Cache-Control", "max-age=5"},
                             {"X-New", "2"},
                             {"link", "<3>"},
                             {"link", "<4>"},
                             {"Content-Length", "0"},
                             {"Content-Encoding", "br"},
                             {"Content-Range", "bytes 0-1/2"},
                             {"Transfer-Encoding", "chunked"},
                             {"Set-Cookie", "a=1"},
                             {"Connection", "X-Hop"},
                             {"X-Hop", "1"}};
  const Entry entry = confirmed(stored, not_modified, kLater, {}).value();
  BOOST_TEST(text_of(entry.headers) ==
             "X-Kept: 1\nContent-Length: 4\nContent-Encoding: gzip\netag: \"a\"\nCache-Control: max-age=5\n"
             "X-New: 2\nlink: <3>\nlink: <4>\n");
  BOOST_TEST(entry.status == 203);
  BOOST_TEST(entry.body == stored.body, boost::test_tools::per_element());
  BOOST_TEST(entry.request_ms == kLater.request_ms);
  BOOST_TEST(entry.response_ms == kLater.response_ms);
}

BOOST_AUTO_TEST_CASE(age_and_date_of_the_older_message_end_with_it) {
  const Entry stored = plain({{"Age", "900"}, {"Date", date(-900)}, {"ETag", "\"a\""}});
  BOOST_TEST(text_of(confirmed(stored, {{"ETag", "\"a\""}}, kLater, {}).value().headers) == "ETag: \"a\"\n");
  const Headers dated{{"Age", "1"}, {"Date", date(4)}};
  BOOST_TEST(text_of(confirmed(stored, dated, kLater, {}).value().headers) ==
             "ETag: \"a\"\nAge: 1\nDate: " + date(4) + "\n");
}

BOOST_AUTO_TEST_CASE(which_304_is_about_what_is_stored) {
  struct Row {
    std::string_view name;
    Headers stored, not_modified;
    bool fits;
  };
  const Row rows[] = {
      {"the same tag", {{"ETag", "\"a\""}}, {{"ETag", "\"a\""}}, true},
      {"another tag", {{"ETag", "\"a\""}}, {{"ETag", "\"b\""}}, false},
      {"a weak tag of the same", {{"ETag", "\"a\""}}, {{"ETag", "W/\"a\""}}, true},
      {"a strong tag of a weak one", {{"ETag", "W/\"a\""}}, {{"ETag", "\"a\""}}, true},
      {"another weak tag", {{"ETag", "W/\"a\""}}, {{"ETag", "W/\"b\""}}, false},
      {"other letters", {{"ETag", "\"a\""}}, {{"ETag", "\"A\""}}, false},
      {"a tag where none was", {{"Last-Modified", date(-1)}}, {{"ETag", "\"a\""}}, false},
      {"a weak tag where none was", {{"Last-Modified", date(-1)}}, {{"ETag", "W/\"a\""}}, false},
      {"a weak tag beside the same date",
       {{"Last-Modified", date(-1)}},
       {{"ETag", "W/\"a\""}, {"Last-Modified", date(-1)}},
       true},
      {"a strong tag beside the same date",
       {{"Last-Modified", date(-1)}},
       {{"ETag", "\"a\""}, {"Last-Modified", date(-1)}},
       false},
      {"the tag decides",
       {{"ETag", "\"a\""}, {"Last-Modified", date(-1)}},
       {{"ETag", "\"a\""}, {"Last-Modified", date(-2)}},
       true},
      {"the same date", {{"Last-Modified", date(-1)}}, {{"Last-Modified", date(-1)}}, true},
      {"another date", {{"Last-Modified", date(-1)}}, {{"Last-Modified", date(-2)}}, false},
      {"a date where none was", {{"ETag", "\"a\""}}, {{"Last-Modified", date(-1)}}, false},
      {"no validator in it", {{"ETag", "\"a\""}}, {}, true},
      {"no validator in it, a date stored", {{"Last-Modified", date(-1)}}, {}, true},
      {"an empty tag is none", {{"ETag", "\"a\""}}, {{"ETag", ""}}, true},
      {"none anywhere", {}, {}, true},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.name) {
      BOOST_TEST(confirmed(plain(row.stored), row.not_modified, kLater, {}).has_value() == row.fits);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_weak_tag_stays_weak) {
  const Entry weak = plain({{"ETag", "W/\"a\""}});
  BOOST_TEST(confirmed(weak, {{"ETag", "\"a\""}}, kLater, {})->headers.joined("etag") == "W/\"a\"");
  const Entry strong = plain({{"ETag", "\"a\""}});
  BOOST_TEST(confirmed(strong, {{"ETag", "W/\"a\""}}, kLater, {})->headers.joined("etag") == "W/\"a\"");
}

BOOST_AUTO_TEST_CASE(a_response_to_head_confirms_or_outdates) {
  struct Row {
    std::string_view name;
    Headers stored, head;
    bool fits;
  };
  const Row rows[] = {
      {"nothing told", {{"ETag", "\"a\""}}, {}, true},
      {"the same", {{"ETag", "\"a\""}}, {{"ETag", "\"a\""}, {"Content-Length", "4"}}, true},
      {"another tag", {{"ETag", "\"a\""}}, {{"ETag", "\"b\""}}, false},
      {"a tag where none was", {}, {{"ETag", "\"b\""}}, false},
      {"the same tag of another date",
       {{"ETag", "\"a\""}, {"Last-Modified", date(-1)}},
       {{"ETag", "\"a\""}, {"Last-Modified", date(-2)}},
       false},
      {"another date", {{"Last-Modified", date(-1)}}, {{"Last-Modified", date(-2)}}, false},
      {"another length", {{"ETag", "\"a\""}}, {{"ETag", "\"a\""}, {"Content-Length", "5"}}, false},
      {"the length told before", {{"Content-Length", "9"}}, {{"Content-Length", "9"}}, true},
      {"another than told before", {{"Content-Length", "9"}}, {{"Content-Length", "4"}}, false},
      {"no length", {{"Content-Length", "9"}}, {{"Content-Length", "x"}}, false},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.name) {
      BOOST_TEST(freshened(plain(row.stored), row.head, kLater, {}).has_value() == row.fits);
    }
  }
  const Entry entry = freshened(plain({{"X-A", "1"}, {"Age", "7"}}), {{"X-A", "2"}}, kLater, {}).value();
  BOOST_TEST(text_of(entry.headers) == "X-A: 2\n");
  BOOST_TEST(as_text(entry.body) == "body");
  BOOST_TEST(entry.response_ms == kLater.response_ms);
}

/// Absolute references and paths.
std::optional<std::string> resolve(std::string_view reference) {
  if (reference.empty() || reference.front() == ' ') return std::nullopt;
  if (reference.front() == '/') return "https://api.example.com" + std::string(reference);
  return std::string(reference);
}

std::string invalidated(std::string_view method, int status, const Headers& response,
                        std::string_view url = kUrl) {
  const Headers none;
  std::string all;
  for (const std::string& each : invalidated_urls({method, url, none}, status, response, resolve))
    all += each + "\n";
  return all;
}

BOOST_AUTO_TEST_CASE(unsafe_methods_invalidate_unless_they_fail) {
  const std::string own = std::string(kUrl) + "\n";
  for (const std::string_view method : {"POST", "PUT", "PATCH", "DELETE", "MKCOL", "purge", "get"}) {
    for (const int status : {200, 201, 204, 299, 300, 303, 304, 399}) {
      BOOST_TEST(invalidated(method, status, {}) == own);
    }
    for (const int status : {100, 199, 400, 404, 409, 500, 503}) {
      BOOST_TEST(invalidated(method, status, {{"Location", "/items/1"}}) == "");
    }
  }
  for (const std::string_view method : {"GET", "HEAD", "OPTIONS", "TRACE"})
    BOOST_TEST(invalidated(method, 200, {{"Location", "/items/1"}}) == "");
}

BOOST_AUTO_TEST_CASE(so_are_the_places_that_the_response_names_on_the_same_origin) {
  const std::string own = std::string(kUrl) + "\n";
  const std::string other = "https://api.example.com/items/1\n";
  BOOST_TEST(invalidated("POST", 201, {{"Location", "/items/1"}}) == own + other);
  BOOST_TEST(invalidated("POST", 200, {{"Content-Location", "/items/1"}}) == own + other);
  BOOST_TEST(invalidated("POST", 201, {{"Location", "/items/1"}, {"Content-Location", "/items/1"}}) ==
             own + other);
  BOOST_TEST(invalidated("POST", 200, {{"Content-Location", "/items"}}) == own);
  for (const std::string_view foreign :
       {"https://api.example.com.evil.example/items/1", "http://api.example.com/items/1",
        "https://api.example.com:8443/items/1", "https://example.com/items/1", "mailto:a@example.com", " ",
        ""}) {
    BOOST_TEST_CONTEXT(foreign) { BOOST_TEST(invalidated("POST", 201, {{"Location", foreign}}) == own); }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
