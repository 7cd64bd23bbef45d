#include "base/log.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <latch>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

namespace tessera {
namespace {

std::string fields_of(std::initializer_list<LogField> fields) {
  std::string json;
  Logger logger;
  logger.attach(LogLevel::kTrace, [&](const LogRecord& record) { json = record.fields_json; });
  logger.write(LogLevel::kInfo, "base", "event", "message", fields);
  return json;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(log)

BOOST_AUTO_TEST_CASE(a_record_reaches_every_sink_of_its_level) {
  Logger logger;
  int all = 0;
  int warnings = 0;
  int none = 0;
  logger.attach(LogLevel::kTrace, [&](const LogRecord& record) {
    ++all;
    BOOST_TEST(record.area == "license");
    BOOST_TEST(record.event == "import_refused");
    BOOST_TEST(record.message == "The licence was refused.");
    BOOST_TEST(record.fields_json == R"({"code":"48"})");
  });
  logger.attach(LogLevel::kWarn, [&](const LogRecord&) { ++warnings; });
  logger.attach(LogLevel::kOff, [&](const LogRecord&) { ++none; });
  for (const LogLevel level : {LogLevel::kInfo, LogLevel::kWarn, LogLevel::kError}) {
    logger.write(level, "license", "import_refused", "The licence was refused.", {{"code", "48"}});
  }
  BOOST_TEST(all == 3);
  BOOST_TEST(warnings == 2);
  BOOST_TEST(none == 0);
}

BOOST_AUTO_TEST_CASE(fields_are_redacted_json) {
  BOOST_TEST(fields_of({}) == "{}");
  BOOST_TEST(fields_of({{"token", "abc"}, {"mac", "is 00:1a:2b:3c:4d:5e"}}) ==
             R"({"token":"[redacted]","mac":"is [redacted]"})");
  BOOST_TEST(fields_of({{"path", "a\"b\\c\n\x01"}}) == R"({"path":"a\"b\\c\u000a\u0001"})");
  BOOST_TEST(fields_of({{"path", "caf\xC3\xA9 \xFF\xED\xA0\x80"}}) ==
             "{\"path\":\"caf\xC3\xA9 \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"}");
}

BOOST_AUTO_TEST_CASE(a_message_is_redacted) {
  std::string message;
  Logger logger;
  logger.attach(LogLevel::kTrace, [&](const LogRecord& record) { message = record.message; });
  logger.write(LogLevel::kInfo, "hwid", "probe", "saw 00:1a:2b:3c:4d:5e");
  BOOST_TEST(message == "saw [redacted]");
}

BOOST_AUTO_TEST_CASE(a_detached_sink_is_destroyed_and_not_called) {
  Logger logger;
  int calls = 0;
  auto owned = std::make_shared<int>(0);
  const std::weak_ptr<int> watched = owned;
  const uint64_t id =
      logger.attach(LogLevel::kTrace, [&, owned = std::move(owned)](const LogRecord&) { ++calls; });
  logger.write(LogLevel::kInfo, "base", "event", "one");
  logger.detach(id);
  logger.detach(id);
  logger.write(LogLevel::kInfo, "base", "event", "two");
  BOOST_TEST(calls == 1);
  BOOST_TEST(watched.expired());
}

BOOST_AUTO_TEST_CASE(detaching_waits_for_a_running_call) {
  Logger logger;
  std::latch inside(1);
  std::latch detaching(1);
  std::atomic<bool> finished = false;
  const uint64_t id = logger.attach(LogLevel::kTrace, [&](const LogRecord&) {
    inside.count_down();
    detaching.wait();
    for (int i = 0; i < 1000; ++i) std::this_thread::yield();  // a chance for a detach that doesn't wait
    finished = true;
  });
  std::thread writer([&] { logger.write(LogLevel::kInfo, "base", "event", "message"); });
  inside.wait();
  detaching.count_down();
  logger.detach(id);
  BOOST_TEST(finished.load());
  writer.join();
}

BOOST_AUTO_TEST_CASE(a_sink_may_detach_itself) {
  Logger logger;
  int calls = 0;
  uint64_t id = 0;
  id = logger.attach(LogLevel::kTrace, [&](const LogRecord&) {
    ++calls;
    logger.detach(id);
  });
  logger.write(LogLevel::kInfo, "base", "event", "one");
  logger.write(LogLevel::kInfo, "base", "event", "two");
  BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(what_a_sink_logs_reaches_the_others_only) {
  Logger logger;
  int own = 0;
  int other = 0;
  logger.attach(LogLevel::kTrace, [&](const LogRecord&) {
    ++own;
    logger.write(LogLevel::kInfo, "base", "nested", "nested");
  });
  logger.attach(LogLevel::kTrace, [&](const LogRecord&) { ++other; });
  logger.write(LogLevel::kInfo, "base", "event", "message");
  BOOST_TEST(own == 1);
  BOOST_TEST(other == 2);
}

BOOST_AUTO_TEST_CASE(a_throwing_sink_disturbs_nobody) {
  Logger logger;
  int calls = 0;
  logger.attach(LogLevel::kTrace, [](const LogRecord&) { throw std::runtime_error("sink"); });
  logger.attach(LogLevel::kTrace, [&](const LogRecord&) { ++calls; });
  logger.write(LogLevel::kInfo, "base", "event", "one");
  logger.write(LogLevel::kInfo, "base", "event", "two");
  BOOST_TEST(calls == 2);
}

BOOST_AUTO_TEST_CASE(sinks_come_and_go_while_threads_write) {
  Logger logger;
  std::atomic<bool> stop = false;
  std::atomic<int> calls = 0;
  std::thread writer([&] {
    while (!stop) logger.write(LogLevel::kInfo, "base", "event", "message");
  });
  for (int i = 0; i < 200; ++i) {
    auto alive = std::make_unique<std::atomic<bool>>(true);
    const uint64_t id = logger.attach(LogLevel::kTrace, [&calls, flag = alive.get()](const LogRecord&) {
      if (*flag) ++calls;
    });
    logger.detach(id);
    alive.reset();  // a call after this is a use after free, which the sanitizers see
  }
  stop = true;
  writer.join();
  BOOST_TEST(calls >= 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
