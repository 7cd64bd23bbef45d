// Pages sealed as SQLCipher 4 does, by OpenSSL's ready-made functions; salvage reads those of SQLCipher
// itself.
#include "crypto/page_cipher.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <numeric>
#include <optional>

namespace tessera {
namespace {

constexpr size_t kCipherEnd = PageCipher::kPageBytes - PageCipher::kReservedBytes;
constexpr size_t kTagAt = PageCipher::kPageBytes - 64;

Bytes counted(size_t size, int first) {
  Bytes bytes(size);
  std::iota(bytes.begin(), bytes.end(), static_cast<uint8_t>(first));
  return bytes;
}

const Bytes kKey = counted(32, 1);
const Bytes kSalt = counted(16, 101);

/// Page `number` with the first kCipherEnd bytes of `plain` in it.
Bytes sealed(const Bytes& plain, uint8_t number) {
  const size_t start = number == 1 ? kSalt.size() : 0;
  Bytes page(PageCipher::kPageBytes);
  std::copy_n(kSalt.begin(), start, page.begin());
  const Bytes vector = counted(16, 51);
  std::copy(vector.begin(), vector.end(), page.begin() + kCipherEnd);
  EVP_CIPHER_CTX* const context = EVP_CIPHER_CTX_new();
  int size = 0;
  BOOST_REQUIRE(EVP_EncryptInit_ex(context, EVP_aes_256_cbc(), nullptr, kKey.data(), vector.data()) == 1);
  BOOST_REQUIRE(EVP_EncryptUpdate(context, page.data() + start, &size, plain.data() + start,
                                  static_cast<int>(kCipherEnd - start)) == 1);
  EVP_CIPHER_CTX_free(context);

  Bytes masked = kSalt;
  for (uint8_t& byte : masked) byte ^= 0x3a;
  Bytes tag_key(32);
  BOOST_REQUIRE(PKCS5_PBKDF2_HMAC(reinterpret_cast<const char*>(kKey.data()), static_cast<int>(kKey.size()),
                                  masked.data(), static_cast<int>(masked.size()), 2, EVP_sha512(),
                                  static_cast<int>(tag_key.size()), tag_key.data()) == 1);
  Bytes tagged(page.begin() + static_cast<std::ptrdiff_t>(start), page.begin() + kTagAt);
  tagged.insert(tagged.end(), {number, 0, 0, 0});
  BOOST_REQUIRE(HMAC(EVP_sha512(), tag_key.data(), static_cast<int>(tag_key.size()), tagged.data(),
                     tagged.size(), page.data() + kTagAt, nullptr) != nullptr);
  return page;
}

/// What `page` holds; nothing when it is refused, and then nothing may have been given out.
std::optional<Bytes> opened(PageCipher& cipher, const Bytes& page, uint32_t number) {
  const Bytes untouched(PageCipher::kPageBytes, 0xEE);
  Bytes plain = untouched;
  const PageCipher::Page view(page.data(), PageCipher::kPageBytes);
  const bool is_open = cipher.open(view, number, PageCipher::PlainPage(plain.data(), PageCipher::kPageBytes));
  BOOST_TEST(cipher.authentic(view, number) == is_open);
  if (is_open) return plain;
  BOOST_TEST((plain == untouched));
  return std::nullopt;
}

PageCipher cipher_of(const Bytes& key, const Bytes& salt) {
  auto cipher = PageCipher::create(key, salt);
  BOOST_REQUIRE(cipher.ok());
  return std::move(cipher).value();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(page_cipher)

BOOST_AUTO_TEST_CASE(a_page_comes_back_with_zeros_at_its_end) {
  PageCipher cipher = cipher_of(kKey, kSalt);
  Bytes plain = counted(PageCipher::kPageBytes, 7);
  std::fill(plain.begin() + kCipherEnd, plain.end(), uint8_t{0});
  BOOST_CHECK(opened(cipher, sealed(plain, 2), 2) == plain);
  BOOST_CHECK(opened(cipher, sealed(plain, 255), 255) == plain);
}

BOOST_AUTO_TEST_CASE(the_first_page_begins_as_sqlite_wants) {
  PageCipher cipher = cipher_of(kKey, kSalt);
  Bytes plain = counted(PageCipher::kPageBytes, 7);
  const Bytes page = sealed(plain, 1);
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  std::copy(kMagic.begin(), kMagic.end(), plain.begin());
  std::fill(plain.begin() + kCipherEnd, plain.end(), uint8_t{0});
  BOOST_CHECK(opened(cipher, page, 1) == plain);
}

BOOST_AUTO_TEST_CASE(a_page_opens_in_its_place_only) {
  PageCipher cipher = cipher_of(kKey, kSalt);
  const Bytes page = sealed(counted(PageCipher::kPageBytes, 7), 2);
  for (const uint32_t number : {1u, 3u, 0x200u, 0x02000000u}) BOOST_CHECK(!opened(cipher, page, number));
}

BOOST_AUTO_TEST_CASE(no_changed_bit_is_taken) {
  PageCipher cipher = cipher_of(kKey, kSalt);
  const Bytes page = sealed(counted(PageCipher::kPageBytes, 7), 2);
  for (const size_t at : {size_t{0}, kCipherEnd - 1, kCipherEnd, kTagAt - 1, kTagAt, page.size() - 1}) {
    Bytes changed = page;
    changed[at] ^= 0x80;
    BOOST_CHECK(!opened(cipher, changed, 2));
  }
  BOOST_CHECK(opened(cipher, page, 2));
}

BOOST_AUTO_TEST_CASE(another_key_or_salt_opens_nothing) {
  const Bytes page = sealed(counted(PageCipher::kPageBytes, 7), 2);
  PageCipher other_key = cipher_of(counted(32, 2), kSalt);
  PageCipher other_salt = cipher_of(kKey, counted(16, 102));
  BOOST_CHECK(!opened(other_key, page, 2));
  BOOST_CHECK(!opened(other_salt, page, 2));
}

BOOST_AUTO_TEST_CASE(wrong_sizes_are_refused) {
  const auto code = [](size_t key, size_t salt) {
    const auto cipher = PageCipher::create(Bytes(key), Bytes(salt));
    return cipher.ok() ? 0 : static_cast<int>(cipher.error().code);
  };
  for (const size_t key : {0u, 31u, 33u}) BOOST_TEST(code(key, 16) == static_cast<int>(ErrorCode::kARG));
  for (const size_t salt : {0u, 15u, 17u}) BOOST_TEST(code(32, salt) == static_cast<int>(ErrorCode::kARG));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
