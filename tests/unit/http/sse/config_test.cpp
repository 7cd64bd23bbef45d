#include "http/sse/config.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::http {

BOOST_AUTO_TEST_SUITE(sse_config)

BOOST_AUTO_TEST_CASE(what_is_absent_keeps_its_default) {
  const SseConfig config = read_sse_config(Json::object()).value();
  BOOST_TEST(config.reconnects);
  BOOST_TEST(config.retry_ms == 1'000);
  BOOST_TEST(config.max_retry_ms == 30'000);
  BOOST_TEST(config.reset_after_ms == 60'000);
  BOOST_TEST(config.idle_ms == 300'000);
  BOOST_TEST(config.max_event_bytes == 16 << 20);
}

BOOST_AUTO_TEST_CASE(every_member_is_read) {
  const SseConfig config =
      read_sse_config(Json::parse(R"({"reconnects":false,"retry_ms":40000,"reset_after_ms":5,"idle_ms":0,
        "max_event_bytes":1024,"max_queued":7,"last_event_id":"9"})"))
          .value();
  BOOST_TEST(!config.reconnects);
  BOOST_TEST(config.retry_ms == 40'000);
  BOOST_TEST(config.max_retry_ms == 40'000);  // never less
  BOOST_TEST(config.reset_after_ms == 5);
  BOOST_TEST(config.idle_ms == 0);
  BOOST_TEST(config.max_event_bytes == 1'024);
  BOOST_TEST(config.max_queued == 7);
  BOOST_TEST(config.last_event_id == "9");
  BOOST_TEST(read_sse_config(Json::parse(R"({"max_retry_ms":50000})"))->max_retry_ms == 50'000);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named) {
  for (const auto& [text, name] :
       std::vector<std::pair<std::string, std::string>>{{R"([])", "object"},
                                                        {R"({"retries":1})", "retries"},
                                                        {R"({"reconnects":1})", "reconnects"},
                                                        {R"({"retry_ms":0})", "retry_ms"},
                                                        {R"({"idle_ms":-1})", "idle_ms"},
                                                        {R"({"max_queued":0})", "max_queued"},
                                                        {R"({"max_event_bytes":1.5})", "max_event_bytes"},
                                                        {R"({"last_event_id":"a\nb"})", "Last-Event-ID"}}) {
    const auto config = read_sse_config(Json::parse(text));
    BOOST_REQUIRE(!config.ok());
    BOOST_TEST((config.error().code == ErrorCode::kARG));
    BOOST_TEST(config.error().text.find(name) != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
