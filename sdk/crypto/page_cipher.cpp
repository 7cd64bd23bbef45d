#include "crypto/page_cipher.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include "crypto/openssl.hpp"

namespace tessera {
namespace {

constexpr size_t kVectorBytes = 16;
constexpr size_t kTagBytes = 64;
constexpr size_t kCipherEnd = PageCipher::kPageBytes - PageCipher::kReservedBytes;
constexpr uint8_t kSaltMask = 0x3a;  // SQLCipher's: the key of the tags has a salt of its own
constexpr std::string_view kMagic{"SQLite format 3\0", PageCipher::kSaltBytes};
static_assert(kVectorBytes + kTagBytes == PageCipher::kReservedBytes);

using Tag = std::array<uint8_t, kTagBytes>;
using MacContextPtr = Owned<EVP_MAC_CTX, EVP_MAC_CTX_free>;
using CipherContextPtr = Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

EVP_MAC* hmac() {
  static EVP_MAC* const mac = EVP_MAC_fetch(openssl_library(), "HMAC", nullptr);
  if (mac == nullptr) throw std::runtime_error("OpenSSL offers no HMAC");
  return mac;
}

const EVP_CIPHER* page_cipher() {
  static EVP_CIPHER* const cipher = EVP_CIPHER_fetch(openssl_library(), "AES-256-CBC", nullptr);
  if (cipher == nullptr) throw std::runtime_error("OpenSSL offers no AES-256-CBC");
  return cipher;
}

/// HMAC-SHA512 under `key`, ready for any number of messages.
MacContextPtr keyed(ByteView key) {
  MacContextPtr context(EVP_MAC_CTX_new(hmac()));
  if (!context) throw std::bad_alloc();
  char digest[] = "SHA512";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  if (EVP_MAC_init(context.get(), key.data(), key.size(), parameters) != 1)
    throw std::runtime_error("OpenSSL could not start HMAC-SHA512");
  return context;
}

/// The tag of what `parts` are together; the context is ready for the next message afterwards.
Tag tag_of(EVP_MAC_CTX* context, std::initializer_list<ByteView> parts) {
  Tag tag{};
  size_t size = 0;
  bool done = true;
  for (const ByteView part : parts) done = done && EVP_MAC_update(context, part.data(), part.size()) == 1;
  done = done && EVP_MAC_final(context, tag.data(), &size, tag.size()) == 1 && size == tag.size();
  done = done && EVP_MAC_init(context, nullptr, 0, nullptr) == 1;
  if (!done) throw std::runtime_error("OpenSSL could not compute HMAC-SHA512");
  return tag;
}

/// PBKDF2-HMAC-SHA512 with two rounds, as SQLCipher derives the key of the tags from the data key.
Key256 tag_key(ByteView key, ByteView salt) {
  constexpr std::array<uint8_t, 4> kFirstBlock = {0, 0, 0, 1};
  std::array<uint8_t, PageCipher::kSaltBytes> masked{};
  std::transform(salt.begin(), salt.end(), masked.begin(),
                 [](uint8_t byte) { return static_cast<uint8_t>(byte ^ kSaltMask); });
  const MacContextPtr context = keyed(key);
  Tag first = tag_of(context.get(), {masked, kFirstBlock});
  Tag second = tag_of(context.get(), {first});
  Key256 derived{};
  for (size_t i = 0; i < derived.size(); ++i) derived[i] = first[i] ^ second[i];
  wipe(first.data(), first.size());
  wipe(second.data(), second.size());
  return derived;
}

}  // namespace

struct PageCipher::State {
  SecretBytes key;
  MacContextPtr mac;
};

PageCipher::PageCipher(std::unique_ptr<State> state) : state_(std::move(state)) {}
PageCipher::PageCipher(PageCipher&& other) noexcept = default;
PageCipher::~PageCipher() = default;

Result<PageCipher> PageCipher::create(ByteView key, ByteView salt) {
  if (key.size() != std::tuple_size_v<Key256> || salt.size() != kSaltBytes)
    return Error{ErrorCode::kARG, "crypto", "a database key is 32 bytes and its salt 16", {}};
  const ErrorQueueKept kept;
  Key256 derived = tag_key(key, salt);
  auto state = std::make_unique<State>(State{SecretBytes(key), keyed(derived)});
  wipe(derived.data(), derived.size());
  return PageCipher(std::move(state));
}

bool PageCipher::authentic(Page page, uint32_t number) {
  const ErrorQueueKept kept;
  const size_t start = number == 1 ? kSaltBytes : 0;
  const std::array<uint8_t, 4> place = {
      static_cast<uint8_t>(number & 0xff), static_cast<uint8_t>(number >> 8 & 0xff),
      static_cast<uint8_t>(number >> 16 & 0xff), static_cast<uint8_t>(number >> 24)};
  const Tag tag = tag_of(state_->mac.get(), {page.subspan(start, kCipherEnd + kVectorBytes - start), place});
  return equal_constant_time(tag, page.last(kTagBytes));
}

bool PageCipher::open(Page page, uint32_t number, PlainPage plain) {
  if (!authentic(page, number)) return false;
  const ErrorQueueKept kept;
  const size_t start = number == 1 ? kSaltBytes : 0;
  const CipherContextPtr context(EVP_CIPHER_CTX_new());
  if (!context) throw std::bad_alloc();
  int count = 0;
  const bool done = EVP_DecryptInit_ex2(context.get(), page_cipher(), state_->key.view().data(),
                                        page.subspan(kCipherEnd, kVectorBytes).data(), nullptr) == 1 &&
                    EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
                    EVP_DecryptUpdate(context.get(), plain.data() + start, &count, page.data() + start,
                                      static_cast<int>(kCipherEnd - start)) == 1 &&
                    static_cast<size_t>(count) == kCipherEnd - start;
  if (!done) throw std::runtime_error("OpenSSL could not decrypt a page");
  std::copy_n(kMagic.begin(), start, plain.begin());
  std::fill(plain.begin() + kCipherEnd, plain.end(), uint8_t{0});
  return true;
}

}  // namespace tessera
