#include "http/fields/url.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::http {
namespace {

using namespace std::string_view_literals;

struct Case {
  std::string_view input, output;
};

std::string text_of(const Result<Url>& url) { return url ? url->text() : "error"; }

BOOST_AUTO_TEST_SUITE(url)

BOOST_AUTO_TEST_CASE(a_url_has_its_parts) {
  const Url url = parse_url("HTTPS://API.Example.COM:8443/a/b;c=1?x=1&y=/?#frag").value();
  BOOST_TEST(url.scheme == "https");
  BOOST_TEST(url.host == "api.example.com");
  BOOST_TEST(url.port == 8443);
  BOOST_TEST(url.path == "/a/b;c=1");
  BOOST_TEST(url.query.value() == "x=1&y=/?");
  BOOST_TEST(url.is_secure());
  BOOST_TEST(url.origin() == "https://api.example.com:8443");
  BOOST_TEST(url.target() == "/a/b;c=1?x=1&y=/?");
  BOOST_TEST(url.text() == "https://api.example.com:8443/a/b;c=1?x=1&y=/?");
}

BOOST_AUTO_TEST_CASE(each_scheme_has_its_port) {
  for (const auto& [text, port, is_secure] : {std::tuple{"http://a", 80, false},
                                              {"https://a", 443, true},
                                              {"ws://a", 80, false},
                                              {"wss://a", 443, true}}) {
    const Url url = parse_url(text).value();
    BOOST_TEST(url.port == port);
    BOOST_TEST(url.is_secure() == is_secure);
    BOOST_TEST(url.origin() == text);
    BOOST_TEST(url.target() == "/");
  }
}

BOOST_AUTO_TEST_CASE(one_url_has_one_spelling) {
  for (const auto& [input, output] : {
           Case{"http://a:80", "http://a/"},
           {"http://a:", "http://a/"},
           {"https://a:0443/", "https://a/"},
           {"https://a:80/", "https://a:80/"},
           {"http://a?q", "http://a/?q"},
           {"http://a/?", "http://a/?"},
           {"http://a#x/y?z", "http://a/"},
           {"http://a/b/../../c/./d/..", "http://a/c/"},
           {"http://a/b//../c", "http://a/b/c"},
           {"http://a//b", "http://a//b"},
           {"http://a/%7Eb%2f?%20", "http://a/%7Eb%2f?%20"},
           {"http://a/%2e%2e/b", "http://a/%2e%2e/b"},
           {"http://a/!$&'()*+,;=:@-._~", "http://a/!$&'()*+,;=:@-._~"},
           {"http://a/x[1]{2}|^`\"<>?page[size]=1",
            "http://a/x%5B1%5D%7B2%7D%7C%5E%60%22%3C%3E?page%5Bsize%5D=1"},
           {"http://a/caf\xC3\xA9?\xE2\x82\xAC", "http://a/caf%C3%A9?%E2%82%AC"},
           {"http://[::1]:8080/", "http://[::1]:8080/"},
           {"http://[2001:DB8:0:0:0:0:0:1]", "http://[2001:db8::1]/"},
           {"http://[::ffff:127.0.0.1]", "http://[::ffff:127.0.0.1]/"},
           {"http://127.0.0.1:5000/x", "http://127.0.0.1:5000/x"},
           {"http://a_b.example.", "http://a_b.example./"},
           {"http://xn--bcher-kva.example", "http://xn--bcher-kva.example/"},
           {"http://1.2.3.4.example", "http://1.2.3.4.example/"},
       }) {
    BOOST_TEST_CONTEXT(input) BOOST_TEST(text_of(parse_url(input)) == output);
  }
}

BOOST_AUTO_TEST_CASE(what_could_be_read_in_two_ways_is_refused) {
  for (const std::string_view text : {
           ""sv,
           "/path"sv,
           "//a/path"sv,
           "a.example"sv,
           "http"sv,
           "http:"sv,
           "http:a"sv,
           "http:/a"sv,
           "http://"sv,
           "http:///path"sv,
           "http://:80"sv,
           "http://?q"sv,
           "ftp://a"sv,
           "file:///etc/passwd"sv,
           "javascript:x"sv,
           "1http://a"sv,
           "ht tp://a"sv,
           "://a"sv,
           // Spaces, controls, backslashes
           " http://a"sv,
           "http://a "sv,
           "http://a/b c"sv,
           "http://a/\tb"sv,
           "http://a/b\r\nX: y"sv,
           "http://a/\0"sv,
           "http://a\\b"sv,
           "http://a\\@b"sv,
           "http:\\\\a"sv,
           "http://a/\\b"sv,
           "http://a/#\n"sv,
           "http://a/\x7F"sv,
           // User info
           "http://user@a"sv,
           "http://user:pass@a"sv,
           "http://@a"sv,
           "http://a@b@c"sv,
           // Hosts
           "http://a..b"sv,
           "http://.a"sv,
           "http://."sv,
           "http://a%2eb"sv,
           "http://a,b"sv,
           "http://caf\xC3\xA9"sv,
           "http://a b"sv,
           "http://[::1"sv,
           "http://::1"sv,
           "http://[::1]x"sv,
           "http://[fe80::1%25eth0]"sv,
           "http://[fe80::1%eth0]"sv,
           "http://[v1.x]"sv,
           "http://[127.0.0.1]"sv,
           "http://[]"sv,
           "http://[::g]"sv,
           "http://a]b"sv,
           "http://127.1"sv,
           "http://2130706433"sv,
           "http://0x7f.0.0.1"sv,
           "http://0x7f000001"sv,
           "http://127.0.0.0x1"sv,
           "http://0177.0.0.1"sv,
           "http://127.0.0.256"sv,
           "http://127.0.0.1."sv,
           "http://1.2.3.4.5"sv,
           "http://a.1"sv,
           // Ports
           "http://a:0"sv,
           "http://a:65536"sv,
           "http://a:99999999999999999999"sv,
           "http://a:-1"sv,
           "http://a:+80"sv,
           "http://a:80:80"sv,
           "http://a:x"sv,
           "http://[::1]:x"sv,
           // %-triplets and bytes
           "http://a/%"sv,
           "http://a/%4"sv,
           "http://a/%4g"sv,
           "http://a/?%zz"sv,
           "http://a/\xFF"sv,
           "http://a/\xC3"sv,
       }) {
    const auto parsed = parse_url(text);
    BOOST_TEST_CONTEXT(text) {
      BOOST_REQUIRE(!parsed.ok());
      BOOST_TEST((parsed.error().code == ErrorCode::kARG));
      BOOST_TEST(parsed.error().domain == "http");
      BOOST_TEST(parsed.error().text.starts_with("the URL "));
    }
  }
}

BOOST_AUTO_TEST_CASE(errors_say_what_to_do_and_show_nothing) {
  BOOST_TEST(parse_url("https://me:secret@a/").error().text ==
             "the URL names a user or password; pass credentials in the configuration instead");
  BOOST_TEST(parse_url("https://a/?token=secret\n").error().text ==
             "the URL holds a space, a control character or a backslash; percent-encode it");
}

BOOST_AUTO_TEST_CASE(lengths_are_bounded) {
  const std::string start = "http://a/";
  const std::string longest = start + std::string(kLongestUrl - start.size(), 'x');
  BOOST_TEST(parse_url(longest).ok());
  BOOST_TEST((parse_url(longest + 'x').error().code == ErrorCode::kLIMIT));
  BOOST_TEST((parse_url(start + std::string(kLongestUrl / 2, '[')).error().code == ErrorCode::kLIMIT));
  const std::string label(63, 'a');
  const std::string host = label + '.' + label + '.' + label + '.' + std::string(61, 'a');
  BOOST_TEST(parse_url("http://" + host).ok());
  BOOST_TEST(!parse_url("http://" + host + 'a').ok());
  BOOST_TEST(!parse_url("http://" + label + 'a').ok());
}

// RFC 3986 section 5.4: every example, with the fragment left out as everywhere.
constexpr Case kReferences[] = {
    {"g:h", "error"},
    {"g", "http://a/b/c/g"},
    {"./g", "http://a/b/c/g"},
    {"g/", "http://a/b/c/g/"},
    {"/g", "http://a/g"},
    {"//g", "http://g/"},
    {"?y", "http://a/b/c/d;p?y"},
    {"g?y", "http://a/b/c/g?y"},
    {"#s", "http://a/b/c/d;p?q"},
    {"g#s", "http://a/b/c/g"},
    {"g?y#s", "http://a/b/c/g?y"},
    {";x", "http://a/b/c/;x"},
    {"g;x", "http://a/b/c/g;x"},
    {"g;x?y#s", "http://a/b/c/g;x?y"},
    {"", "http://a/b/c/d;p?q"},
    {".", "http://a/b/c/"},
    {"./", "http://a/b/c/"},
    {"..", "http://a/b/"},
    {"../", "http://a/b/"},
    {"../g", "http://a/b/g"},
    {"../..", "http://a/"},
    {"../../", "http://a/"},
    {"../../g", "http://a/g"},
    {"../../../g", "http://a/g"},
    {"../../../../g", "http://a/g"},
    {"/./g", "http://a/g"},
    {"/../g", "http://a/g"},
    {"g.", "http://a/b/c/g."},
    {".g", "http://a/b/c/.g"},
    {"g..", "http://a/b/c/g.."},
    {"..g", "http://a/b/c/..g"},
    {"./../g", "http://a/b/g"},
    {"./g/.", "http://a/b/c/g/"},
    {"g/./h", "http://a/b/c/g/h"},
    {"g/../h", "http://a/b/c/h"},
    {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
    {"g;x=1/../y", "http://a/b/c/y"},
    {"g?y/./x", "http://a/b/c/g?y/./x"},
    {"g?y/../x", "http://a/b/c/g?y/../x"},
    {"g#s/./x", "http://a/b/c/g"},
    {"g#s/../x", "http://a/b/c/g"},
    {"http:g", "error"},  // the strict reading: a URL without a host
};

BOOST_AUTO_TEST_CASE(references_resolve_as_the_rfc_shows) {
  const Url base = parse_url("http://a/b/c/d;p?q").value();
  for (const auto& [reference, target] : kReferences) {
    BOOST_TEST_CONTEXT(reference) BOOST_TEST(text_of(join_url(base, reference)) == target);
  }
}

BOOST_AUTO_TEST_CASE(a_redirect_may_lead_anywhere_a_url_may) {
  const Url base = parse_url("https://a:8443/b?q").value();
  for (const auto& [reference, target] : {
           Case{"//b.example:1/c", "https://b.example:1/c"},
           {"//b", "https://b/"},
           {"http://b/c?d", "http://b/c?d"},
           {"wss://b", "wss://b/"},
           {"?", "https://a:8443/b?"},
           {"/x?page[number]=2", "https://a:8443/x?page%5Bnumber%5D=2"},
           {"/..//b.example/c", "https://a:8443//b.example/c"},
           {"./c:d", "https://a:8443/c:d"},
           {"c/d:e", "https://a:8443/c/d:e"},
           {"//", "error"},
           {"///c", "error"},
           {"//user@b", "error"},
           {"mailto:a@b", "error"},
           {"/a b", "error"},
           {"\\\\b", "error"},
           {"/\\b", "error"},
           {"/%", "error"},
           {"1:2", "error"},
           {":", "error"},
       }) {
    BOOST_TEST_CONTEXT(reference) BOOST_TEST(text_of(join_url(base, reference)) == target);
  }
}

BOOST_AUTO_TEST_CASE(loopback_is_told_by_address) {
  for (const std::string_view host :
       {"localhost"sv, "127.0.0.1"sv, "127.255.255.254"sv, "[::1]"sv, "[::ffff:127.0.0.1]"sv}) {
    BOOST_TEST_CONTEXT(host) BOOST_TEST(is_loopback(host));
  }
  for (const std::string_view host :
       {""sv, "a.localhost"sv, "localhost.example"sv, "localhost."sv, "0.0.0.0"sv, "128.0.0.1"sv,
        "10.0.0.1"sv, "[::]"sv, "[::2]"sv, "[::ffff:10.0.0.1]"sv, "[::127.0.0.1]"sv, "::1"sv, "[::1"sv,
        "127.1"sv, "127.0.0.1\0.example"sv, "127.0.0.1.example"sv}) {
    BOOST_TEST_CONTEXT(host) BOOST_TEST(!is_loopback(host));
  }
}

BOOST_AUTO_TEST_CASE(an_origin_is_scheme_host_and_port) {
  const auto same = [](std::string_view a, std::string_view b) {
    return same_origin(parse_url(a).value(), parse_url(b).value());
  };
  BOOST_TEST(same("https://a/x?y", "HTTPS://A:443/z"));
  BOOST_TEST(same("http://[::1]", "http://[0:0:0:0:0:0:0:1]"));
  BOOST_TEST(!same("https://a", "http://a"));
  BOOST_TEST(!same("https://a", "wss://a"));
  BOOST_TEST(!same("https://a", "https://a:444"));
  BOOST_TEST(!same("https://a", "https://b.a"));
}

BOOST_AUTO_TEST_CASE(parameters_are_encoded) {
  Url url = parse_url("http://a/b").value();
  BOOST_TEST(add_query(&url, "page", "2").ok());
  BOOST_TEST(url.target() == "/b?page=2");
  BOOST_TEST(add_query(&url, "a&b=c d", "\xE2\x82\xAC+/?#%~-._\0"sv).ok());
  BOOST_TEST(url.target() == "/b?page=2&a%26b%3Dc%20d=%E2%82%AC%2B%2F%3F%23%25~-._%00");
  BOOST_TEST(text_of(parse_url(url.text())) == url.text());
  url = parse_url("http://a/b?").value();
  BOOST_TEST(add_query(&url, "", "").ok());
  BOOST_TEST(url.target() == "/b?=");
}

BOOST_AUTO_TEST_CASE(a_parameter_that_is_too_long_changes_nothing) {
  Url url = parse_url("http://a/b?x").value();
  const Url before = url;
  BOOST_TEST((add_query(&url, "c", std::string(kLongestUrl, 'x')).error().code == ErrorCode::kLIMIT));
  BOOST_CHECK(url == before);
  const size_t rest = kLongestUrl - url.text().size() - "&c="sv.size();
  BOOST_TEST(add_query(&url, "c", std::string(rest, 'x')).ok());
  BOOST_TEST(url.text().size() == kLongestUrl);
  BOOST_TEST(parse_url(url.text()).ok());
  BOOST_TEST(!add_query(&url, "", "").ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::http
