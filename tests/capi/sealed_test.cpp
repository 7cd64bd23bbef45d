// Encrypted files and the encrypted log beside a store.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "child_process.hpp"
#include "store_fixture.hpp"

namespace tessera::test {
namespace {

namespace fs = std::filesystem;

struct Opened : StoreFixture {
  std::string file() const { return folder / "photo.tsf"; }
  tsr_status keep(std::string_view content) {
    return tsr_sealed_put(store.get(), str(file()), content.data(), content.size(), failure.out());
  }
  std::string whole() {
    return made_text(
        [&](tsr_buf* out, tsr_error** err) { return tsr_sealed_get(store.get(), str(file()), out, err); });
  }
  static std::string pattern(size_t size) {
    std::string content(size, '\0');
    for (size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i * 7 % 251);
    return content;
  }
  Store store = open_store();
  Failure failure;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sealed, Opened)

BOOST_AUTO_TEST_CASE(content_of_any_size_comes_back) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{65'536}, size_t{200'000}}) {
    const std::string content = pattern(size);
    BOOST_TEST_CONTEXT(size) {
      BOOST_TEST(keep(content) == TSR_OK, tsr_error_text(failure.get()));
      BOOST_TEST((whole() == content));
    }
  }
}

BOOST_AUTO_TEST_CASE(is_read_at_any_place) {
  const std::string content = pattern(200'000);
  BOOST_REQUIRE(keep(content) == TSR_OK);
  SealedReader reader;
  require_ok(tsr_sealed_open(store.get(), str(file()), reader.out(), failure.out()), failure);
  BOOST_TEST(tsr_sealed_size(reader.get()) == 200'000);
  std::string part(1000, '\0');
  size_t read = 0;
  for (const int64_t offset :
       {int64_t{0}, int64_t{65'000}, int64_t{131'072}, int64_t{199'500}, int64_t{200'000}}) {
    BOOST_TEST(tsr_sealed_read(reader.get(), offset, part.data(), part.size(), &read, nullptr) == TSR_OK);
    const auto expected = content.substr(static_cast<size_t>(offset), 1000);
    BOOST_TEST((part.substr(0, read) == expected));
  }
  BOOST_TEST(tsr_sealed_read(reader.get(), -1, part.data(), 1, &read, nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_sealed_read(reader.get(), 0, nullptr, 1, &read, nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_sealed_read(reader.get(), 0, part.data(), 1, nullptr, nullptr) == TSR_E_ARG);
  ChildProcess child([&] {
    size_t mine = 0;
    return tsr_sealed_read(reader.get(), 0, part.data(), 1, &mine, nullptr) == TSR_E_FORKED ? 0 : 1;
  });
  BOOST_TEST(child.wait() == 0);
}

BOOST_AUTO_TEST_CASE(an_unfinished_file_goes_on) {
  const std::string content = pattern(300'000);
  SealedWriter writer;
  int64_t offset = -1;
  require_ok(tsr_sealed_create(store.get(), str(file()), 0, writer.out(), &offset, failure.out()), failure);
  BOOST_TEST(offset == 0);
  BOOST_TEST(tsr_sealed_write(writer.get(), content.data(), 150'000, nullptr) == TSR_OK);
  writer = SealedWriter();
  BOOST_TEST(!fs::exists(file()));
  require_ok(
      tsr_sealed_create(store.get(), str(file()), TSR_SEALED_RESUME, writer.out(), &offset, failure.out()),
      failure);
  BOOST_TEST(offset > 0);
  BOOST_TEST(offset <= 150'000);
  const std::string rest = content.substr(static_cast<size_t>(offset));
  BOOST_TEST(tsr_sealed_write(writer.get(), rest.data(), rest.size(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_sealed_finish(writer.get(), failure.out()) == TSR_OK, tsr_error_text(failure.get()));
  BOOST_TEST(tsr_sealed_write(writer.get(), "x", 1, nullptr) == TSR_E_STATE);
  BOOST_TEST((whole() == content));
  require_ok(tsr_sealed_create(store.get(), str(folder / "new"), TSR_SEALED_RESUME, writer.out(), &offset,
                               failure.out()),
             failure);
  BOOST_TEST(offset == 0);
  BOOST_TEST(tsr_sealed_create(store.get(), str(file()), 2, writer.out(), nullptr, nullptr) == TSR_E_ARG);
}

BOOST_AUTO_TEST_CASE(damage_and_other_stores_are_found) {
  BOOST_REQUIRE(keep(pattern(100'000)) == TSR_OK);
  Buffer out;
  SealedReader reader;
  BOOST_TEST(tsr_sealed_open(store.get(), str(folder / "none"), reader.out(), nullptr) == TSR_E_NOT_FOUND);
  auto elsewhere = config();
  elsewhere["path"] = folder / "other.tdb";
  const Store other = open_store(elsewhere);
  BOOST_TEST(tsr_sealed_open(other.get(), str(file()), reader.out(), failure.out()) == TSR_E_CRYPTO);
  fs::resize_file(file(), fs::file_size(file()) - 10);
  BOOST_TEST(tsr_sealed_open(store.get(), str(file()), reader.out(), failure.out()) == TSR_E_CORRUPT);
  BOOST_REQUIRE(keep(pattern(100'000)) == TSR_OK);
  {
    std::fstream raw(file(), std::ios::binary | std::ios::in | std::ios::out);
    raw.seekp(20'000);
    raw.put('x');
    raw.put('y');
  }
  BOOST_TEST(tsr_sealed_get(store.get(), str(file()), out.out(), failure.out()) == TSR_E_CORRUPT);
  BOOST_TEST(out.get().data == nullptr);
}

BOOST_AUTO_TEST_CASE(a_file_outlives_a_rotation_of_the_data_key) {
  BOOST_REQUIRE(keep("kept") == TSR_OK);
  const auto secrets = with_passphrase(kPassphrase);
  require_ok(tsr_store_rotate_data_key(store.get(), &secrets, nullptr, failure.out()), failure);
  BOOST_TEST(whole() == "kept");
}

BOOST_AUTO_TEST_CASE(a_log_is_written_and_read) {
  const std::string path = folder / "app.log";
  SealedLog log, second;
  require_ok(tsr_sealed_log_open(store.get(), str(path), 0, 0, log.out(), failure.out()), failure);
  for (const std::string_view record : {"one", "two", ""}) {
    BOOST_TEST(tsr_sealed_log_append(log.get(), record.data(), record.size(), nullptr) == TSR_OK);
  }
  BOOST_TEST(tsr_sealed_log_flush(log.get(), nullptr) == TSR_OK);
  Rowset rows;
  require_ok(tsr_sealed_log_read(store.get(), str(path), rows.out(), failure.out()), failure);
  BOOST_REQUIRE(tsr_rowset_count(rows.get()) == 3U);
  BOOST_TEST(content_of(cell(rows.get(), 0, "record")) == "one");
  BOOST_TEST(cell(rows.get(), 0, "problem").type == TSR_VALUE_NULL);
  const std::string too_long((size_t{1} << 20) + 1, 'x');
  BOOST_TEST(tsr_sealed_log_append(log.get(), too_long.data(), too_long.size(), nullptr) == TSR_E_LIMIT);
  log = SealedLog();
  BOOST_TEST(tsr_sealed_log_open(store.get(), str(path), -1, 0, log.out(), nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_sealed_log_open(store.get(), str(path), 0, -1, log.out(), nullptr) == TSR_E_ARG);
  std::ifstream raw(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(raw), {}};
  BOOST_TEST(content.find("two") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_log_rotates_and_tells_what_is_damaged) {
  const std::string path = folder / "app.log";
  const std::string record(1000, 'r');
  {
    SealedLog log;
    require_ok(tsr_sealed_log_open(store.get(), str(path), 8192, 3, log.out(), failure.out()), failure);
    for (int i = 0; i < 60; ++i)
      BOOST_REQUIRE(tsr_sealed_log_append(log.get(), record.data(), record.size(), nullptr) == TSR_OK);
  }
  BOOST_TEST(fs::exists(path + ".2"));
  BOOST_TEST(!fs::exists(path + ".3"));
  {
    std::fstream raw(path + ".1", std::ios::binary | std::ios::in | std::ios::out);
    raw.seekp(3000);
    raw.put('x');
    raw.put('y');
  }
  Rowset rows;
  require_ok(tsr_sealed_log_read(store.get(), str(path), rows.out(), failure.out()), failure);
  size_t problems = 0, records = 0;
  for (size_t i = 0; i < tsr_rowset_count(rows.get()); ++i) {
    const bool is_record = cell(rows.get(), i, "record").type == TSR_VALUE_BLOB;
    ++(is_record ? records : problems);
    if (!is_record) BOOST_TEST(cell(rows.get(), i, "problem").type == TSR_VALUE_TEXT);
  }
  BOOST_TEST(problems == 1U);
  BOOST_TEST(records > 7U);
}

BOOST_AUTO_TEST_CASE(paths_are_checked) {
  for (const std::string& bad : {std::string(), std::string("a\0b", 3)}) {
    BOOST_TEST(tsr_sealed_put(store.get(), str(bad), "x", 1, nullptr) == TSR_E_ARG);
  }
}

BOOST_AUTO_TEST_CASE(the_twins) {
  const void* const data = "content";
  BOOST_TEST(tsr_op_void(ended_op(tsr_sealed_put_async, store.get(), str(file()), data, size_t{7}).get(),
                         nullptr) == TSR_OK);
  Buffer out;
  BOOST_TEST(tsr_op_buf(ended_op(tsr_sealed_get_async, store.get(), str(file())).get(), out.out(), nullptr) ==
             TSR_OK);
  BOOST_TEST(out.text() == "content");
  const std::string path = folder / "app.log";
  {
    SealedLog log;
    require_ok(tsr_sealed_log_open(store.get(), str(path), 0, 0, log.out(), failure.out()), failure);
    BOOST_REQUIRE(tsr_sealed_log_append(log.get(), "x", 1, nullptr) == TSR_OK);
  }
  Rowset rows;
  BOOST_TEST(tsr_op_rowset(ended_op(tsr_sealed_log_read_async, store.get(), str(path)).get(), rows.out(),
                           nullptr) == TSR_OK);
  BOOST_TEST(tsr_rowset_count(rows.get()) == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
