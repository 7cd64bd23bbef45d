// Verifying a licence offline next to the bare signature check of the same bytes, and asking for the verdict.
#include <sodium.h>
#include <tessera/tessera.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <tessera/tessera.hpp>

#include "harness.hpp"

namespace {

constexpr int kTags = 8;

/// Factors of the application's own, as many as this machine lacks for eight tags to match.
std::vector<tessera::AppFactor> app_factors() {
  std::vector<tessera::AppFactor> factors;
  const auto own = std::ranges::count(tessera::Hwid::probe().factors(), tessera::FactorState::kReadable,
                                      &tessera::Factor::state);
  for (auto i = static_cast<int>(own); i < kTags; ++i) {
    factors.push_back(
        {.name = "part" + std::to_string(i), .value = "serial-" + std::to_string(i * 7919), .weight = 3});
  }
  return factors;
}

struct Decoded {
  std::string signing_input;
  unsigned char signature[crypto_sign_BYTES];
  unsigned char key[crypto_sign_PUBLICKEYBYTES];
};

void decode(const std::string& text, unsigned char* out, size_t size) {
  if (sodium_base642bin(out, size, text.data(), text.size(), nullptr, nullptr, nullptr,
                        sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
    std::abort();
}

}  // namespace

int main() {
  using namespace tessera::bench;
  if (sodium_init() < 0) return 1;
  std::string folder_name = (std::filesystem::temp_directory_path() / "tessera-bench-XXXXXX").string();
  if (mkdtemp(folder_name.data()) == nullptr) return 1;
  const std::filesystem::path folder = folder_name;

  const auto root = tessera::Key::generate(tessera::KeyType::kEd25519);
  const auto key = tessera::Key::generate(tessera::KeyType::kEd25519);
  const tessera::IssuerConfig names{.issuer = "bench", .product = "bench"};
  const auto keyset =
      tessera::Issuer::open(names, root).keyset({.seq = 1, .keys = {{.public_key = key.public_key()}}});
  const tessera::AppConfig config{.product = "bench",
                                  .data_dir = folder.string(),
                                  .trusted_keys = {root.public_key()},
                                  .keystore = tessera::Keystore::kFile,
                                  .memory_dir = (folder / "memory").string(),
                                  .app_factors = app_factors()};
  auto license = tessera::License::open(config);
  const std::string token =
      tessera::Issuer::open(names, key)
          .issue(license.request(), {.sku = "pro",
                                     .subject = "ana@example.com",
                                     .days = 365,
                                     .entitlements = {{"export", true}, {"copies", 50}}});
  license.import_bundle(keyset + "\n" + token + "\n");

  Decoded bare;
  bare.signing_input = token.substr(0, token.rfind('.'));
  decode(token.substr(token.rfind('.') + 1), bare.signature, sizeof bare.signature);
  decode(key.public_key(), bare.key, sizeof bare.key);

  // Measured through the C functions: the floor of every binding.
  const std::string config_json = config.to_json();
  tsr_license* handle = nullptr;
  if (tsr_license_open(tsr_str_of(config_json.c_str()), &handle, nullptr) != TSR_OK) return 1;

  compare(
      {"license/offline_check", kMicroseconds},
      [&] {
        tsr_verdict* verdict = nullptr;
        if (tsr_license_verify(handle, token.data(), token.size(), &verdict, nullptr) != TSR_OK ||
            !tsr_verdict_usable(verdict))
          std::abort();
        tsr_verdict_free(verdict);
      },
      "libsodium crypto_sign_verify_detached of the same bytes",
      [&] {
        if (crypto_sign_verify_detached(bare.signature,
                                        reinterpret_cast<const unsigned char*>(bare.signing_input.data()),
                                        bare.signing_input.size(), bare.key) != 0)
          std::abort();
      });

  constexpr double kLimitNanoseconds = 150.0;
  compare_with_limit(
      {"license/cached_verdict", kNanoseconds},
      [&] {
        tsr_verdict* verdict = nullptr;
        if (tsr_license_check(handle, &verdict, nullptr) != TSR_OK || !tsr_verdict_usable(verdict))
          std::abort();
        tsr_verdict_free(verdict);
      },
      kLimitNanoseconds);
  tsr_license_free(handle);
  std::filesystem::remove_all(folder);
  return 0;
}
