#include "text/uuid.hpp"

#include <boost/test/unit_test.hpp>
#include <random>
#include <set>

namespace tessera {
namespace {

class Drawn final : public Random {
 public:
  void fill(std::span<uint8_t> out) override {
    for (uint8_t& byte : out) byte = static_cast<uint8_t>(engine_());
  }

 private:
  std::mt19937 engine_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(uuid)

BOOST_AUTO_TEST_CASE(texts_sort_by_time_and_do_not_repeat) {
  Drawn random;
  std::set<std::string> seen;
  std::string last;
  for (int64_t ms = 1'780'000'000'000; ms < 1'780'000'000'500; ++ms) {
    const std::string id = uuid_text(make_uuid7(random, ms));
    BOOST_TEST(
        (id.size() == 36 && id[14] == '7' && std::string_view("89ab").find(id[19]) != std::string::npos));
    BOOST_TEST(id > last);
    last = id;
    BOOST_TEST(seen.insert(uuid_text(make_uuid4(random))).second);
  }
  BOOST_TEST(seen.begin()->at(14) == '4');
  BOOST_TEST(uuid_text(make_uuid7(random, 0x0123456789AB)).substr(0, 13) == "01234567-89ab");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
