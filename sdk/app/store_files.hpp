// Which files of a store are there, and what that means: a new store, one whose creation or rotation a crash
// cut short, or something that is missing.
#pragma once

#include "app/store_config.hpp"
#include "app/store_secrets.hpp"
#include "keys/key_ring.hpp"

namespace tessera {

// Behind the stem.
inline constexpr std::string_view kSlots = ".tks";
inline constexpr std::string_view kUnfinishedSlots = ".tks.creating";  // of a new store without its database
inline constexpr std::string_view kCopiedSlots = ".tks.copying";       // of a backup that is not complete
// Behind the database's name.
inline constexpr std::string_view kFreshData = ".fresh";  // to take the database's place
inline constexpr std::string_view kOldData = ".old";      // until what took its place has been opened

/// The caller holds the store's lock.
class StoreFiles {
 public:
  StoreFiles(const StoreConfig& config, const keys::Ports& ports) : config_(config), ports_(ports) {}

  struct Keys {
    keys::KeyRing ring;
    bool is_new = false;  // finish_creation() is due once the database is there
  };
  /// Opens the slots, or makes them for a store that is not there yet. NOT_FOUND (no store, SLOTS_MISSING),
  /// CORRUPT (DATA_MISSING), CRYPTO (NOT_ENCRYPTED), and as KeyRing::open().
  Result<Keys> unlock(const StoreSecrets& secrets);
  /// Gives new slots their name: from here on the store exists.
  Status finish_creation(keys::KeyRing* ring);

 private:
  Result<keys::KeyRing> create(const StoreSecrets& secrets);
  Result<keys::KeyRing> settle_rotation(const StoreSecrets& secrets);
  Status discard_unfinished();
  Status discard_copies();
  Status missing_slots() const;
  keys::Config key_config(std::string path) const;

  const StoreConfig& config_;
  const keys::Ports ports_;
};

}  // namespace tessera
