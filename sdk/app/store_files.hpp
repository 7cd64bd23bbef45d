// Which files of a store are there, and what that means: a new store, one whose creation or rotation a crash
// cut short, or something that is missing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/store_config.hpp"
#include "app/store_secrets.hpp"
#include "keys/key_ring.hpp"
#include "store/connection.hpp"

namespace tessera {

/// The caller holds the store's lock.
class StoreFiles {
 public:
  StoreFiles(const StoreConfig& config, const keys::Ports& ports) : config_(config), ports_(ports) {}

  struct Keys {
    keys::KeyRing ring;
    bool is_new = false;  // finish_creation() is due once the database is there
    /// Where a salvage moved the damaged database that was here; start_anew() is due.
    std::optional<std::string> moved_aside;
  };
  /// Opens the slots, or makes them for a store that is not there yet. NOT_FOUND (no store, SLOTS_MISSING),
  /// CORRUPT (DATA_MISSING), CRYPTO (NOT_ENCRYPTED), and as KeyRing::open().
  Result<Keys> unlock(const StoreSecrets& secrets);
  /// Gives new slots their name: from here on the store exists.
  Status finish_creation(keys::KeyRing* ring);
  /// Puts an empty database with the sealing roots of the damaged one in its place.
  Status start_anew(const store::DatabaseKey& key, const std::string& moved_aside);
  /// What was the database before another one took its place, which has been opened by now.
  void discard_replaced();

 private:
  Result<keys::KeyRing> create(const StoreSecrets& secrets);
  Result<keys::KeyRing> settle_rotation(const StoreSecrets& secrets);
  Status discard_unfinished();
  Status remove(const std::vector<std::string>& paths);
  Status missing_slots() const;
  keys::Config key_config(std::string path) const;

  const StoreConfig& config_;
  const keys::Ports ports_;
};

}  // namespace tessera
