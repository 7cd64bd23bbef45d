// Legacy: the hardware id of older TikTrend clients (TT-25), needed only to check the `hwid` claim of their
// RS256 tokens. Never bind anything new to it.
//
// The seed program hashes, with SHA-256, the brand string of every logical CPU joined without a separator,
// then the MAC address of every network interface joined without a separator, and prints lower-case hex. Its
// interfaces come from a hash map, so their order, and with it the id, changes between two runs on one
// machine. This digest is the same function over sorted inputs:
//
//   hex(SHA-256( join(sort(cpu brand strings)) || join(sort(MAC addresses)) ))
//
// Like the seed it excludes nothing: loopback counts as "00:00:00:00:00:00", an interface without a six-byte
// address too, and virtual interfaces take part, so a dock or a VPN changes it. It equals the seed's id
// whenever the seed happened to visit the interfaces in sorted order; with a loopback and one adapter that is
// every other run.
#pragma once

#include <string>
#include <vector>

#include "hwid/raw_text.hpp"

namespace tessera::hwid {

/// `macs` in lower-case colon form.
std::string legacy_digest(const std::vector<RawText>& cpu_names, const std::vector<RawText>& macs);

}  // namespace tessera::hwid
