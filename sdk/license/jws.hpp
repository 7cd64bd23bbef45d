// Compact JWS (RFC 7515) under the rules of RFC 8725: three header members, strict base64url, typed
// documents.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/ed25519.hpp"
#include "license/license_code.hpp"
#include "text/json.hpp"

namespace tessera {

inline constexpr size_t kMaxTokenBytes = size_t{64} << 10;
inline constexpr size_t kMaxBundleLines = 16;
inline constexpr size_t kMaxKeyIdBytes = 256;

enum class DocumentType { kLicense, kTrial, kLease, kKeySet, kCrl, kTime, kRequest, kDeactivation };
std::string_view document_typ(DocumentType type);

/// A parsed but unverified document. Views point into the text given to parse_jws().
struct Jws {
  std::string alg;
  std::string typ;
  std::string kid;
  std::string_view signing_input;
  std::string_view payload;  // base64url; decoded only after the signature fits
  Bytes signature;           // empty when its text isn't base64url: no key accepts it

  bool is_ed25519() const { return alg == "Ed25519" || alg == "EdDSA"; }
  bool is_rs256() const { return alg == "RS256"; }
  bool has_type(DocumentType type) const { return typ == document_typ(type); }
};

/// Splits a token and reads its header. TOKEN_MALFORMED, TOKEN_TOO_LARGE, ALG_NOT_ALLOWED,
/// HEADER_NOT_ALLOWED.
Result<Jws> parse_jws(std::string_view token);
/// The claims of a document whose signature was verified. TOKEN_MALFORMED.
Result<Json> decode_claims(const Jws& jws);
/// SIGNATURE_INVALID unless `key` signed the document.
Status verify_jws(const Jws& jws, const Ed25519Public& key);
std::string sign_jws(DocumentType type, const Json& claims, const Ed25519Key& key);

/// The documents of a `.lic` file: one a line, white space around them and empty lines ignored.
Result<std::vector<std::string_view>> split_bundle(std::string_view bundle);

}  // namespace tessera
