#include "http/policy/proxy_list.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <utility>

namespace tessera::http {
namespace {

constexpr int64_t kNow = 1'000'000;

ProxyList list_of(size_t count, ProxyMode mode) {
  ProxyListConfig config;
  config.mode = mode;
  for (size_t i = 0; i < count; ++i) config.urls.push_back("http://p" + std::to_string(i) + ".example:3128");
  auto list = ProxyList::make(config);
  BOOST_REQUIRE(list.ok());
  return std::move(*list);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(proxy_list)

BOOST_AUTO_TEST_CASE(credentials_are_kept_apart_from_what_may_be_shown) {
  struct Case {
    const char *url, *shown, *user_info;
  };
  const Case cases[] = {
      {"http://proxy.example:3128", "http://proxy.example:3128", ""},
      {"HTTPS://proxy.example/", "https://proxy.example", ""},
      {"http://ana:s%40ud@proxy.example:3128/", "http://proxy.example:3128", "ana:s%40ud"},
      {"socks5h://a:b@c@10.0.0.1:1080", "socks5h://10.0.0.1:1080", "a:b@c"},
      {"socks5://[::1]:1080", "socks5://[::1]:1080", ""},
      {"http://[fe80::1]", "http://[fe80::1]", ""},
      {"http://p:65535", "http://p:65535", ""},
  };
  for (const Case& one : cases) {
    const auto proxy = parse_proxy(one.url);
    BOOST_TEST_INFO(one.url);
    BOOST_REQUIRE(proxy.ok());
    BOOST_TEST(proxy->url == one.shown);
    BOOST_TEST(proxy->user_info == one.user_info);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_proxy_is_refused_without_showing_it) {
  const std::string cases[] = {"",
                               "proxy:3128",
                               "ftp://p",
                               "socks4://p",
                               "http://",
                               "http://:3128",
                               "http://u:sesame@",
                               "http://u:sesame@:80",
                               "http://p:",
                               "http://p:0",
                               "http://p:65536",
                               "http://p:99999999999999999999",
                               "http://p:80x",
                               "http://p:-1",
                               "http://p/sesame",
                               "http://p?sesame",
                               "http://sesame #p",
                               "http://p\r\nx",
                               "http://[::1",
                               "http://[]:80",
                               "http://" + std::string(2048, 'p')};
  for (const std::string& url : cases) {
    const auto proxy = parse_proxy(url);
    BOOST_TEST_INFO(url);
    BOOST_REQUIRE(!proxy.ok());
    BOOST_TEST((proxy.error().code == ErrorCode::kARG));
    BOOST_TEST(proxy.error().text.find("sesame") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(round_robin_takes_turns_and_skips_the_bad) {
  ProxyList list = list_of(3, ProxyMode::kRoundRobin);
  for (const size_t expected : {0U, 1U, 2U, 0U, 1U}) BOOST_TEST(list.choose("k", kNow) == expected);
  list.report(2, false, kNow);
  for (const size_t expected : {0U, 1U, 0U, 1U}) BOOST_TEST(list.choose("k", kNow) == expected);
  list.report(2, true, kNow);
  BOOST_TEST(list.choose("k", kNow) == 2U);
}

BOOST_AUTO_TEST_CASE(failover_prefers_the_first_that_is_not_bad) {
  ProxyList list = list_of(3, ProxyMode::kFailover);
  BOOST_TEST(list.choose("k", kNow) == 0U);
  BOOST_TEST(list.choose("k", kNow) == 0U);
  list.report(0, false, kNow);
  BOOST_TEST(list.choose("k", kNow) == 1U);
  list.report(1, false, kNow);
  BOOST_TEST(list.choose("k", kNow) == 2U);
  BOOST_TEST(list.choose("k", kNow + 59'999) == 2U);
  BOOST_TEST(list.choose("k", kNow + 60'000) == 0U);
}

BOOST_AUTO_TEST_CASE(a_sticky_key_keeps_its_proxy_and_only_those_of_a_bad_one_move) {
  ProxyList list = list_of(5, ProxyMode::kSticky);
  std::array<size_t, 500> chosen{};
  std::array<int, 5> share{};
  for (size_t i = 0; i < chosen.size(); ++i) {
    chosen[i] = list.choose("key" + std::to_string(i), kNow);
    BOOST_TEST(list.choose("key" + std::to_string(i), kNow) == chosen[i]);
    ++share[chosen[i]];
  }
  for (const int keys : share) BOOST_TEST((keys > 60 && keys < 140));
  list.report(3, false, kNow);
  for (size_t i = 0; i < chosen.size(); ++i) {
    const size_t now_chosen = list.choose("key" + std::to_string(i), kNow);
    BOOST_TEST(now_chosen != 3U);
    if (chosen[i] != 3) BOOST_TEST(now_chosen == chosen[i]);
  }
  list.report(3, true, kNow);
  for (size_t i = 0; i < chosen.size(); ++i)
    BOOST_TEST(list.choose("key" + std::to_string(i), kNow) == chosen[i]);
}

BOOST_AUTO_TEST_CASE(a_bad_one_rests_a_minute_and_twice_as_long_each_time_up_to_an_hour) {
  ProxyList list = list_of(2, ProxyMode::kFailover);
  int64_t now = kNow;
  for (const int64_t minutes : {1, 2, 4, 8, 16, 32, 60, 60}) {
    list.report(0, false, now);
    now += 1'000;
    list.report(0, false, now);  // one that was under way
    now += minutes * 60'000 - 1'001;
    BOOST_TEST(list.is_bad(0, now));
    now += 1;
    BOOST_TEST(!list.is_bad(0, now));
  }
  list.report(0, true, now);
  list.report(0, false, now);
  BOOST_TEST(!list.is_bad(0, now + 60'000));
  BOOST_TEST(list.is_bad(0, now + 59'999));
}

BOOST_AUTO_TEST_CASE(when_all_are_bad_the_one_that_rests_shortest_is_taken) {
  for (const ProxyMode mode : {ProxyMode::kFailover, ProxyMode::kRoundRobin, ProxyMode::kSticky}) {
    ProxyList list = list_of(3, mode);
    list.report(1, false, kNow);
    list.report(0, false, kNow + 1);
    list.report(2, false, kNow + 2);
    BOOST_TEST(list.choose("k", kNow + 3) == 1U);
    BOOST_TEST(!list.has_other(1, kNow + 3));
  }
  ProxyList single = list_of(1, ProxyMode::kFailover);
  single.report(0, false, kNow);
  BOOST_TEST(single.choose("k", kNow) == 0U);
}

BOOST_AUTO_TEST_CASE(another_one_is_one_that_is_not_bad) {
  ProxyList list = list_of(2, ProxyMode::kFailover);
  BOOST_TEST(list.has_other(0, kNow));
  list.report(1, false, kNow);
  BOOST_TEST(!list.has_other(0, kNow));
  BOOST_TEST(list.has_other(1, kNow));
  BOOST_TEST(list.has_other(0, kNow + 60'000));
  BOOST_TEST(!list_of(1, ProxyMode::kFailover).has_other(0, kNow));
}

BOOST_AUTO_TEST_CASE(hosts_that_go_without_a_proxy) {
  struct Case {
    const char *no_proxy, *host;
    bool bypasses;
  };
  const Case cases[] = {
      {"", "a.example", false},
      {"*", "a.example", true},
      {"example.com", "example.com", true},
      {"example.com", "EXAMPLE.com.", true},
      {"example.com", "a.b.example.com", true},
      {".example.com", "example.com", true},
      {".example.com", "a.example.com", true},
      {"example.com", "evilexample.com", false},
      {"example.com", "example.com.evil", false},
      {"a.example.com", "example.com", false},
      {".", "a.example", false},
      {"a,b c,,\tlocalhost", "localhost", true},
      {"a,b c,,\tlocalhost", "c", true},
      {"a,b c", "b c", false},
      {"127.0.0.1", "127.0.0.1", true},
      {"127.0.0.1", "127.0.0.2", false},
      {"[::1]", "::1", true},
      {"::1", "[::1]", true},
      {"a*", "abc", false},
  };
  for (const Case& one : cases) {
    BOOST_TEST_INFO(one.no_proxy << " for " << one.host);
    BOOST_TEST(bypasses_proxy(one.host, split_no_proxy(one.no_proxy)) == one.bypasses);
  }
}

BOOST_AUTO_TEST_CASE(a_list_applies_where_it_has_proxies_and_no_exception) {
  BOOST_TEST(!ProxyList().applies_to("a.example"));
  ProxyListConfig config;
  config.urls = {"http://u:p@p.example"};
  config.no_proxy = {"intranet"};
  const auto list = ProxyList::make(config);
  BOOST_REQUIRE(list.ok());
  BOOST_TEST(list->applies_to("a.example"));
  BOOST_TEST(!list->applies_to("db.intranet"));
  BOOST_TEST((*list)[0].url == "http://p.example");
  BOOST_TEST((*list)[0].user_info == "u:p");
}

BOOST_AUTO_TEST_CASE(the_number_is_bounded) {
  ProxyListConfig config;
  config.urls.assign(ProxyList::kMaxProxies, "http://p");
  BOOST_TEST(ProxyList::make(config).ok());
  config.urls.emplace_back("http://p");
  BOOST_TEST((ProxyList::make(config).error().code == ErrorCode::kLIMIT));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
