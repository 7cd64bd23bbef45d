// A key where a primitive wants an array: on the stack, and wiped with its scope.
#pragma once

#include <algorithm>

#include "crypto/crypto.hpp"

namespace tessera::keys {

struct StackKey {
  StackKey() = default;
  explicit StackKey(const Key256& key) : bytes(key) {}
  /// `secret` has 32 bytes.
  explicit StackKey(const SecretBytes& secret) { std::ranges::copy(secret.view(), bytes.begin()); }
  StackKey(const StackKey&) = delete;
  StackKey& operator=(const StackKey&) = delete;
  ~StackKey() { wipe(bytes.data(), bytes.size()); }

  Key256 bytes{};
};

}  // namespace tessera::keys
