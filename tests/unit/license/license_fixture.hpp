// A vendor with its keys, documents signed by hand, and short ways to say what a call returned.
#pragma once

#include <boost/test/unit_test.hpp>
#include <string>

#include "fakes.hpp"
#include "license/issuer.hpp"
#include "license/jws.hpp"
#include "license/keyset.hpp"
#include "license/license_code.hpp"
#include "text/base64url.hpp"

namespace tessera {

inline std::ostream& operator<<(std::ostream& out, LicenseCode code) {
  return out << license_code_name(code);
}
inline std::ostream& operator<<(std::ostream& out, ErrorCode code) { return out << error_name(code); }

namespace license_test {

using Code = LicenseCode;

inline constexpr int64_t kDayMs = kDaySeconds * 1000;
inline constexpr int64_t kHourMs = int64_t{3600} * 1000;

template <class T>
std::string message_of(const Result<T>& result) {
  return result.ok() ? "it worked" : result.error().text;
}

/// OK, or why the call was refused. Any error that is no licence code is a failure of the test.
template <class T>
Code code_of(const Result<T>& result) {
  if (result.ok()) return Code::kOK;
  BOOST_CHECK_MESSAGE(result.error().code == ErrorCode::kLICENSE, "unexpected error: " << message_of(result));
  return license_code_of(result.error());
}

template <class T>
ErrorCode error_of(const Result<T>& result) {
  return result.ok() ? ErrorCode::kOk : result.error().code;
}

template <class T>
T require(Result<T> result) {
  BOOST_REQUIRE_MESSAGE(result.ok(), message_of(result));
  return std::move(result).value();
}
inline void require(const Status& status) { BOOST_REQUIRE_MESSAGE(status.ok(), message_of(status)); }

inline Ed25519Key key_of(uint8_t seed) { return Ed25519Key::from_seed(Bytes(32, seed)).value(); }

/// A token with any header and content, signed whatever they say.
inline std::string signed_text(std::string_view header, std::string_view claims, const Ed25519Key& key) {
  std::string token = base64url_encode(as_bytes(header)) + "." + base64url_encode(as_bytes(claims));
  const Ed25519Signature signature = key.sign(as_bytes(token));
  return token + "." + base64url_encode(signature);
}

inline std::string header_of(const Ed25519Key& key, DocumentType type = DocumentType::kLicense) {
  return dump_json(
      {{"alg", "Ed25519"}, {"typ", document_typ(type)}, {"kid", ed25519_thumbprint(key.public_key())}});
}

inline TrustedKey trusted(const Ed25519Key& key, KeyUse use = KeyUse::kSign) {
  return {ed25519_thumbprint(key.public_key()), key.public_key(), use, 0, 0};
}

/// A vendor "acme" that sells "player": one root key and one signing key, under a clock of its own.
class Vendor {
 public:
  static constexpr const char* kIssuer = "acme";
  static constexpr const char* kProduct = "player";

  explicit Vendor(Clock& clock, uint8_t seed = 1)
      : random_(seed),
        root_(std::make_shared<const IssuerKey>(key_of(seed))),
        signer_(std::make_shared<const IssuerKey>(key_of(static_cast<uint8_t>(seed + 100)))),
        root_issuer_(open(root_, clock)),
        issuer_(open(signer_, clock)) {}

  const Ed25519Key& root() const { return root_->ed25519(); }
  const Ed25519Key& signer() const { return signer_->ed25519(); }
  const Issuer& issuer() const { return *issuer_; }
  const Issuer& root_issuer() const { return *root_issuer_; }

  std::unique_ptr<Issuer> open(std::shared_ptr<const IssuerKey> key, Clock& clock) {
    return require(Issuer::open(R"({"issuer":"acme","product":"player"})", std::move(key), clock, random_));
  }

  std::string key_set(int64_t seq = 1) const { return key_set({{"seq", seq}, {"keys", {signing_key()}}}); }
  std::string key_set(const Json& spec) const { return require(root_issuer_->keyset(dump_json(spec))); }
  Json signing_key(const char* use = "sign") const {
    return {{"public", signer_->public_text()}, {"use", use}};
  }

  /// An empty `request` binds to no machine.
  std::string license(std::string_view request, const Json& spec) const {
    return require(issuer_->issue(request, dump_json(spec)));
  }
  std::string crl(const Json& spec) const { return require(issuer_->crl(dump_json(spec))); }
  std::string trial(const Json& spec) const { return require(issuer_->trial(dump_json(spec))); }
  std::string lease(std::string_view request, const std::string& license_id, int64_t ttl_s = 3600) const {
    return require(issuer_->lease(request, dump_json({{"license_id", license_id}, {"ttl_s", ttl_s}})));
  }
  std::string time(std::string_view request) const { return require(issuer_->time(request)); }

 private:
  test::FakeRandom random_;
  std::shared_ptr<const IssuerKey> root_, signer_;
  std::unique_ptr<Issuer> root_issuer_, issuer_;
};

}  // namespace license_test
}  // namespace tessera
