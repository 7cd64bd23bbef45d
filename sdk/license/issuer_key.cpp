#include <algorithm>

#include "license/issuer.hpp"
#include "license/jws.hpp"
#include "text/base64url.hpp"
#include "text/utf8.hpp"

namespace tessera {
namespace {

constexpr int kRsaBits = 3072;

Error unusable_key() {
  return {ErrorCode::kCRYPTO,
          "license",
          "the text is not a private key: expected an Ed25519 JWK or an RSA PKCS#8 PEM",
          {}};
}

Result<Ed25519Key> read_jwk(std::string_view text) {
  TSR_ASSIGN_OR_RETURN(const Json jwk, parse_json(text));
  if (!jwk.is_object()) return unusable_key();
  const auto kty = json_string(jwk, "kty");
  const auto crv = json_string(jwk, "crv");
  auto secret = json_string(jwk, "d");
  const auto x = json_string(jwk, "x");
  if (!kty || !crv || !secret || !x || *kty != "OKP" || *crv != "Ed25519" || !*secret) return unusable_key();
  auto seed = base64url_decode(**secret);
  wipe((*secret)->data(), (*secret)->size());
  if (!seed) return unusable_key();
  auto key = Ed25519Key::from_seed(*seed);
  wipe(seed->data(), seed->size());
  if (!key || (*x && **x != base64url_encode(key->public_key()))) return unusable_key();
  return key;
}

}  // namespace

IssuerKey::IssuerKey(std::variant<Ed25519Key, RsaPrivateKey> key) : key_(std::move(key)) {
  if (is_ed25519()) {
    id_ = ed25519_thumbprint(ed25519().public_key());
    public_text_ = base64url_encode(ed25519().public_key());
  } else {
    public_text_ = rsa().public_pem().value();
    id_ = base64url_encode(sha256(as_bytes(public_text_)));
  }
}

Result<std::shared_ptr<const IssuerKey>> IssuerKey::generate_ed25519(Random& random) {
  return std::make_shared<const IssuerKey>(Ed25519Key::generate(random));
}

Result<std::shared_ptr<const IssuerKey>> IssuerKey::generate_rs256() {
  TSR_ASSIGN_OR_RETURN(RsaPrivateKey key, RsaPrivateKey::generate(kRsaBits));
  return std::make_shared<const IssuerKey>(std::move(key));
}

Result<std::shared_ptr<const IssuerKey>> IssuerKey::import_text(std::string_view text) {
  text = trim_ascii(text);
  if (text.starts_with("-----BEGIN")) {
    TSR_ASSIGN_OR_RETURN(RsaPrivateKey key, RsaPrivateKey::from_pem(text));
    return std::make_shared<const IssuerKey>(std::move(key));
  }
  auto key = read_jwk(text);
  if (!key) return unusable_key();
  return std::make_shared<const IssuerKey>(std::move(*key));
}

Result<std::string> IssuerKey::export_text() const {
  if (!is_ed25519()) return rsa().private_pem();
  // Written by hand: the secret must not pass through buffers that can't be wiped.
  std::string seed = base64url_encode(ed25519().seed());
  std::string out;
  out.reserve(256);
  out.append(R"({"crv":"Ed25519","d":")").append(seed).append(R"(","kid":")").append(id_);
  out.append(R"(","kty":"OKP","x":")").append(public_text_).append("\"}\n");
  wipe(seed.data(), seed.size());
  return out;
}

}  // namespace tessera
