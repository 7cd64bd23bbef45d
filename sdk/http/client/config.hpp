// How a client is set up. Secrets come apart from the configuration that names them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/http_cache_store.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "http/cache/entry.hpp"
#include "http/fields/headers.hpp"
#include "http/fields/url.hpp"
#include "http/policy/config.hpp"
#include "http/transport/wire.hpp"

namespace tessera::http {

/// The trust of hosts whose name fits `match`: a name, or "*.example.com".
struct HostTrust {
  std::string match;
  std::shared_ptr<const TlsSettings> tls;
};

struct ClientConfig {
  std::optional<Url> base_url;  // for relative URLs
  Headers headers;              // of every request that has none of that name
  HttpPolicyConfig policies;
  bool is_cached = true;
  CacheConfig cache;
  std::shared_ptr<const TlsSettings> tls;   // null: the system's trust, TLS 1.3
  std::vector<HostTrust> trusts;            // the first that fits, before `tls`
  std::vector<std::string> internal_hosts;  // plain HTTP goes to these and to loopback only (TV-02)
  std::vector<std::shared_ptr<const ProxySettings>> proxies;  // in the order of policies.proxies
};

struct ClientPorts {
  Clock* clock = nullptr;
  Random* random = nullptr;
  Logger* logger = nullptr;
  ResponseStore* responses = nullptr;  // null: the client's own memory
};

}  // namespace tessera::http
