#include "license/state_file.hpp"

namespace tessera {
namespace {

// Magic with format version, then the place of the key; both authenticated with the content.
constexpr std::string_view kMagic = "TSRLIC01";
constexpr size_t kHeaderBytes = kMagic.size() + 1;
constexpr size_t kMaxFileBytes = (4u << 20) + 1024;

}  // namespace

StateFile::StateFile(Files& files, Random& random, Keystore& keystore, const LicenseConfig& config)
    : files_(&files),
      random_(&random),
      vault_(files, random, keystore, config),
      path_(config.data_dir + "/license.state") {}

Result<std::optional<LicenseState>> StateFile::load() {
  auto content = files_->read(path_, kMaxFileBytes);
  if (!content && content.error().code == ErrorCode::kNOT_FOUND) return std::optional<LicenseState>();
  if (!content && content.error().code == ErrorCode::kLIMIT)
    return license_error(LicenseCode::kSTORE_CORRUPT);
  if (!content) return std::move(content).error();
  const ByteView bytes(*content);
  if (bytes.size() < kHeaderBytes || as_text(bytes.first(kMagic.size())) != kMagic)
    return license_error(LicenseCode::kSTORE_CORRUPT);
  const uint8_t place = bytes[kMagic.size()];
  if (place != static_cast<uint8_t>(KeyPlace::kFile) && place != static_cast<uint8_t>(KeyPlace::kOsKeystore))
    return license_error(LicenseCode::kSTORE_CORRUPT);
  const ByteView header = bytes.first(kHeaderBytes);
  const ByteView sealed = bytes.subspan(kHeaderBytes);
  TSR_ASSIGN_OR_RETURN(Key256 key, vault_.load_known(static_cast<KeyPlace>(place)));
  auto plain = aead_open(key, sealed, header);
  if (!plain) {
    TSR_ASSIGN_OR_RETURN(key, vault_.load(static_cast<KeyPlace>(place)));
    plain = aead_open(key, sealed, header);
  }
  wipe(key.data(), key.size());
  if (!plain) return license_error(LicenseCode::kSTORE_CORRUPT);
  auto state = read_state(*plain);
  wipe(plain->data(), plain->size());
  if (!state) return std::move(state).error();
  return std::optional<LicenseState>(std::move(*state));
}

Status StateFile::store(const LicenseState& state) {
  KeyPlace place;
  TSR_ASSIGN_OR_RETURN(Key256 key, vault_.load_or_create(&place));
  Bytes content(kMagic.begin(), kMagic.end());
  content.push_back(static_cast<uint8_t>(place));
  Bytes plain = write_state(state);
  const Bytes sealed = aead_seal(key, plain, content, *random_);
  wipe(plain.data(), plain.size());
  wipe(key.data(), key.size());
  content.insert(content.end(), sealed.begin(), sealed.end());
  return write_atomic(*files_, path_, content);
}

Status StateFile::set_aside() { return files_->rename(path_, path_ + ".damaged"); }

}  // namespace tessera
