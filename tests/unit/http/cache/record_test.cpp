#include "http/cache/record.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <limits>

#include "base/big_endian.hpp"
#include "crypto/crypto.hpp"

namespace tessera::http {

BOOST_AUTO_TEST_SUITE(cache_record)

constexpr size_t kPrefixBytes = 18;
constexpr int64_t kStartMs = 1'780'000'000'000;

Entry entry_of(Headers headers, std::string_view body) {
  return {false, 200, std::move(headers), to_bytes(body), kStartMs, kStartMs + 80};
}

Bytes written(const Entry& entry) { return write_record(entry).value(); }

/// As a writer of such content would have made it.
Bytes framed(uint8_t kind, ByteView content) {
  const Key256 digest = blake2b_256({}, {{&kind, 1}, content});
  Bytes record{1, kind};
  record.insert(record.end(), digest.begin(), digest.begin() + 16);
  record.insert(record.end(), content.begin(), content.end());
  return record;
}

bool is_miss(ByteView bytes) { return std::holds_alternative<std::monostate>(read_record(bytes)); }

/// The content of a response's record, from its numbers on.
struct Raw {
  uint64_t head = 0, status = 200, request_ms = 1, response_ms = 1, fields = 0;
  Bytes rest = {};

  Bytes record() const {
    Bytes content;
    put_big_endian(head, 1, &content);
    put_big_endian(status, 2, &content);
    put_big_endian(request_ms, 8, &content);
    put_big_endian(response_ms, 8, &content);
    put_big_endian(fields, 2, &content);
    content.insert(content.end(), rest.begin(), rest.end());
    return framed(1, content);
  }
};

Bytes field(std::string_view name, std::string_view value) {
  Bytes bytes;
  put_big_endian(name.size(), 2, &bytes);
  put_big_endian(value.size(), 4, &bytes);
  bytes.insert(bytes.end(), name.begin(), name.end());
  bytes.insert(bytes.end(), value.begin(), value.end());
  return bytes;
}

BOOST_AUTO_TEST_CASE(a_response_comes_back_as_it_was) {
  const Entry entry =
      entry_of({{"ETag", "\"a\""}, {"X-Twice", "1"}, {"x-twice", ""}, {"X-\xC3\xA9", "no token"}}, "");
  BOOST_TEST(!write_record(entry).has_value());

  Entry whole = entry_of({{"ETag", "\"a\""}, {"X-Twice", "1"}, {"x-twice", ""}, {"Via", "caf\xC3\xA9"}},
                         std::string_view("body\0\xFF", 6));
  whole.status = 404;
  const Record record = read_record(written(whole));
  const Entry& read = std::get<Entry>(record);
  BOOST_TEST(!read.is_head);
  BOOST_TEST(read.status == 404);
  BOOST_TEST(read.request_ms == kStartMs);
  BOOST_TEST(read.response_ms == kStartMs + 80);
  BOOST_TEST(read.body == whole.body, boost::test_tools::per_element());
  BOOST_REQUIRE(read.headers.size() == 4U);
  for (size_t i = 0; i < 4; ++i) {
    BOOST_TEST(read.headers[i].name == whole.headers[i].name);
    BOOST_TEST(read.headers[i].value == whole.headers[i].value);
  }
  BOOST_TEST(written(read) == written(whole), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_response_to_head_comes_back_as_one) {
  Entry entry = entry_of({}, "");
  entry.is_head = true;
  BOOST_TEST(std::get<Entry>(read_record(written(entry))).is_head);
  entry.body = {1};
  BOOST_TEST(!write_record(entry).has_value());
}

BOOST_AUTO_TEST_CASE(variants_come_back) {
  const Variants variants{{1, 2, 3}, "accept,origin"};
  const Record record = read_record(write_record(variants));
  BOOST_TEST(std::get<Variants>(record).names == "accept,origin");
  BOOST_TEST(std::get<Variants>(record).salt == variants.salt, boost::test_tools::per_element());
  BOOST_TEST(is_miss(write_record(Variants{{}, ""})));
  BOOST_TEST(is_miss(framed(2, Bytes(15, 1))));
  BOOST_TEST(!is_miss(framed(2, Bytes(16 + 4096, 'a'))));
  BOOST_TEST(is_miss(framed(2, Bytes(16 + 4097, 'a'))));
}

BOOST_AUTO_TEST_CASE(the_layout_stays) {
  const Bytes record = written({false, 200, {{"a", "bc"}}, {9}, 258, 259});
  const Bytes content{0, 0, 200, 0, 0, 0, 0, 0, 0, 1, 2, 0,   0,   0,   0, 0,
                      0, 1, 3,   0, 1, 0, 1, 0, 0, 0, 2, 'a', 'b', 'c', 9};
  BOOST_TEST(record == framed(1, content), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(damage_anywhere_is_a_miss) {
  for (const Bytes& record :
       {written(entry_of({{"ETag", "\"a\""}}, "body")), write_record(Variants{{1}, "accept"})}) {
    size_t misses = 0;
    for (size_t place = 0; place < record.size(); ++place) {
      Bytes damaged = record;
      damaged[place] ^= 0x01;
      if (is_miss(damaged)) ++misses;
    }
    BOOST_TEST(misses == record.size());
    for (size_t size = 0; size < record.size(); ++size) BOOST_TEST(is_miss(ByteView(record).first(size)));
    Bytes longer = record;
    longer.push_back(0);
    BOOST_TEST(is_miss(longer));
  }
}

BOOST_AUTO_TEST_CASE(another_version_or_kind_is_a_miss) {
  const Bytes record = written(entry_of({}, "body"));
  BOOST_TEST(!is_miss(record));
  Bytes later = record;
  later[0] = 2;
  BOOST_TEST(is_miss(later));
  const ByteView content = ByteView(record).subspan(kPrefixBytes);
  BOOST_TEST(is_miss(framed(0, content)));
  BOOST_TEST(is_miss(framed(3, content)));
}

BOOST_AUTO_TEST_CASE(content_that_was_never_written_is_a_miss_with_a_digest_that_fits) {
  BOOST_TEST(!is_miss(Raw{}.record()));
  const auto big = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  const Raw rows[] = {
      {.head = 2},
      {.head = 1, .rest = {1}},
      {.status = 199},
      {.status = 600},
      {.request_ms = big},
      {.response_ms = big},
      {.response_ms = ~uint64_t{0}},
      {.fields = 1},
      {.fields = 0xFFFF},
      {.fields = 1, .rest = {0, 1, 0, 0, 0, 2, 'a', 'b'}},
      {.fields = 1, .rest = {0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 'a', 'b'}},
      {.fields = 1, .rest = field("", "x")},
      {.fields = 1, .rest = field("a b", "x")},
      {.fields = 1, .rest = field("a", "x\r\nb: c")},
      {.fields = 1, .rest = field("a", std::string((256 << 10) - 6, 'x'))},
  };
  for (const Raw& raw : rows) {
    BOOST_TEST_CONTEXT("row " << &raw - rows) { BOOST_TEST(is_miss(raw.record())); }
  }
  BOOST_TEST(!is_miss(Raw{.fields = 1, .rest = field("a", std::string((256 << 10) - 7, 'x'))}.record()));
}

BOOST_AUTO_TEST_CASE(what_would_not_be_read_is_not_written) {
  const auto fails = [](const Entry& entry) { return !write_record(entry).has_value(); };
  BOOST_TEST(fails({false, 200, {{"a", std::string((256 << 10) - 6, 'x')}}, {}, 1, 1}));
  BOOST_TEST(!fails({false, 200, {{"a", std::string((256 << 10) - 7, 'x')}}, {}, 1, 1}));
  BOOST_TEST(fails({false, 200, {{std::string(65'536, 'n'), "x"}}, {}, 1, 1}));
  BOOST_TEST(fails({false, 200, {{"a", "\n"}}, {}, 1, 1}));
  BOOST_TEST(fails({false, 100, {}, {}, 1, 1}));
  BOOST_TEST(fails({false, 200, {}, {}, -1, 1}));
  BOOST_TEST(fails({false, 200, {}, {}, 1, 253'402'300'800'000}));
  Headers many;
  for (int i = 0; i < 4096; ++i) many.add("a", "");
  BOOST_TEST(!fails({false, 200, many, {}, 1, 1}));
  many.add("a", "");
  BOOST_TEST(fails({false, 200, many, {}, 1, 1}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
