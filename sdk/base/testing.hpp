// Injection of clock, files, hardware and faults. Compiled only in a TESSERA_TESTING build; the release
// library has no symbol, string or environment variable of it.
#pragma once

#ifdef TESSERA_TESTING
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/files.hpp"

namespace tessera::testing {

struct FixedClock {
  int64_t wall_ms;
  int64_t boot_ms;
};

/// Fixes the wall and boot clock; system_clock() gives these until reset_clock().
void set_clock(int64_t wall_ms, int64_t boot_ms);
void reset_clock();
std::optional<FixedClock> fixed_clock();

/// Prefix of every path that the hardware probe reads; empty for the machine itself.
void set_hardware_root(std::string root);
std::string hardware_root();

/// Replaces system_files(); null gives the machine's back. The caller keeps `files` alive.
void set_files(Files* files);
Files* injected_files();

/// Every path is on a network file system.
void set_network(bool is_network);
bool network_is_injected();

enum class Fault { kDefect, kNoMemory };

/// Throws std::runtime_error or std::bad_alloc from the next exported function whose name is `function` (capi
/// guard).
void throw_in(std::string function, Fault fault);
void maybe_throw(std::string_view function);

}  // namespace tessera::testing
#endif
