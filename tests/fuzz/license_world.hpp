// A vendor with fixed keys and one machine, so that hostile documents can be signed: behind a signature that
// does not fit, no mutation would reach the claims.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "fakes.hpp"
#include "hwid/factors.hpp"
#include "license/import.hpp"
#include "license/issuer.hpp"
#include "license/snapshot.hpp"
#include "text/base64url.hpp"

namespace tessera::fuzz {

inline constexpr int64_t kNowMs = 1'780'000'000'000;
inline constexpr int64_t kNow = kNowMs / 1000;
inline constexpr const char* kIssuer = "acme";
inline constexpr const char* kProduct = "player";

inline void require(bool holds) {
  if (!holds) __builtin_trap();
}
template <class T>
T require(Result<T> result) {
  require(result.ok());
  return std::move(result).value();
}

inline Ed25519Key key_of(uint8_t seed) { return require(Ed25519Key::from_seed(Bytes(32, seed))); }

/// Guards nothing: it signs what a fuzzer makes up.
inline constexpr const char* kRsaKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQCozkWG8VJ1wrnv\n"
    "eRWQgPJnKSjuiFbRInMe8L8RMY1mdHstgCxY60TXrZSHtqOCdvA7msc2EndT3CbB\n"
    "0JyXcIphyufLG/9WgdA1ziFmcsQlpBp4O+obODCC5xdn9hlZ8dxVi5JvRCNs0BOg\n"
    "7fXiEIz2W41x9Wn6+P+P1kQWGtH/MPvJUyjo/GBbHgiJQRpNfCwc+MoOnPsnD7h0\n"
    "3wPus2NDF023MJ3N3m8Sc0Hq7ex4JO5xIXxkBPtAQXu+WHLmDefRQ6Q+Pso1ZGbx\n"
    "XtuAL2E037b5k/W73lk84BWCfr2atQqwm2Xm/p5YGn37PGIyJBk+3St0qcHGx3tv\n"
    "FaJvs0VtAgMBAAECggEAO/rTFJAxyxsOQytkgKx4tTQYUa1LH9NcUV2cnmjbg9CW\n"
    "pgO5fjzWgMYyFQjNz4EgeiVUbH+iO79pXAuaYGsCGJ5mvzIrB5tnln6wOn1D+dX1\n"
    "+8vaMqLEBfdDx1JYDrAUKKdHuFZfOf4zQ0baS+GynKTKPPhFGIKaGAs7tRkBjelP\n"
    "Rk1BmCZ3ToHDXRxam46dSyAZyUpEBLF7FaSt3N5zuIBHtQdjxox4wfliM1OeCX2J\n"
    "YgGX663R5YhyGplu7XsBQ0LkxYzs8v3miQiUDMHy01eQ07W0WjXxskJDKXc3I3UP\n"
    "zp8VFvM/FguLGTw9xvFJspV6BvghjdUwFOpeTQYZlwKBgQDczbTfYfKU3HQXT8rg\n"
    "XCyn7Gcvg4bMPuXXFGkokLZlIPCe/u9/BerFBFTzG4XegGMnwDhbmLeqsdbMuKAN\n"
    "qkvLuULc5P0us7lpZcw4jSKp8oL3dZicRqhtUgcK/N7mRQoWquIyCv+mtQ+Y2YOE\n"
    "8yo159kdAkp/HzkvfYZb0BNIcwKBgQDDtrMjNIgLbujN9AZG9bupN/rDTvI4WcrY\n"
    "FJdkejuKCYDxOhvEOQtvMOqvnG/nyUUnwIyV7q0qhqP8WweGvK9oOe1f9JkBd3IV\n"
    "EQbuJvdqQInf4gOru+2zaJjsI5G619WEYaQqCUvk1x4Ie9ZqJGBsPki4d51AnwF4\n"
    "jz7Stv4inwKBgAEg8A7AQmwuYE2KM+BHuFa3Z6OfiX3byHL8ALmbW8NSkshNR04f\n"
    "6p5NMl33wwxrHZajbeZR9oZh2FY9j1vihfapoMTeSskFVCpMwel8FzRFMBQxvrD1\n"
    "z4CXjb+poT4OFkodX4Cf+8SPYmAGpJx2Xb3ezIZQb68Mqs8qVhh8DM0vAoGABVeu\n"
    "ai6b7Bv59O1NYpCAr+zcRoqYKBujYuSlAVQo3erGf09DxMZ93moqbeLKVzxyS9SA\n"
    "wfMC/R8xyMi/Wtk5vJGgPjdSGe0lyxds5gFgTaE3YkosKXr20SfwzLln1/7eUD/O\n"
    "GGuqi7OnmTmwL7OQgkPs/kQdoc71XlIit+PQ6icCgYBkn9erjYHvdc/JxAizHiA1\n"
    "N8nU9TvtDKzNzg4i3u6I/OjPi3QDZRn3Yw9aS8wlw1UVF/Z6EwTWfq/ezRPBoDZr\n"
    "ntD8d05XzoxJ/Jge/JeHmpecauEq8uzBMjTOuOwqLVgiDkmN8K33AsjUC4D1QrmV\n"
    "3hgRe0F0m2e0c3fJdfToMg==\n"
    "-----END PRIVATE KEY-----\n";

inline std::string header_of(DocumentType type, const Ed25519Key& key) {
  return dump_json(
      {{"alg", "Ed25519"}, {"typ", document_typ(type)}, {"kid", ed25519_thumbprint(key.public_key())}});
}

inline std::string signed_text(std::string_view header, std::string_view claims, const Ed25519Key& key) {
  std::string token = base64url_encode(as_bytes(header)) + "." + base64url_encode(as_bytes(claims));
  const Ed25519Signature signature = key.sign(as_bytes(token));
  return token + "." + base64url_encode(signature);
}

inline std::string signed_claims(DocumentType type, std::string_view claims, const Ed25519Key& key) {
  return signed_text(header_of(type, key), claims, key);
}

inline std::shared_ptr<const hwid::LocalFactors> make_device() {
  namespace kind = hwid::kind;
  hwid::RawDevice raw;
  raw.offer(kind::kMachineId, hwid::normalize_machine_id("4d1c7b0e9a8f46d2b3c5e1f7a9082b64"));
  raw.offer(kind::kDmiUuid, hwid::normalize_uuid("6f1c2a9e-53d4-4b1e-9c7a-2f60d8b1e345"));
  raw.offer(kind::kDisk, hwid::normalize_disk_id("S4EVNX0M731825"));
  raw.offer(kind::kMac, hwid::normalize_mac({0x3c, 0x7c, 0x3f, 0x1d, 0x52, 0x9a}));
  raw.offer(kind::kModel, hwid::normalize_model({"ASUS", "PRIME X570"}));
  raw.cpu_names.emplace_back("AMD Ryzen 7 3700X");
  raw.interface_macs.emplace_back("3c:7c:3f:1d:52:9a");
  raw.environment.vm = "kvm";
  return std::make_shared<const hwid::LocalFactors>(std::move(raw));
}

/// Everything that stays the same from input to input.
struct World {
  World() {
    config.product = kProduct;
    config.user = "ana";
    config.trusted_keys = {root.public_key()};
    config.app_version = "2.1";
    config.build_date_s = kNow;
    config.expires_soon_s = 7 * kDaySeconds;
    config.key_location = KeyLocation::kFile;
    config.rsa_keys.push_back({"tiktrend", "", "trends",
                               require(RsaPublicKey::from_pem(require(rsa.public_pem()))), kDaySeconds,
                               3 * kDaySeconds});

    const auto trusted = [](const Ed25519Key& key, KeyUse use) {
      return TrustedKey{ed25519_thumbprint(key.public_key()), key.public_key(), use, 0, 0};
    };
    KeySet set;
    set.issuer = kIssuer;
    set.product = kProduct;
    set.issued_at = kNow - 30 * kDaySeconds;
    set.seq = 3;
    set.keys = {trusted(signer, KeyUse::kSign), trusted(retired, KeyUse::kVerifyOnly),
                trusted(revoked, KeyUse::kRevoked)};
    state.keyset = {sign_jws(DocumentType::kKeySet, write_claims(set), root)};
    state.install_key = std::make_shared<const Ed25519Key>(key_of(50));
    state.salt = to_bytes("0123456789abcdef");
    state.open_nonces = {{"open-1", kNowMs - 60'000}, {"open-2", kNowMs - 10 * kDaySeconds * 1000}};
    state.spent_nonces = {"spent-1"};
    state.signed_floor_ms = set.issued_at * 1000;
    state.mark_ms = kNowMs - 1000;
    require(!device->bind(kProduct, state.salt).factors.empty());
    require(snapshot().keys.has_value());
  }

  LicenseContext context() const { return {&config, device.get(), 0}; }
  Snapshot snapshot() const { return take_snapshot(state, context(), {}); }

  const Ed25519Key root = key_of(1), signer = key_of(101), retired = key_of(102), revoked = key_of(103);
  const RsaPrivateKey rsa = require(RsaPrivateKey::from_pem(kRsaKey));
  const std::shared_ptr<const hwid::LocalFactors> device = make_device();
  LicenseConfig config;
  LicenseState state;  // of an installation without a licence
};

inline const World& world() {
  static const World it;
  return it;
}

inline std::string signed_rs256(std::string_view claims) {
  std::string token = base64url_encode(as_bytes(R"({"alg":"RS256","typ":"JWT"})"));
  token += "." + base64url_encode(as_bytes(claims));
  return token + "." + base64url_encode(require(world().rsa.sign_rs256(as_bytes(token))));
}

/// What the licences of the fuzzers have in common: "L1", for one machine.
inline LicenseClaims node_license() {
  LicenseClaims claims;
  claims.issuer = kIssuer;
  claims.product = kProduct;
  claims.id = "L1";
  claims.subject = "ana";
  claims.sku = "pro";
  claims.kind = "node";
  return claims;
}

/// The first letter of an input says what the rest is:
///   L T E C M  claims of a licence, trial, lease, revocation list or time, to be signed with the signing key
///   K          claims of a key set, to be signed with the root key
///   R          claims of an RS256 token
///   H          header and claims with a tab in between, to be signed with the signing key
///   any other  a document as it is, which nobody signed
inline std::string document_of(std::string_view input) {
  const World& vendor = world();
  const std::string_view rest = input.substr(1);
  switch (input.front()) {
    case 'L':
      return signed_claims(DocumentType::kLicense, rest, vendor.signer);
    case 'T':
      return signed_claims(DocumentType::kTrial, rest, vendor.signer);
    case 'E':
      return signed_claims(DocumentType::kLease, rest, vendor.signer);
    case 'C':
      return signed_claims(DocumentType::kCrl, rest, vendor.signer);
    case 'M':
      return signed_claims(DocumentType::kTime, rest, vendor.signer);
    case 'K':
      return signed_claims(DocumentType::kKeySet, rest, vendor.root);
    case 'R':
      return signed_rs256(rest);
    case 'H': {
      const size_t tab = rest.find('\t');
      const std::string_view claims =
          tab == std::string_view::npos ? std::string_view() : rest.substr(tab + 1);
      return signed_text(rest.substr(0, tab), claims, vendor.signer);
    }
    default:
      return std::string(rest);
  }
}

}  // namespace tessera::fuzz
