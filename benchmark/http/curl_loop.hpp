// The peer: a loop around libcurl's multi interface as a careful program writes it, without any policy.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace tessera::bench {

/// Keeps its connections from one run to the next. Aborts on any error.
class CurlLoop {
 public:
  CurlLoop(std::string url, int64_t connections);
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;
  ~CurlLoop();

  /// Gets the URL so often, one request at a time on each connection.
  void run(int64_t requests);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tessera::bench
