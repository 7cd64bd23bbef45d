// What the answer of a licence service must be, beside being signed.
#pragma once

#include <string_view>

namespace tessera {

/// What an answer must hold beside key sets and revocation lists.
enum class Wanted { kLists, kAny, kLicense, kLease, kTime, kForeign };

/// An answer over the network: its licences, leases and time documents all echo `nonce`. kForeign is one
/// RS256 token and nothing else, which has none.
struct ExpectedAnswer {
  std::string_view nonce;
  Wanted wanted;
};

}  // namespace tessera
