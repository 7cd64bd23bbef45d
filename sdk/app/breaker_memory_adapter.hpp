// What the API client's breakers remember, in a table of the SDK's own inside the encrypted store.
#pragma once

#include <memory>
#include <utility>

#include "app/store_core.hpp"
#include "base/breaker_memory.hpp"

namespace tessera {

class BreakerMemoryAdapter final : public BreakerMemory {
 public:
  /// Hosts; the longest unchanged goes first.
  static constexpr int64_t kMostHosts = 1'000;

  explicit BreakerMemoryAdapter(std::shared_ptr<StoreCore> store) : store_(std::move(store)) {}

  std::vector<std::pair<std::string, std::string>> load_all() override;
  void save(std::string_view host, std::string_view record_json) override;

 private:
  Status load(std::vector<std::pair<std::string, std::string>>* records);

  const std::shared_ptr<StoreCore> store_;
};

}  // namespace tessera
