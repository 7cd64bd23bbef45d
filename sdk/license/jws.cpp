#include "license/jws.hpp"

#include <array>

#include "text/base64url.hpp"
#include "text/utf8.hpp"

namespace tessera {
namespace {

// A legal header has three members and below 400 bytes; room beyond that lets the refusal name the reason.
constexpr JsonLimits kHeaderLimits{.max_document = 16u << 10, .max_members = 64, .max_string = 12u << 10};

Result<std::string> header_text(const Json& header, std::string_view name) {
  TSR_ASSIGN_OR_RETURN(auto value, json_string(header, name));
  return value.value_or("");
}

}  // namespace

std::string_view document_typ(DocumentType type) {
  switch (type) {
    case DocumentType::kLicense:
      return "tessera-lic+jwt";
    case DocumentType::kTrial:
      return "tessera-trial+jwt";
    case DocumentType::kLease:
      return "tessera-lease+jwt";
    case DocumentType::kKeySet:
      return "tessera-keys+jwt";
    case DocumentType::kCrl:
      return "tessera-crl+jwt";
    case DocumentType::kTime:
      return "tessera-time+jwt";
    case DocumentType::kRequest:
      return "tessera-act-req+jwt";
    case DocumentType::kDeactivation:
      return "tessera-deact+jwt";
  }
  return "";
}

Result<Jws> parse_jws(std::string_view token) {
  token = trim_ascii(token);
  if (token.size() > kMaxTokenBytes) return license_error(LicenseCode::kTOKEN_TOO_LARGE);
  const size_t first = token.find('.');
  const size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
    return license_error(LicenseCode::kTOKEN_MALFORMED, "expected three parts separated by dots");
  // No damaged bit makes one; it is the end of a C string that was passed with its terminator.
  if (token.find('\0') != std::string_view::npos)
    return license_error(LicenseCode::kTOKEN_MALFORMED, "it holds a NUL byte");

  Jws jws;
  jws.signing_input = token.substr(0, second);
  jws.payload = token.substr(first + 1, second - first - 1);
  auto header_bytes = base64url_decode(token.substr(0, first));
  if (!header_bytes) return license_error(LicenseCode::kTOKEN_MALFORMED, "the header is not base64url");
  auto header = parse_json(as_text(*header_bytes), kHeaderLimits);
  if (!header || !header->is_object())
    return license_error(LicenseCode::kTOKEN_MALFORMED, "the header is not a JSON object");

  auto alg = header_text(*header, "alg");
  if (!alg) return license_error(LicenseCode::kALG_NOT_ALLOWED, "the algorithm is not text");
  jws.alg = std::move(*alg);
  if (!jws.is_ed25519() && !jws.is_rs256()) return license_error(LicenseCode::kALG_NOT_ALLOWED);
  if (auto only = json_only(*header, {"alg", "typ", "kid"}); !only)
    return license_error(LicenseCode::kHEADER_NOT_ALLOWED, "only alg, typ and kid are accepted");
  auto typ = header_text(*header, "typ");
  if (!typ) return license_error(LicenseCode::kTOKEN_TYPE, "the type is not text");
  jws.typ = std::move(*typ);
  auto kid = header_text(*header, "kid");
  if (!kid || kid->size() > kMaxKeyIdBytes)
    return license_error(LicenseCode::kKEY_UNKNOWN, "the key id is not usable");
  jws.kid = std::move(*kid);

  if (auto signature = base64url_decode(token.substr(second + 1))) jws.signature = std::move(*signature);
  return jws;
}

Result<Json> decode_claims(const Jws& jws) {
  auto bytes = base64url_decode(jws.payload);
  if (!bytes) return license_error(LicenseCode::kTOKEN_MALFORMED, "the content is not base64url");
  auto claims = parse_json(as_text(*bytes));
  if (!claims) return license_error(LicenseCode::kTOKEN_MALFORMED, claims.error().text);
  if (!claims->is_object())
    return license_error(LicenseCode::kTOKEN_MALFORMED, "the content is not a JSON object");
  return claims;
}

Status verify_jws(const Jws& jws, const Ed25519Public& key) {
  if (!jws.is_ed25519()) return license_error(LicenseCode::kALG_NOT_ALLOWED);
  if (jws.signature.size() != 64 || !ed25519_verify(key, as_bytes(jws.signing_input), jws.signature))
    return license_error(LicenseCode::kSIGNATURE_INVALID);
  return {};
}

std::string sign_jws(DocumentType type, const Json& claims, const Ed25519Key& key) {
  const Json header{
      {"alg", "Ed25519"}, {"typ", document_typ(type)}, {"kid", ed25519_thumbprint(key.public_key())}};
  std::string token = base64url_encode(as_bytes(dump_json(header)));
  token.append(".").append(base64url_encode(as_bytes(dump_json(claims))));
  const Ed25519Signature signature = key.sign(as_bytes(token));
  return token.append(".").append(base64url_encode(signature));
}

Result<std::vector<std::string_view>> split_bundle(std::string_view bundle) {
  if (bundle.size() > kMaxBundleLines * (kMaxTokenBytes + 2))
    return license_error(LicenseCode::kTOKEN_TOO_LARGE);
  std::vector<std::string_view> documents;
  while (!bundle.empty()) {
    const size_t end = bundle.find('\n');
    const std::string_view line = trim_ascii(bundle.substr(0, end));
    bundle = end == std::string_view::npos ? std::string_view{} : bundle.substr(end + 1);
    if (line.empty()) continue;
    if (documents.size() == kMaxBundleLines)
      return license_error(LicenseCode::kTOKEN_TOO_LARGE, "more than 16 documents in one file");
    documents.push_back(line);
  }
  if (documents.empty()) return license_error(LicenseCode::kTOKEN_MALFORMED, "the file is empty");
  return documents;
}

}  // namespace tessera
