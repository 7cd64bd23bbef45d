// The SMBIOS structure table (DMTF DSP0134), as Windows hands it out and as firmware stores it.
#pragma once

#include "base/bytes.hpp"
#include "hwid/firmware.hpp"

namespace tessera::hwid {

/// Reads system (type 1) and board (type 2) structures; the first of each counts. `major` and `minor` decide
/// the byte order of the UUID. Any bytes are safe: a damaged table gives what stood before the damage.
Firmware parse_smbios(ByteView table, int major, int minor);

}  // namespace tessera::hwid
