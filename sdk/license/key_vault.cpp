#include "license/key_vault.hpp"

#include <algorithm>

#include "license/license_code.hpp"
#include "text/hex.hpp"

namespace tessera {

KeyVault::KeyVault(Files& files, Random& random, Keystore& keystore, const LicenseConfig& config)
    : files_(&files),
      random_(&random),
      keystore_(&keystore),
      location_(config.key_location),
      path_(config.data_dir + "/license.key"),
      // One entry a data folder; its path is hashed because keystores show names to other programs.
      name_("tessera-license:" + config.product + ":" +
            hex_encode(ByteView(sha256(as_bytes(config.data_dir))).first(8))) {}

Result<Key256> KeyVault::load_file() {
  Key256 key;
  auto content = files_->read_secret(path_, key.size());
  if (!content && content.error().code == ErrorCode::kNOT_FOUND)
    return license_error(LicenseCode::kSTORE_KEY);
  if (!content && content.error().code != ErrorCode::kLIMIT) return std::move(content).error();
  if (!content || content->size() != key.size())
    return license_error(LicenseCode::kSTORE_KEY, "the key file has the wrong length");
  std::copy(content->begin(), content->end(), key.begin());
  wipe(content->data(), content->size());
  return key;
}

Result<Key256> KeyVault::load(KeyPlace place) {
  if (place == KeyPlace::kFile) return load_file();
  if (keystore_->access() != Keystore::Access::kReady) return license_error(LicenseCode::kSTORE_LOCKED);
  const auto key = keystore_->load(name_);
  if (!key) return license_error(LicenseCode::kSTORE_LOCKED);
  if (!*key) return license_error(LicenseCode::kSTORE_KEY);
  known_ = SecretBytes(**key);
  return **key;
}

Result<Key256> KeyVault::load_known(KeyPlace place) {
  if (place == KeyPlace::kFile || known_.empty()) return load(place);
  Key256 key;
  std::copy_n(known_.view().begin(), key.size(), key.begin());
  return key;
}

Result<Key256> KeyVault::load_or_create(KeyPlace* place) {
  const bool in_keystore = location_ != KeyLocation::kFile && keystore_->access() == Keystore::Access::kReady;
  if (location_ == KeyLocation::kOsKeystore && !in_keystore) return license_error(LicenseCode::kSTORE_LOCKED);
  *place = in_keystore ? KeyPlace::kOsKeystore : KeyPlace::kFile;
  auto existing = load(*place);
  if (existing || license_code_of(existing.error()) != LicenseCode::kSTORE_KEY) return existing;
  Key256 key;
  random_->fill(key);
  if (in_keystore) {
    if (!keystore_->save(name_, key)) return license_error(LicenseCode::kSTORE_LOCKED);
  } else {
    TSR_RETURN_IF_ERROR(write_atomic(*files_, path_, key));
  }
  return key;
}

}  // namespace tessera
