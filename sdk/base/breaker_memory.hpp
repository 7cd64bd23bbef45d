// What the API client's circuit breakers remember over a restart. The store can keep it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera {

/// Safe from any thread; may wait for a disk. To a breaker a failure here is nothing remembered.
class BreakerMemory {
 public:
  virtual ~BreakerMemory() = default;
  /// Pairs of host and record.
  virtual std::vector<std::pair<std::string, std::string>> load_all() = 0;
  /// An empty record forgets the host.
  virtual void save(std::string_view host, std::string_view record_json) = 0;
};

}  // namespace tessera
