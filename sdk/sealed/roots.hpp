// Sealing roots: the keys that the keys of all sealed files come from. The store keeps them inside its
// encrypted database; this port is how sealed files reach them.
#pragma once

#include <array>
#include <optional>

#include "crypto/crypto.hpp"

namespace tessera::sealed {

/// Random, so that a file of another store names a root that this one does not have.
using RootId = std::array<uint8_t, 16>;

struct Root {
  RootId id{};
  SecretBytes key;  // 32 random bytes
};

/// Called only while a file or log is opened, on the caller's thread. Errors are passed on as they are.
class Roots {
 public:
  virtual ~Roots() = default;
  /// What new files are sealed under.
  virtual Result<Root> newest() = 0;
  /// Nothing when there is no such root. Roots that were replaced stay, or their files are lost.
  virtual Result<std::optional<Root>> find(const RootId& id) = 0;
};

}  // namespace tessera::sealed
