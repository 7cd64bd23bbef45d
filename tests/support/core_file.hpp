// Core files of processes that end themselves, and what can be read in them.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace tessera::test {

/// A precondition: the kernel may pipe core files or drop them.
inline boost::test_tools::assertion_result writes_core_files(boost::unit_test::test_unit_id) {
  std::string pattern;
  std::getline(std::ifstream("/proc/sys/kernel/core_pattern"), pattern);
  boost::test_tools::assertion_result result(pattern.starts_with("core"));
  result.message() << "this process writes no core file into its folder";
  return result;
}

/// Ends the process with a core file of unlimited size in `folder`.
[[noreturn]] inline void dump_core(const std::string& folder) {
  const struct rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  if (chdir(folder.c_str()) != 0 || setrlimit(RLIMIT_CORE, &unlimited) != 0) _exit(1);
  std::signal(SIGABRT, SIG_DFL);
  std::abort();
}

inline std::string core_in(const std::string& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.path().filename().string().starts_with("core")) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  return {};
}

inline bool holds(const std::string& core, std::string_view wanted) {
  return std::search(core.begin(), core.end(),
                     std::boyer_moore_horspool_searcher(wanted.begin(), wanted.end())) != core.end();
}

/// Computed where it is needed, so that neither the program nor its memory holds it before.
inline void fill_secret(uint8_t* out, size_t size, uint32_t seed) {
  volatile uint32_t state = seed;
  for (size_t i = 0; i < size; ++i) {
    state = state * 1103515245 + 12345;
    out[i] = static_cast<uint8_t>(state >> 16);
  }
}

inline std::string hex_of(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    hex += kDigits[static_cast<uint8_t>(c) >> 4];
    hex += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return hex;
}

}  // namespace tessera::test
