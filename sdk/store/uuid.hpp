// UUIDs in lower-case text with hyphens (RFC 9562).
#pragma once

#include <cstdint>
#include <string>

#include "base/random.hpp"

namespace tessera::store {

/// Version 4: 122 random bits.
std::string make_uuid4(Random& random);
/// Version 7: the Unix time in milliseconds, then 74 random bits; texts sort by time.
std::string make_uuid7(Random& random, int64_t wall_ms);

}  // namespace tessera::store
