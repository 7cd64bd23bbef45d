// Fixture: a store in a folder of its own, opened with a passphrase.
#pragma once

#include <fstream>
#include <sstream>
#include <tessera/tessera.hpp>

#include "live_objects.hpp"
#include "temp_dir.hpp"

namespace tessera::facade_test {

class StoreFiles : public test::LiveObjects {
 public:
  std::string path(const std::string& name) const { return folder_ / name; }
  StoreConfig config() const {
    return {.path = path("app.tdb"), .user = {}, .app_factors = {}, .options = {.kdf = Kdf::kLow}};
  }
  Secrets secrets() const { return {.passphrase = "open sesame"}; }
  Store open() const { return Store::open(config(), secrets()); }
  std::string content(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(path(name), std::ios::binary).rdbuf();
    return text.str();
  }
  static std::string reason(const Error& error) { return std::string(error.detail()); }

 private:
  test::TempDir folder_;
};

inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace tessera::facade_test
