#include "http/fields/trace_context.hpp"

#include <boost/test/unit_test.hpp>

#include "fakes.hpp"

namespace tessera::http {
namespace {

class ZeroRandom final : public Random {
 public:
  void fill(std::span<uint8_t> out) override { std::ranges::fill(out, uint8_t{0}); }
};

/// As this client would pass it on, or "nothing".
std::string passed_on(std::string_view value) {
  const auto parent = parse_traceparent(value);
  return parent ? format_traceparent(*parent) : "nothing";
}

BOOST_AUTO_TEST_SUITE(trace_context)

BOOST_AUTO_TEST_CASE(a_traceparent_is_read_and_written) {
  const std::string value = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  BOOST_TEST(passed_on(value) == value);
  const TraceParent parent = parse_traceparent(value).value();
  BOOST_TEST(parent.trace_id[0] == 0x0a);
  BOOST_TEST(parent.trace_id[15] == 0x9c);
  BOOST_TEST(parent.parent_id[7] == 0x31);
  BOOST_TEST(parent.is_sampled());
  BOOST_TEST(!parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")->is_sampled());
}

BOOST_AUTO_TEST_CASE(unknown_flags_are_dropped) {
  BOOST_TEST(passed_on("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff").substr(52) == "-01");
  BOOST_TEST(passed_on("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-fe").substr(52) == "-00");
}

BOOST_AUTO_TEST_CASE(a_later_version_may_hold_more) {
  const std::string ids = "-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  BOOST_TEST(passed_on("01" + ids) == "00" + ids);
  BOOST_TEST(passed_on("fe" + ids + "-what-comes") == "00" + ids);
  BOOST_TEST(passed_on("cc" + ids + "-") == "00" + ids);
  BOOST_TEST(passed_on("cc" + ids + ".what") == "nothing");
  BOOST_TEST(passed_on("cc" + ids + "0") == "nothing");
}

BOOST_AUTO_TEST_CASE(what_is_malformed_is_nothing) {
  for (const char* value : {
           "",
           "00",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
           " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
           "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-B7AD6B7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0A",
           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
           "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
           "0-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
           "0g-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
           "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
       }) {
    BOOST_TEST_CONTEXT(value) BOOST_TEST(passed_on(value) == "nothing");
  }
}

BOOST_AUTO_TEST_CASE(a_new_trace_and_its_child) {
  test::FakeRandom random;
  const TraceParent parent = new_trace(random, true), child = child_span(parent, random);
  BOOST_TEST(parent.is_sampled());
  BOOST_CHECK(parse_traceparent(format_traceparent(parent)) == parent);
  BOOST_CHECK(child.trace_id == parent.trace_id);
  BOOST_CHECK(child.parent_id != parent.parent_id);
  BOOST_TEST(child.flags == parent.flags);
  const TraceParent other = new_trace(random, false);
  BOOST_TEST(!other.is_sampled());
  BOOST_CHECK(other.trace_id != parent.trace_id);
}

BOOST_AUTO_TEST_CASE(an_id_is_never_zero) {
  ZeroRandom random;
  const TraceParent parent = new_trace(random, false);
  BOOST_TEST(format_traceparent(parent) == "00-00000000000000000000000000000001-0000000000000001-00");
  BOOST_CHECK(parse_traceparent(format_traceparent(child_span(parent, random))).has_value());
}

std::string states(size_t count) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += 'k' + std::to_string(i) + "=v,";
  return all;
}

BOOST_AUTO_TEST_CASE(a_tracestate_that_may_be_passed_on) {
  for (const std::string& value : {std::string(), std::string("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"),
                                   std::string("a=1 , \t b=2,, c=3,"), std::string("fw529a3039@dt=FfAAAAAd"),
                                   std::string("0tenant@vendor=x"), std::string("a_-*/=! ~"),
                                   std::string("a= b"), std::string(256, 'k') + "=" + std::string(256, 'v'),
                                   std::string(241, 't') + "@" + std::string(14, 's') + "=v", states(32)}) {
    BOOST_TEST_CONTEXT(value) BOOST_TEST(is_tracestate(value));
  }
}

BOOST_AUTO_TEST_CASE(a_tracestate_that_may_not) {
  for (const std::string& value : {std::string("a"),
                                   std::string("a="),
                                   std::string("=1"),
                                   std::string("A=1"),
                                   std::string("0a=1"),
                                   std::string("a=1,a=2"),
                                   std::string("a=1=2"),
                                   std::string("a =1"),
                                   std::string("a=\x7F"),
                                   std::string("a=\xC3\xA9"),
                                   std::string("a@=1"),
                                   std::string("@a=1"),
                                   std::string("a@0b=1"),
                                   std::string("a@b@c=1"),
                                   std::string("a=1;b=2\r\n"),
                                   std::string(257, 'k') + "=v",
                                   "k=" + std::string(257, 'v'),
                                   std::string(242, 't') + "@s=v",
                                   "t@" + std::string(15, 's') + "=v",
                                   states(33)}) {
    BOOST_TEST_CONTEXT(value) BOOST_TEST(!is_tracestate(value));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::http
