// The SMBIOS facts that identify a machine, wherever they were read from: sysfs on Linux, the table on
// Windows.
#pragma once

#include <string>

#include "hwid/raw_device.hpp"

namespace tessera::hwid {

struct Firmware {
  Content system_vendor;
  Content product_name;
  Content product_serial;
  Content product_uuid;
  Content board_vendor;
  Content board_name;
  Content board_serial;
  Content board_asset_tag;
};

/// Offers dmi_uuid, serial and cloud. On a known cloud the field that holds the instance id is not a serial.
void offer_firmware_ids(RawDevice& device, const Firmware& firmware);

/// Offers model.
void offer_board_model(RawDevice& device, const Firmware& firmware);

/// "kvm", "vmware", "virtualbox", ...; empty when vendor and product name no hypervisor.
std::string vm_of(const Firmware& firmware);

}  // namespace tessera::hwid
