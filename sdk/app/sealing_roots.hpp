// The keys that encrypted files come from, kept inside the database: they survive its rotation.
#pragma once

#include <vector>

#include "sealed/roots.hpp"
#include "store/database.hpp"

namespace tessera {

class SealingRoots : public sealed::Roots {
 public:
  explicit SealingRoots(store::Database& database) : database_(database) {}
  /// Makes tsr_secret_roots when it is not there.
  Status prepare();
  /// The first call makes a root.
  Result<sealed::Root> newest() override;
  Result<std::optional<sealed::Root>> find(const sealed::RootId& id) override;

  /// Every root, oldest first.
  Result<std::vector<sealed::Root>> all();

 private:
  store::Database& database_;
};

/// For content that takes the place of another, before it does: the files sealed before stay readable.
Status write_sealing_roots(store::Connection& connection, const std::vector<sealed::Root>& roots);
/// What a file still has of them; none when the table can't be read.
std::vector<sealed::Root> read_sealing_roots(const std::string& path, const store::DatabaseKey& key);

}  // namespace tessera
