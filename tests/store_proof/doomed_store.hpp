// What the process that is killed and the test that kills it agree on.
#pragma once

#include <string>
#include <tessera/tessera.hpp>

namespace tessera::store_proof {

inline StoreConfig doomed_config(const std::string& folder, const std::string& name = "app.tdb") {
  return {.path = folder + "/" + name, .user = {}, .app_factors = {}, .options = {.kdf = Kdf::kLow}};
}

/// Changed passphrases take turns.
inline std::string passphrase(std::int64_t number) { return number % 2 == 0 ? "even" : "odd"; }

}  // namespace tessera::store_proof
