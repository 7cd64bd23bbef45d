// A program on a library without the store: every function is there, and those of the store say that they are
// not.
#include <tessera/tessera.hpp>

#include <cstdio>
#include <string>

int main(int, char** arguments) {
  const std::string folder = arguments[1];
  if (tessera::has_feature(tessera::Feature::kStore) || !tessera::has_feature(tessera::Feature::kLicense))
    return 1;
  if (std::string(tessera::build_info()).find("sqlcipher") != std::string::npos) return 2;
  const auto opened =
      tessera::Store::try_open({.path = folder + "/app.tdb", .user = {}, .app_factors = {}, .options = {}});
  if (opened || opened.error().code() != tessera::ErrorCode::kUnsupported) return 3;
  tessera::App app = tessera::App::open({.product = "demo",
                                         .data_dir = folder,
                                         .trusted_keys = {tessera::Key::generate().public_key()},
                                         .keystore = tessera::Keystore::kFile});
  const auto store = app.try_store();
  if (store || store.error().code() != tessera::ErrorCode::kUnsupported) return 4;
  app.close();
  std::puts(opened.error().what());
  return 0;
}
