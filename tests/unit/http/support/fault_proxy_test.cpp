#include "fault_proxy.hpp"

#include <boost/test/unit_test.hpp>

#include "clients.hpp"
#include "http_origin.hpp"

namespace tessera::test {

namespace {

/// An origin that sends back each line, behind a proxy.
struct World {
  World() {
    origin.on("GET", "/echo", [](const Seen&) {
      return Answer().then([](Wire& wire) {
        while (wire.has_more()) wire.write(wire.read_to("\n", 1 << 24) + "\n");
        wire.close();
      });
    });
    client.send(kRequest);
  }

  static constexpr std::string_view kRequest = "GET /echo HTTP/1.1\r\n\r\n";
  Origin origin;
  FaultProxy proxy{origin.port()};
  RawClient client{proxy.port()};
};

constexpr auto kRequestSize = static_cast<uint64_t>(World::kRequest.size());

}  // namespace

BOOST_AUTO_TEST_SUITE(fault_proxy)

BOOST_FIXTURE_TEST_CASE(bytes_go_both_ways, World) {
  const std::string line = std::string(1'000'000, 'x') + "\n";
  client.send(line);
  BOOST_TEST((client.read_exactly(line.size()) == line));
  client.end();
  BOOST_TEST(client.read_all().empty());
  BOOST_TEST(!client.is_reset());
  origin.wait_for_open(0);
}

BOOST_FIXTURE_TEST_CASE(a_direction_can_be_slow, World) {
  const auto start = std::chrono::steady_clock::now();
  proxy.to_client({.latency = std::chrono::milliseconds(30)});
  client.send("a\n");
  BOOST_TEST(client.read_exactly(2) == "a\n");
  BOOST_TEST((std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(30)));
}

BOOST_FIXTURE_TEST_CASE(a_direction_can_be_narrow, World) {
  const auto start = std::chrono::steady_clock::now();
  proxy.to_server({.bytes_per_second = 100'000});
  const std::string line = std::string(9'999, 'x') + "\n";
  client.send(line);
  BOOST_TEST((client.read_exactly(line.size()) == line));
  // The last piece of a fiftieth of a second goes without a wait after it.
  BOOST_TEST((std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(75)));
}

BOOST_FIXTURE_TEST_CASE(a_direction_can_come_in_slices, World) {
  client.send("abcde\n");
  BOOST_TEST(client.read_exactly(6) == "abcde\n");
  BOOST_TEST(client.packets() == 1);
  proxy.to_client({.slice = 1});
  client.send("abcde\n");
  BOOST_TEST(client.read_exactly(6) == "abcde\n");
  BOOST_TEST(client.packets() == 1 + 6);
}

BOOST_FIXTURE_TEST_CASE(slices_lose_nothing, World) {
  proxy.to_server({.slice = 1});
  proxy.to_client({.slice = 3});
  const std::string line = std::string(4'999, 'x') + "\n";
  client.send(line);
  BOOST_TEST((client.read_exactly(line.size()) == line));
}

BOOST_FIXTURE_TEST_CASE(one_bit_can_be_wrong, World) {
  proxy.to_client({.flip_at = 1});
  client.send("abc\n");
  BOOST_TEST(client.read_exactly(4) == "acc\n");
}

BOOST_FIXTURE_TEST_CASE(a_direction_can_end_after_so_many_bytes, World) {
  proxy.to_client({.close_after = 3});
  client.send("abcdef\n");
  BOOST_TEST(client.read_all() == "abc");
  BOOST_TEST(!client.is_reset());
}

BOOST_FIXTURE_TEST_CASE(the_server_can_see_half_a_request, World) {
  proxy.to_server({.close_after = kRequestSize + 4});
  client.send("ab\ncdef\n");
  BOOST_TEST(client.read_exactly(3) == "ab\n");
  client.read_all();
  BOOST_TEST(origin.seen().size() == 1);
}

BOOST_FIXTURE_TEST_CASE(a_reset_comes_after_so_many_bytes, World) {
  proxy.to_client({.reset_after = 3});
  client.send("abcdef\n");
  const std::string bytes = client.read_all();
  BOOST_TEST(std::string("abc").starts_with(bytes));
  BOOST_TEST(client.is_reset());
  origin.wait_for_open(0);
}

BOOST_FIXTURE_TEST_CASE(a_stalled_direction_says_nothing_more, World) {
  proxy.to_client({.stall_after = 2});
  client.send("abc\n");
  BOOST_TEST(client.read_exactly(2) == "ab");
  proxy.to_client({});
  BOOST_TEST(client.read_exactly(2) == "c\n");
}

BOOST_FIXTURE_TEST_CASE(who_leaves_a_stalled_connection_takes_the_server_along, World) {
  origin.wait_for(1);
  proxy.to_server({.stall_after = kRequestSize});
  client.send("abc\n");
  client.leave();
  origin.wait_for_open(0);
}

BOOST_AUTO_TEST_CASE(a_closed_port_refuses_until_it_opens_again) {
  World world;
  world.proxy.set_door(Door::kRefused);
  BOOST_TEST(!RawClient(world.proxy.port()).is_connected());
  world.client.send("still\n");
  BOOST_TEST(world.client.read_exactly(6) == "still\n");
  world.proxy.set_door(Door::kOpen);
  RawClient again(world.proxy.port());
  BOOST_TEST(again.is_connected());
  again.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  BOOST_TEST(again.read_all().starts_with("HTTP/1.1 404 "));
}

BOOST_AUTO_TEST_CASE(a_black_hole_takes_all_and_gives_nothing) {
  Origin origin;
  FaultProxy proxy(origin.port());
  proxy.set_door(Door::kBlackhole);
  const Got got = get("http://127.0.0.1:" + std::to_string(proxy.port()),
                      [](CURL* handle) { curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, 20L); });
  BOOST_TEST(got.code == CURLE_OPERATION_TIMEDOUT);
  BOOST_TEST(origin.connections() == 0);
  BOOST_TEST(proxy.history() == std::vector<std::string>{"blackhole"});
}

BOOST_AUTO_TEST_CASE(garbage_is_neither_tls_nor_http) {
  Origin origin({.identity = self_signed()});
  FaultProxy proxy(origin.port());
  proxy.set_door(Door::kGarbage);
  const std::string place = "127.0.0.1:" + std::to_string(proxy.port());
  BOOST_TEST(get("https://" + place).code == CURLE_SSL_CONNECT_ERROR);
  BOOST_TEST(get("http://" + place).code == CURLE_UNSUPPORTED_PROTOCOL);
}

BOOST_AUTO_TEST_CASE(a_server_that_is_not_there_looks_like_a_reset) {
  uint16_t nobody = 0;
  {
    const Origin origin;
    nobody = origin.port();
  }
  FaultProxy proxy(nobody);
  RawClient client(proxy.port());
  BOOST_TEST((client.is_connected() ? client.read_all() : "").empty());
  BOOST_TEST((client.is_reset() || !client.is_connected()));
}

BOOST_FIXTURE_TEST_CASE(all_connections_can_go_at_once, World) {
  client.send("a\n");
  BOOST_TEST(client.read_exactly(2) == "a\n");
  proxy.reset_all();
  client.read_all();
  BOOST_TEST(client.is_reset());
  origin.wait_for_open(0);
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_faults) {
  Origin origin;
  origin.on("GET", "/", [](const Seen&) { return Answer(200, std::string(4000, 'x')); });
  const auto run = [&](uint64_t seed) {
    FaultProxy proxy(origin.port());
    proxy.randomise(seed);
    int good = 0;
    for (int i = 0; i < 40; ++i) {
      const Got got = get("http://127.0.0.1:" + std::to_string(proxy.port()));
      if (got.code != CURLE_OK) continue;
      BOOST_TEST(got.body == std::string(4000, 'x'));
      ++good;
    }
    BOOST_TEST(good > 0);
    BOOST_TEST(good < 40);
    return proxy.history();
  };
  const std::vector<std::string> first = run(1);
  BOOST_TEST(first.size() == 40);
  BOOST_TEST(first == run(1));
  BOOST_TEST(first != run(2));
}

BOOST_AUTO_TEST_CASE(a_silent_port_is_not_even_refused) {
  const SilentPort silent;
  const Got got = get("http://127.0.0.1:" + std::to_string(silent.port()),
                      [](CURL* handle) { curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, 20L); });
  BOOST_TEST(got.code == CURLE_OPERATION_TIMEDOUT);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
