// Issuer: the vendor's side. Everything that tsr_key_* and tsr_issuer_* do.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/interop.hpp"
#include "license/jws.hpp"
#include "text/json.hpp"

namespace tessera {

/// A private key of either type. Immutable, shared by the issuers opened with it.
class IssuerKey {
 public:
  static Result<std::shared_ptr<const IssuerKey>> generate_ed25519(Random& random);
  static Result<std::shared_ptr<const IssuerKey>> generate_rs256();
  /// An Ed25519 JWK or an RSA PKCS#8 PEM.
  static Result<std::shared_ptr<const IssuerKey>> import_text(std::string_view text);

  bool is_ed25519() const { return std::holds_alternative<Ed25519Key>(key_); }
  const Ed25519Key& ed25519() const { return std::get<Ed25519Key>(key_); }
  const RsaPrivateKey& rsa() const { return std::get<RsaPrivateKey>(key_); }
  const std::string& id() const { return id_; }
  const std::string& public_text() const { return public_text_; }
  /// Secret: the caller wipes it.
  Result<std::string> export_text() const;

  explicit IssuerKey(std::variant<Ed25519Key, RsaPrivateKey> key);

 private:
  std::variant<Ed25519Key, RsaPrivateKey> key_;
  std::string id_;
  std::string public_text_;
};

/// Every function returns a compact JWS, or JSON text for the read_ ones. An empty `request` binds to no
/// machine.
class Issuer {
 public:
  static Result<std::unique_ptr<Issuer>> open(std::string_view config_json,
                                              std::shared_ptr<const IssuerKey> key, Clock& clock,
                                              Random& random);
  Result<std::string> read_request(std::string_view request) const;
  Result<std::string> read_deactivation(std::string_view proof) const;
  Result<std::string> issue(std::string_view request, std::string_view spec_json) const;
  Result<std::string> trial(std::string_view spec_json) const;
  Result<std::string> lease(std::string_view request, std::string_view spec_json) const;
  Result<std::string> keyset(std::string_view spec_json) const;
  Result<std::string> crl(std::string_view spec_json) const;
  Result<std::string> time(std::string_view request) const;
  Result<std::string> rs256(std::string_view spec_json) const;

 private:
  int64_t now_s() const;
  std::string new_id() const;
  Result<std::string> sign(DocumentType type, const Json& claims) const;
  Issuer(std::string issuer, std::string product, std::shared_ptr<const IssuerKey> key, Clock& clock,
         Random& random)
      : issuer_(std::move(issuer)),
        product_(std::move(product)),
        key_(std::move(key)),
        clock_(&clock),
        random_(&random) {}
  std::string issuer_;
  std::string product_;
  std::shared_ptr<const IssuerKey> key_;
  Clock* clock_;
  Random* random_;
};

}  // namespace tessera
