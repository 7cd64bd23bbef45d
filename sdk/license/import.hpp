// Importing a `.lic` file: every document authenticated and judged before anything changes.
#pragma once

#include <string_view>

#include "license/snapshot.hpp"

namespace tessera {

struct ImportResult {
  bool time_proven = false;     // a fresh answer to our own nonce: the clock floor may have come down
  int64_t memory_floor_ms = 0;  // what that of the second place comes down to
};

/// Applies all documents of `bundle` to `*state`, which the caller stores or throws away. On an error
/// `*state` is half-changed and must be thrown away.
Result<ImportResult> import_documents(std::string_view bundle, const LicenseContext& context,
                                      const DeviceMemory& memory, int64_t wall_ms, LicenseState* state);

/// Judges a bundle without its one-time rules (nonce, import date): what its licence would be on this
/// machine. `snapshot` is the stored state; key sets, revocation lists and leases in the bundle count for
/// this one answer.
Result<Verdict> judge_bundle(std::string_view bundle, const LicenseContext& context, const Snapshot& snapshot,
                             const Now& now);

}  // namespace tessera
