#include "hwid/legacy_digest.hpp"

#include <boost/test/unit_test.hpp>

#include "hwid_fixture.hpp"
#include "text/hex.hpp"

namespace tessera::hwid {
namespace {

std::vector<RawText> texts(std::initializer_list<std::string_view> values) {
  std::vector<RawText> result;
  for (const std::string_view value : values) result.emplace_back(value);
  return result;
}

std::string sha256_hex(std::string_view text) { return hex_encode(sha256(as_bytes(text))); }

}  // namespace

BOOST_AUTO_TEST_SUITE(legacy)

BOOST_AUTO_TEST_CASE(order_of_inputs_does_not_matter) {
  const std::string digest = legacy_digest(texts({"cpu b", "cpu a"}), texts({"bb:", "aa:"}));
  BOOST_TEST(digest == sha256_hex("cpu acpu baa:bb:"));
  BOOST_TEST(digest == legacy_digest(texts({"cpu a", "cpu b"}), texts({"aa:", "bb:"})));
}

BOOST_AUTO_TEST_CASE(nothing_to_hash) { BOOST_TEST(legacy_digest({}, {}) == sha256_hex("")); }

BOOST_AUTO_TEST_CASE(covers_every_logical_cpu_and_every_interface) {
  test::FakeRoot root("desktop");
  std::string input;
  for (int i = 0; i < 20; ++i) input += "12th Gen Intel(R) Core(TM) i7-12700";
  input +=
      "00:00:00:00:00:00"
      "02:42:8e:10:33:71"
      "3e:11:92:70:aa:05"
      "a4:bb:6d:91:52:0e";
  BOOST_TEST(probe(root)->legacy_digest() == sha256_hex(input));
}

BOOST_AUTO_TEST_CASE(interface_without_a_six_byte_address_counts_as_zero) {
  test::FakeRoot root("microvm");
  root.write("/sys/class/net/tun0/address", "\n");
  const std::string cpus =
      "AMD EPYC"
      "AMD EPYC";
  BOOST_TEST(probe(root)->legacy_digest() == sha256_hex(cpus + "00:00:00:00:00:00"
                                                               "00:00:00:00:00:00"
                                                               "06:00:ac:10:00:02"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::hwid
