// Public conformance vectors. They live outside the project: TESSERA_DATA_DIR names their folder.
#pragma once

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace tessera::test {

inline std::filesystem::path data_dir() {
  const char* given = std::getenv("TESSERA_DATA_DIR");
  return given != nullptr && *given != '\0' ? given : TESSERA_DEFAULT_DATA_DIR;
}

/// Skips a case, loudly, where the folder is missing: BOOST_AUTO_TEST_CASE(name, needs_data("wycheproof")). A
/// folder that is there but can't be read makes the case fail.
inline boost::unit_test::precondition needs_data(const std::string& folder) {
  return boost::unit_test::precondition([folder](boost::unit_test::test_unit_id id) {
    boost::test_tools::assertion_result result(true);
    std::error_code ignored;
    if (std::filesystem::status(data_dir() / folder, ignored).type() ==
        std::filesystem::file_type::not_found) {
      const auto& unit = boost::unit_test::framework::get(id, boost::unit_test::TUT_ANY);
      std::cout << "NOT RUN: " << unit.full_name() << " needs " << folder << "; set TESSERA_DATA_DIR\n";
      result = boost::test_tools::assertion_result(false);
      result.message() << folder << " is missing below TESSERA_DATA_DIR";
    }
    return result;
  });
}

inline nlohmann::json load_vectors(const std::string& file) {
  const std::filesystem::path path = data_dir() / file;
  std::ifstream stream(path);
  if (!stream) throw std::runtime_error("could not read " + path.string());
  return nlohmann::json::parse(stream);
}

/// Calls `check(group, test)` for every vector of a Wycheproof file whose group `wanted` accepts, and fails
/// when there are fewer than `least`, so that a cut file can't pass.
template <class Wanted, class Check>
void for_each_vector(const std::string& file, size_t least, Wanted wanted, Check check) {
  size_t count = 0;
  const nlohmann::json document = load_vectors("wycheproof/" + file);
  for (const auto& group : document.at("testGroups")) {
    if (!wanted(group)) continue;
    for (const auto& vector : group.at("tests")) {
      BOOST_TEST_CONTEXT(file << " #" << vector.at("tcId") << ' ' << vector.at("comment")) {
        check(group, vector);
      }
      ++count;
    }
  }
  BOOST_TEST(count >= least);
}

}  // namespace tessera::test
