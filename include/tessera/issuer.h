/** @file tessera/issuer.h  The vendor's side: keys, licences, key sets, revocation lists.
 *
 *  Runs on the vendor's server or desk, never in the shipped application. Documents come out as compact JWS
 *  (RFC 7515) signed with Ed25519; concatenate them line by line into a `.lic` file.
 *
 *  @code
 *  tsr_key *key = NULL;
 *  tsr_issuer *issuer = NULL;
 *  tsr_buf token = {0};
 *  if (tsr_key_generate(TSR_KEY_ED25519, &key, NULL) == TSR_OK &&
 *      tsr_issuer_open(TSR_LIT("{\"issuer\":\"acme\",\"product\":\"player\"}"), key, &issuer, NULL) == TSR_OK
 * && tsr_issuer_issue(issuer, request, TSR_LIT("{\"sku\":\"pro\",\"days\":365}"), &token, NULL) == TSR_OK)
 *    send(token.data, token.len);
 *  tsr_buf_free(&token);
 *  tsr_issuer_free(issuer);
 *  tsr_key_free(key);
 *  @endcode
 */
#ifndef TESSERA_ISSUER_H
#define TESSERA_ISSUER_H

#include "tessera/op.h"
#include "tessera/types.h"

TSR_BEGIN_DECLS

/** A private signing key in locked memory. Immutable. */
typedef struct tsr_key tsr_key;

/** Issues documents for one product under one key. Immutable. */
typedef struct tsr_issuer tsr_issuer;

/** Key types. RS256 serves existing services whose tokens are RS256; everything else is Ed25519. */
enum { TSR_KEY_ED25519 = 1, TSR_KEY_RS256 = 2 };

/** Makes a new key. RS256 keys have 3072 bits.
 *  @param[in]  type  TSR_KEY_ED25519 or TSR_KEY_RS256.
 *  @param[out] out   New handle. @owned tsr_key_free()
 *  @param[out] err   May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_CRYPTO  @threads any  @blocks cpu  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_key_generate(int32_t type, tsr_key** out, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_key_generate() in the background; see op.h. An RS256 key takes up to seconds. Gives its key to
 * tsr_op_key().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_BUSY (no thread can be started), TSR_E_NO_MEMORY  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_key_generate_async(int32_t type, tsr_done_fn done, void* user,
                                                       void (*user_free)(void*), tsr_op** out,
                                                       tsr_error** err) TSR_NOEXCEPT;

/** Takes the key that an operation made; see tsr_op_buf().
 *  @param[out] out  New handle, NULL on failure. @owned tsr_key_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_op_buf()  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_op_key(tsr_op* op, tsr_key** out, tsr_error** err) TSR_NOEXCEPT;

/** Reads a private key: the JWK that tsr_key_export() writes for Ed25519 (RFC 8037), or an unencrypted PKCS#8
 * PEM of an RSA key of 2048 to 8192 bits.
 *  @param[in]  data  Borrowed; the caller wipes its copy.
 *  @param[out] out   New handle. @owned tsr_key_free()
 *  @param[out] err   May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_CRYPTO  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_key_import(const void* data, size_t len, tsr_key** out,
                                               tsr_error** err) TSR_NOEXCEPT;

/** Writes the private key in the form that tsr_key_import() reads. SECRET: keep it owner-only.
 *  @param[out] out  Text; tsr_buf_free() wipes it. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_CRYPTO  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_key_export(const tsr_key* key, tsr_buf* out,
                                               tsr_error** err) TSR_NOEXCEPT;

/** The public half, as configurations take it: base64url of the 32 bytes for Ed25519 (`trusted_keys`), PEM
 * for RSA
 *  (`rsa_keys`). Valid until tsr_key_free().
 *  @threads any  @since 1.0 */
TSR_API const char* tsr_key_public(const tsr_key* key) TSR_NOEXCEPT;

/** The key id: for Ed25519 the RFC 7638 thumbprint; for RSA base64url of SHA-256 over the public PEM. Valid
 * until tsr_key_free().
 *  @threads any  @since 1.0 */
TSR_API const char* tsr_key_id(const tsr_key* key) TSR_NOEXCEPT;

/** TSR_KEY_*; 0 for NULL.
 *  @threads any  @since 1.0 */
TSR_API int32_t tsr_key_type(const tsr_key* key) TSR_NOEXCEPT;

/** Releases and wipes the key. NULL is fine; issuers opened with it go on.
 *  @threads any  @since 1.0 */
TSR_API void tsr_key_free(tsr_key* key) TSR_NOEXCEPT;

/** Opens an issuer.
 *  @param[in]  config_json  {"issuer": name, "product": id}. Copied.
 *  @param[in]  key  Root key for key sets, signing key for everything else; shared, may be freed at once.
 *  @param[out] out  New handle. @owned tsr_issuer_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_issuer_open(tsr_str config_json, const tsr_key* key, tsr_issuer** out,
                                                tsr_error** err) TSR_NOEXCEPT;

/** Verifies an activation request and shows it as JSON: {"nonce","install_key","strength","vm","container",
 *  "license_key","renews","note","sdk","issued_at","factors":[{"kind","class","weight","tags"}]}.
 *  @param[out] out  JSON text. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_LICENSE  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_issuer_read_request(const tsr_issuer* issuer, tsr_str request,
                                                        tsr_buf* out, tsr_error** err) TSR_NOEXCEPT;

/** Verifies a deactivation proof and shows it as JSON: {"license_id","install_key","issued_at"}. The caller
 *  compares install_key with the one that the licence was issued to.
 *  @param[out] out  JSON text. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_LICENSE  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_issuer_read_deactivation(const tsr_issuer* issuer, tsr_str proof,
                                                             tsr_buf* out, tsr_error** err) TSR_NOEXCEPT;

/** Issues a licence. Spec members (docs/reference/issuer.md): sku (required), subject, edition, kind, seats,
 * days or expires_at, not_before, entitlements {name: value or {"value","expires_at","per"}},
 * maintenance_until, version_min, version_max, grace {"expiry_s","sync_s","hardware_s"}, sync {"every_s"},
 * environment
 *  {"vm","container"}, epoch, license_id, allow_weak, import_within_days.
 *  @param[in]  request  The machine's activation request, or absent for a licence that binds to none.
 *  @param[in]  spec_json  Copied.
 *  @param[out] out  One compact JWS. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_LICENSE (HW_TOO_WEAK unless allow_weak, or what is wrong with the request)
 *  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_issuer_issue(const tsr_issuer* issuer, tsr_str request, tsr_str spec_json,
                                                 tsr_buf* out, tsr_error** err) TSR_NOEXCEPT;

/** Issues a trial that an application ships: {"days" (required), "sku" (required), "edition", "entitlements",
 * "allow_weak", "license_id"}.
 *  @param[out] out  One compact JWS. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_issuer_trial(const tsr_issuer* issuer, tsr_str spec_json, tsr_buf* out,
                                                 tsr_error** err) TSR_NOEXCEPT;

/** Issues a lease of a floating licence for the installation that made `request`: {"license_id" (required),
 *  "ttl_s" (required)}.
 *  @param[out] out  One compact JWS. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_LICENSE  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_issuer_lease(const tsr_issuer* issuer, tsr_str request, tsr_str spec_json,
                                                 tsr_buf* out, tsr_error** err) TSR_NOEXCEPT;

/** Issues a key set; the issuer's key must be a root key. {"seq" (required), "keys": [{"public" (base64url),
 *  "use": "sign"|"verify-only"|"revoked", "not_before", "expires_at"}], "roots": [base64url],
 * "root_threshold"}. To change roots, issue the same spec with the same "issued_at" under old and new root
 * keys and ship the lines together.
 *  @param[out] out  One compact JWS. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_issuer_keyset(const tsr_issuer* issuer, tsr_str spec_json, tsr_buf* out,
                                                  tsr_error** err) TSR_NOEXCEPT;

/** Issues a revocation list: {"seq" (required), "revoked": [license_id], "suspended": [license_id],
 * "min_epoch", "next_update" or "days"}.
 *  @param[out] out  One compact JWS. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_issuer_crl(const tsr_issuer* issuer, tsr_str spec_json, tsr_buf* out,
                                               tsr_error** err) TSR_NOEXCEPT;

/** Issues a time file that answers an activation request: it may set a client's clock mark down again.
 *  @param[in]  request  The client's activation request; its nonce is echoed.
 *  @param[out] out  One compact JWS. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_LICENSE  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_issuer_time(const tsr_issuer* issuer, tsr_str request, tsr_buf* out,
                                                tsr_error** err) TSR_NOEXCEPT;

/** Signs a JWT of the TikTrend shape (TT-29) with an RS256 key: {"sub","hwid","plan" (all required), "ttl_s"
 *  (default 43200), "audience"}.
 *  @param[out] out  One compact JWS. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_CRYPTO  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_issuer_rs256(const tsr_issuer* issuer, tsr_str spec_json, tsr_buf* out,
                                                 tsr_error** err) TSR_NOEXCEPT;

/** Releases the issuer. NULL is fine.
 *  @threads any  @since 1.0 */
TSR_API void tsr_issuer_free(tsr_issuer* issuer) TSR_NOEXCEPT;

/** Makes a licence key for people: five groups of five Crockford base-32 symbols, 120 random bits and a check
 *  symbol. An index for activation, never a secret.
 *  @param[out] out  Text. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_NO_MEMORY  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_license_key_generate(tsr_buf* out, tsr_error** err) TSR_NOEXCEPT;

/** Checks a typed licence key and gives its canonical form; case, spaces, O, I and L are forgiven.
 *  @param[out] out  Text. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_LICENSE (LICENSE_KEY_INVALID)  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_license_key_check(tsr_str text, tsr_buf* out,
                                                      tsr_error** err) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
