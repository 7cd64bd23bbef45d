// Shamir's secret sharing, byte by byte over GF(256): any `threshold` shares give the secret, fewer say
// nothing about it.
#pragma once

#include <array>
#include <vector>

#include "crypto/crypto.hpp"

namespace tessera::keys {

inline constexpr size_t kShareBytes = 32;
inline constexpr size_t kMaxShares = 255;

using ShareValue = std::array<uint8_t, kShareBytes>;

/// A point of the polynomials; `x` is not 0 and differs from share to share.
struct Share {
  uint8_t x = 0;
  ShareValue value{};
};

/// Shares 1..`count` of `secret` (32 bytes). 1 <= threshold <= count <= 255 is the caller's part.
std::vector<Share> split_secret(const SecretBytes& secret, size_t threshold, size_t count, Random& random);
/// The secret from exactly as many shares as its threshold; from others, something else.
SecretBytes join_shares(const std::vector<Share>& shares);
/// Wipes the values.
void wipe_shares(std::vector<Share>& shares);

}  // namespace tessera::keys
