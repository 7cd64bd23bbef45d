// certificates FOLDER: writes an authority, and a server and a client that it signed, as PEM files.
#include "certificates.hpp"

#include <filesystem>
#include <fstream>

namespace {

void write(const std::filesystem::path& file, const std::string& pem) { std::ofstream(file) << pem; }

void write(const std::filesystem::path& folder, const std::string& name, const tessera::test::Identity& who) {
  write(folder / (name + ".pem"), who.certificate);
  write(folder / (name + ".key"), who.key);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const std::filesystem::path folder = arguments[1];
  const tessera::test::Authority authority;
  write(folder / "ca.pem", authority.certificate());
  write(folder, "server", authority.issue());
  write(folder, "ana", authority.issue({.name = "ana"}));
  return 0;
}
