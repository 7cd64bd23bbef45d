#include "keys/sharing.hpp"

#include <algorithm>

namespace tessera::keys {
namespace {

/// In GF(2^8) of AES, without a table or a branch that depends on a secret.
uint8_t multiply(uint8_t a, uint8_t b) {
  unsigned product = 0;
  unsigned factor = a;
  for (unsigned bit = 0; bit < 8; ++bit) {
    product ^= factor & (0u - ((b >> bit) & 1u));
    factor = ((factor << 1) ^ (0x1Bu & (0u - (factor >> 7)))) & 0xFFu;
  }
  return static_cast<uint8_t>(product);
}

/// a^254.
uint8_t inverse(uint8_t a) {
  uint8_t result = 1;
  for (int bit = 0; bit < 7; ++bit) {
    a = multiply(a, a);
    result = multiply(result, a);
  }
  return result;
}

/// What a share counts for at x = 0.
uint8_t weight_at_zero(const std::vector<Share>& shares, size_t index) {
  uint8_t above = 1, below = 1;
  for (size_t other = 0; other < shares.size(); ++other) {
    if (other == index) continue;
    above = multiply(above, shares[other].x);
    below = multiply(below, static_cast<uint8_t>(shares[other].x ^ shares[index].x));
  }
  return multiply(above, inverse(below));
}

}  // namespace

std::vector<Share> split_secret(const SecretBytes& secret, size_t threshold, size_t count, Random& random) {
  // Of the powers 1 to threshold - 1, the highest first, as Horner's rule takes them.
  SecretBytes coefficients((threshold - 1) * kShareBytes);
  random.fill(coefficients.writable());
  std::vector<Share> shares(count);
  for (size_t index = 0; index < count; ++index) {
    Share& share = shares[index];
    share.x = static_cast<uint8_t>(index + 1);
    for (size_t power = 0; power < threshold; ++power) {
      const ByteView coefficient = power + 1 == threshold
                                       ? secret.view()
                                       : coefficients.view().subspan(power * kShareBytes, kShareBytes);
      for (size_t i = 0; i < kShareBytes; ++i)
        share.value[i] = static_cast<uint8_t>(multiply(share.value[i], share.x) ^ coefficient[i]);
    }
  }
  return shares;
}

SecretBytes join_shares(const std::vector<Share>& shares) {
  SecretBytes secret(kShareBytes);
  const auto out = secret.writable();
  for (size_t index = 0; index < shares.size(); ++index) {
    const uint8_t weight = weight_at_zero(shares, index);
    for (size_t i = 0; i < kShareBytes; ++i) out[i] ^= multiply(shares[index].value[i], weight);
  }
  return secret;
}

void wipe_shares(std::vector<Share>& shares) {
  for (Share& share : shares) wipe(share.value.data(), share.value.size());
}

}  // namespace tessera::keys
