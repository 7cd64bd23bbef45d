/// @file tessera/cpp/issuer.hpp  The vendor's side: keys, licences, key sets, revocation lists.
///
/// Runs on the vendor's server or desk, never in the shipped application. Documents come out as compact JWS;
/// concatenate them line by line into a `.lic` file.
///
/// @code
/// const tessera::Key key = tessera::Key::import_text(read_file("signing.key"));
/// const tessera::Issuer issuer = tessera::Issuer::open({.issuer = "acme", .product = "player"}, key);
/// send(issuer.issue(request, {.sku = "pro", .days = 365, .entitlements = {{"copies.monthly", 50}}}));
/// @endcode
#ifndef TESSERA_CPP_ISSUER_HPP
#define TESSERA_CPP_ISSUER_HPP

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "tessera/cpp/detail/call.hpp"
#include "tessera/cpp/issuer_spec.hpp"
#include "tessera/cpp/json_text.hpp"
#include "tessera/cpp/operation.hpp"
#include "tessera/cpp/secret.hpp"
#include "tessera/issuer.h"

namespace tessera::inline v1 {

/// RS256 serves existing services whose tokens are RS256; everything else is Ed25519.  @since 1.0
enum class KeyType : std::int32_t { kEd25519 = TSR_KEY_ED25519, kRs256 = TSR_KEY_RS256 };

/// A private signing key in locked memory. Immutable, move-only; the destructor wipes it.
/// @threads any  @since 1.0
class Key {
 public:
  using Owner = detail::Handle<tsr_key, &tsr_key_free>;

  /// For the facade's own use.
  explicit Key(Owner owner) noexcept : owner_(std::move(owner)) {}

  /// A new key.  @errors ErrorCode::kArg, kCrypto  @threads any  @blocks cpu  @since 1.0
  static Key generate(KeyType type = KeyType::kEd25519) { return try_generate(type).value(); }
  static Expected<Key> try_generate(KeyType type = KeyType::kEd25519) noexcept {
    return detail::obtain_as<Key, Owner>([&](tsr_key** out, tsr_error** error) {
      return tsr_key_generate(static_cast<std::int32_t>(type), out, error);
    });
  }

  /// generate() in the background, for RS256 keys, which take up to seconds; see Completion.
  /// @errors ErrorCode::kArg, kBusy  @threads any  @since 1.0
  static Operation generate_async(KeyType type, Completion<Key> done) {
    return try_generate_async(type, std::move(done)).value();
  }
  static Expected<Operation> try_generate_async(KeyType type, Completion<Key> done) noexcept {
    return detail::start_op<Key, &detail::take_as<Key, &tsr_op_key>>(std::move(done), [&](auto... op) {
      return tsr_key_generate_async(static_cast<std::int32_t>(type), op...);
    });
  }

  /// Reads what export_text() wrote, or an unencrypted PKCS#8 PEM of an RSA key. The caller wipes its copy.
  /// @errors ErrorCode::kArg, kCrypto  @threads any  @since 1.0
  static Key import_text(std::string_view text) { return try_import_text(text).value(); }
  static Expected<Key> try_import_text(std::string_view text) noexcept {
    return detail::obtain_as<Key, Owner>([&](tsr_key** out, tsr_error** error) {
      return tsr_key_import(text.data(), text.size(), out, error);
    });
  }

  /// The private key: a JWK for Ed25519, PKCS#8 PEM for RSA. Keep it owner-only.
  /// @errors ErrorCode::kArg, kCrypto  @threads any  @since 1.0
  Secret export_text() const { return try_export_text().value(); }
  Expected<Secret> try_export_text() const noexcept {
    return detail::obtain_as<Secret, detail::Buffer>(
        [&](tsr_buf* out, tsr_error** error) { return tsr_key_export(owner_.get(), out, error); });
  }

  /// The public half, as AppConfig::trusted_keys (Ed25519) or RsaKey::public_key takes it.
  std::string public_key() const { return tsr_key_public(owner_.get()); }

  /// The key id that documents name.
  std::string id() const { return tsr_key_id(owner_.get()); }

  KeyType type() const noexcept { return static_cast<KeyType>(tsr_key_type(owner_.get())); }

 private:
  friend class Issuer;
  Owner owner_;
};

/// What Issuer::open() takes.  @since 1.0
struct IssuerConfig {
  std::string issuer{};   ///< Required: the vendor's name.
  std::string product{};  ///< Required.

  std::string to_json() const {
    return detail::JsonObject().add("issuer", issuer).add("product", product).text();
  }
};

/// Issues documents for one product under one key. Immutable, move-only; keeps the key alive. Every document
/// is one compact JWS. Specs are structs, or JsonText after the schema of docs/reference/issuer.md.
/// @threads any  @since 1.0
class Issuer {
 public:
  using Owner = detail::Handle<tsr_issuer, &tsr_issuer_free>;

  /// For the facade's own use.
  explicit Issuer(Owner owner) noexcept : owner_(std::move(owner)) {}

  /// `key` is a root key for key sets, a signing key for everything else.
  /// @errors ErrorCode::kArg  @threads any  @since 1.0
  static Issuer open(const IssuerConfig& config, const Key& key) { return try_open(config, key).value(); }
  static Expected<Issuer> try_open(const IssuerConfig& config, const Key& key) noexcept {
    const std::string json = config.to_json();
    return detail::obtain_as<Issuer, Owner>([&](tsr_issuer** out, tsr_error** error) {
      return tsr_issuer_open(detail::borrow(json), key.owner_.get(), out, error);
    });
  }

  /// Verifies an activation request and shows it as JSON; see tsr_issuer_read_request().
  /// @errors ErrorCode::kArg, kLicense  @threads any  @since 1.0
  std::string read_request(std::string_view request) const { return try_read_request(request).value(); }
  Expected<std::string> try_read_request(std::string_view request) const noexcept {
    return read(&tsr_issuer_read_request, request);
  }

  /// Verifies a deactivation proof and shows it as JSON; see tsr_issuer_read_deactivation().
  /// @errors ErrorCode::kArg, kLicense  @threads any  @since 1.0
  std::string read_deactivation(std::string_view proof) const { return try_read_deactivation(proof).value(); }
  Expected<std::string> try_read_deactivation(std::string_view proof) const noexcept {
    return read(&tsr_issuer_read_deactivation, proof);
  }

  /// A licence. `request` is the machine's activation request; empty binds to no machine.
  /// @errors ErrorCode::kArg, kLicense (HW_TOO_WEAK unless allow_weak, or what is wrong with the request)
  /// @threads any  @since 1.0
  std::string issue(std::string_view request, const LicenseSpec& spec) const {
    return try_issue(request, spec).value();
  }
  std::string issue(std::string_view request, const JsonText& spec) const {
    return try_issue(request, spec).value();
  }
  Expected<std::string> try_issue(std::string_view request, const LicenseSpec& spec) const noexcept {
    return answer(&tsr_issuer_issue, request, spec);
  }
  Expected<std::string> try_issue(std::string_view request, const JsonText& spec) const noexcept {
    return answer(&tsr_issuer_issue, request, spec);
  }

  /// A trial that an application ships.  @errors ErrorCode::kArg  @threads any  @since 1.0
  std::string trial(const TrialSpec& spec) const { return try_trial(spec).value(); }
  std::string trial(const JsonText& spec) const { return try_trial(spec).value(); }
  Expected<std::string> try_trial(const TrialSpec& spec) const noexcept {
    return write(&tsr_issuer_trial, spec);
  }
  Expected<std::string> try_trial(const JsonText& spec) const noexcept {
    return write(&tsr_issuer_trial, spec);
  }

  /// A lease of a floating licence for the installation that made `request`.
  /// @errors ErrorCode::kArg, kLicense  @threads any  @since 1.0
  std::string lease(std::string_view request, const LeaseSpec& spec) const {
    return try_lease(request, spec).value();
  }
  std::string lease(std::string_view request, const JsonText& spec) const {
    return try_lease(request, spec).value();
  }
  Expected<std::string> try_lease(std::string_view request, const LeaseSpec& spec) const noexcept {
    return answer(&tsr_issuer_lease, request, spec);
  }
  Expected<std::string> try_lease(std::string_view request, const JsonText& spec) const noexcept {
    return answer(&tsr_issuer_lease, request, spec);
  }

  /// A key set; the issuer's key must be a root key.  @errors ErrorCode::kArg  @threads any  @since 1.0
  std::string keyset(const KeysetSpec& spec) const { return try_keyset(spec).value(); }
  std::string keyset(const JsonText& spec) const { return try_keyset(spec).value(); }
  Expected<std::string> try_keyset(const KeysetSpec& spec) const noexcept {
    return write(&tsr_issuer_keyset, spec);
  }
  Expected<std::string> try_keyset(const JsonText& spec) const noexcept {
    return write(&tsr_issuer_keyset, spec);
  }

  /// A revocation list.  @errors ErrorCode::kArg  @threads any  @since 1.0
  std::string crl(const CrlSpec& spec) const { return try_crl(spec).value(); }
  std::string crl(const JsonText& spec) const { return try_crl(spec).value(); }
  Expected<std::string> try_crl(const CrlSpec& spec) const noexcept { return write(&tsr_issuer_crl, spec); }
  Expected<std::string> try_crl(const JsonText& spec) const noexcept { return write(&tsr_issuer_crl, spec); }

  /// A time file that answers `request`: it may set a client's clock mark down again.
  /// @errors ErrorCode::kArg, kLicense  @threads any  @since 1.0
  std::string time(std::string_view request) const { return try_time(request).value(); }
  Expected<std::string> try_time(std::string_view request) const noexcept {
    return read(&tsr_issuer_time, request);
  }

  /// A JWT of the TikTrend shape, signed with an RS256 key.
  /// @errors ErrorCode::kArg, kCrypto  @threads any  @since 1.0
  std::string rs256(const Rs256Spec& spec) const { return try_rs256(spec).value(); }
  std::string rs256(const JsonText& spec) const { return try_rs256(spec).value(); }
  Expected<std::string> try_rs256(const Rs256Spec& spec) const noexcept {
    return write(&tsr_issuer_rs256, spec);
  }
  Expected<std::string> try_rs256(const JsonText& spec) const noexcept {
    return write(&tsr_issuer_rs256, spec);
  }

 private:
  // One helper per shape of a C function: document in, spec in, both in.
  template <typename Function>
  Expected<std::string> read(Function function, std::string_view document) const {
    return detail::obtain_text([&](tsr_buf* out, tsr_error** error) {
      return function(owner_.get(), detail::borrow(document), out, error);
    });
  }
  template <typename Function, typename Spec>
  Expected<std::string> write(Function function, const Spec& spec) const {
    return read(function, spec.to_json());
  }
  template <typename Function, typename Spec>
  Expected<std::string> answer(Function function, std::string_view request, const Spec& spec) const {
    const std::string json = spec.to_json();
    return detail::obtain_text([&](tsr_buf* out, tsr_error** error) {
      return function(owner_.get(), detail::borrow_if_any(request), detail::borrow(json), out, error);
    });
  }

  Owner owner_;
};

/// A new licence key for people: five groups of five symbols. An index for activation, never a secret.
/// @errors ErrorCode::kNoMemory  @threads any  @since 1.0
inline Expected<std::string> try_generate_license_key() noexcept {
  return detail::obtain_text(
      [](tsr_buf* out, tsr_error** error) { return tsr_license_key_generate(out, error); });
}
inline std::string generate_license_key() { return try_generate_license_key().value(); }

/// The canonical form of a typed licence key; case, spaces, O, I and L are forgiven.
/// @errors ErrorCode::kLicense (LICENSE_KEY_INVALID)  @threads any  @since 1.0
inline Expected<std::string> try_check_license_key(std::string_view typed) noexcept {
  return detail::obtain_text([&](tsr_buf* out, tsr_error** error) {
    return tsr_license_key_check(detail::borrow(typed), out, error);
  });
}
inline std::string check_license_key(std::string_view typed) { return try_check_license_key(typed).value(); }

}  // namespace tessera::inline v1

#endif
