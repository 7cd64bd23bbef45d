// usage: quickstart DATA_DIR ROOT_PUBLIC_KEY [LICENCE_FILE]
// Says whether this application is licensed here, and what identifies this machine.
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <tessera/tessera.hpp>

std::string read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(std::string("can't open ") + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

int main(int argc, char** argv) try {
  if (argc < 3) throw std::invalid_argument("usage: quickstart DATA_DIR ROOT_PUBLIC_KEY [LICENCE_FILE]");
  tessera::App app = tessera::App::open({.product = "player",
                                         .data_dir = argv[1],
                                         .trusted_keys = {argv[2]},
                                         .keystore = tessera::Keystore::kFile});
  tessera::License license = app.license();
  if (argc > 3) license.import_bundle(read_file(argv[3]));

  const tessera::Verdict verdict = license.check();  // a memory read: ask as often as you like
  std::cout << verdict.explain() << '\n';
  if (verdict) std::cout << "copies a month: " << verdict.entitlement("copies.monthly").as_int() << '\n';

  std::cout << tessera::Hwid::probe().explain() << '\n';
  app.close();
  return verdict ? 0 : 2;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
