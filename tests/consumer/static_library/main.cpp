// A program that links the archive: the package names what the archive itself needs.
#include <tessera/tessera.hpp>

#include <cstdio>

int main() {
  // Pulls in hardware probing and with it most of the library.
  tsr_hwid* hwid = nullptr;
  if (tsr_hwid_probe(tsr_str_of(nullptr), &hwid, nullptr) != TSR_OK) return 1;
  tsr_hwid_free(hwid);
  std::printf("%s\n", tsr_version());
  return 0;
}
