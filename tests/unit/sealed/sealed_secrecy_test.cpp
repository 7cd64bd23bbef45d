// No file that was ever written holds plain content.
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "log_fixture.hpp"

namespace tessera::sealed::test {
namespace {

constexpr std::string_view kCanary = "canary-7f3a-plain";

struct Canaries {
  LogFolder log;
  FakeRoots& roots = log.roots;
  std::string file = log.dir / "export.tsf";

  /// Looks into every file of the folder.
  size_t canaries() const {
    size_t found = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(log.dir.path())) {
      const Bytes content = read_plain_file(entry.path().string());
      if (as_text(content).find(kCanary) != std::string_view::npos) ++found;
    }
    return found;
  }
};

BOOST_FIXTURE_TEST_SUITE(sealed_secrecy, Canaries)

BOOST_AUTO_TEST_CASE(no_plain_text_reaches_the_disk) {
  Bytes content;
  while (content.size() < 200'000) content.insert(content.end(), kCanary.begin(), kCanary.end());
  auto writer = FileWriter::create(file, roots, {.resumable = true});
  BOOST_REQUIRE(writer.ok());
  BOOST_REQUIRE((*writer)->write(content).ok());
  BOOST_TEST(canaries() == 0u);
  writer->reset();
  BOOST_TEST(canaries() == 0u);
  writer = FileWriter::resume(file, roots);
  BOOST_REQUIRE(writer.ok());
  BOOST_REQUIRE((*writer)->write(ByteView(content).subspan((*writer)->position())).ok());
  BOOST_REQUIRE((*writer)->finish().ok());

  BOOST_REQUIRE(log.append(std::vector<std::string>(200, std::string(kCanary))).ok());
  BOOST_TEST(exists(log.path + ".1"));
  BOOST_TEST(canaries() == 0u);

  write_plain_file(log.dir / "plain", content);  // the search does find one
  BOOST_TEST(canaries() == 1u);
}

BOOST_AUTO_TEST_CASE(equal_content_looks_different_each_time) {
  const Bytes content(1000, 'x');
  std::vector<Bytes> files;
  for (int i = 0; i < 2; ++i) {
    auto writer = FileWriter::create(file, roots);
    BOOST_REQUIRE(writer.ok());
    BOOST_REQUIRE((*writer)->write(content).ok());
    BOOST_REQUIRE((*writer)->finish().ok());
    files.push_back(read_plain_file(file));
  }
  BOOST_REQUIRE(files[0].size() == files[1].size());
  size_t equal = 0;
  for (size_t i = kHeaderBytes + 29; i < files[0].size(); ++i) equal += files[0][i] == files[1][i] ? 1 : 0;
  BOOST_TEST(equal < 30u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::sealed::test
