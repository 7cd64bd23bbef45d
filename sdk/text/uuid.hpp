// UUIDs (RFC 9562).
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/random.hpp"

namespace tessera {

using Uuid = std::array<uint8_t, 16>;

/// Version 4: 122 random bits.
Uuid make_uuid4(Random& random);
/// Version 7: the Unix time in milliseconds, then 74 random bits; texts sort by time.
Uuid make_uuid7(Random& random, int64_t wall_ms);
/// In lower case with hyphens.
std::string uuid_text(const Uuid& uuid);

}  // namespace tessera
