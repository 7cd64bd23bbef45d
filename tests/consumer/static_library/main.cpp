// A program that links the archive: the package names what the archive itself needs.
#include <tessera/tessera.hpp>

#include <cstdio>
#include <string_view>

int main() {
  // Pulls in hardware probing and with it most of the library.
  tsr_hwid* hwid = nullptr;
  if (tsr_hwid_probe(tsr_str_of(nullptr), &hwid, nullptr) != TSR_OK) return 1;
  tsr_hwid_free(hwid);
  std::printf("%s\n", tsr_build_info());
  // libcurl is inside, and what it needs is linked.
  return std::string_view(tsr_build_info()).find("curl") == std::string_view::npos ? 2 : 0;
}
