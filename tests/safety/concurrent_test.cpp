// Two processes in one licence folder at the same time.
#include <boost/test/unit_test.hpp>

#include "actor.hpp"

namespace tessera::test {
namespace {

constexpr int kRounds = 10;  // each gives the processes another chance to collide

struct Pair {
  explicit Pair(const Machine& machine)
      : first(machine, machine.folder.path().string()), second(machine, machine.folder.path().string()) {}

  /// Both commands run at once.
  std::pair<std::string, std::string> ask(const std::string& to_first, const std::string& to_second) {
    first.tell(to_first);
    second.tell(to_second);
    std::string one = first.answer();
    return {std::move(one), second.answer()};
  }

  Actor first, second;
};

nlohmann::json spec_for(const std::string& subject) {
  return {{"sku", "pro"}, {"subject", subject}, {"days", 30}};
}

BOOST_AUTO_TEST_SUITE(concurrent)

BOOST_AUTO_TEST_CASE(requests_made_at_once_are_both_answered) {
  for (int round = 0; round < kRounds; ++round) {
    const Machine machine;
    Pair pair(machine);
    const auto [request_one, request_two] = pair.ask("request", "request");
    const auto import = [&](const std::string& name, const std::string& request) {
      return "import " +
             write_file(machine.folder, name, machine.vendor.license_file(request, spec_for(name)));
    };
    const auto [one, two] = pair.ask(import("one", request_one), import("two", request_two));
    BOOST_TEST(one == "ok 0");
    BOOST_TEST(two == "ok 0");
    // The later import stands, and both processes see it without a restart.
    const auto [code_one, code_two] = pair.ask("check", "check");
    BOOST_TEST(code_one == "0");
    BOOST_TEST(code_two == "0");
    const auto [subject_one, subject_two] = pair.ask("subject", "subject");
    BOOST_TEST(subject_one == subject_two);
  }
}

BOOST_AUTO_TEST_CASE(one_response_is_imported_once_and_seen_by_both) {
  for (int round = 0; round < kRounds; ++round) {
    const Machine machine;
    Pair pair(machine);
    const std::string path = write_file(
        machine.folder, "app.lic", machine.vendor.license_file(pair.first.ask("request"), spec_for("ana")));
    const auto [one, two] = pair.ask("import " + path, "import " + path);
    const std::string spent = "refused " + std::to_string(TSR_LICENSE_REQ_NONCE_MISMATCH);
    BOOST_TEST(((one == "ok 0" && two == spent) || (one == spent && two == "ok 0")));
    BOOST_TEST(pair.first.ask("check") == "0");
    BOOST_TEST(pair.second.ask("check") == "0");
  }
}

BOOST_FIXTURE_TEST_CASE(a_deactivation_is_seen_by_the_other_process, Machine) {
  Pair pair(*this);
  const std::string path =
      write_file(folder, "app.lic", vendor.license_file(pair.first.ask("request"), spec_for("ana")));
  BOOST_TEST(pair.first.ask("import " + path) == "ok 0");
  BOOST_TEST(pair.second.ask("check") == "0");
  BOOST_TEST(pair.second.ask("deactivate") == "ok");
  BOOST_TEST(pair.first.ask("check") == std::to_string(TSR_LICENSE_DEACTIVATED));
}

BOOST_FIXTURE_TEST_CASE(no_use_of_a_shared_meter_is_lost, Machine) {
  Pair pair(*this);
  const nlohmann::json spec{
      {"sku", "pro"}, {"days", 30}, {"entitlements", {{"copies", {{"value", 1000}, {"per", "total"}}}}}};
  BOOST_TEST(pair.first.ask("import " + write_file(folder, "app.lic",
                                                   vendor.license_file(pair.first.ask("request"), spec))) ==
             "ok 0");
  for (int round = 0; round < kRounds; ++round) pair.ask("meter copies", "meter copies");
  BOOST_TEST(pair.first.ask("meter copies") == "ok " + std::to_string(2 * kRounds + 1));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::test
