// Readers of what kernels and firmware offer. The first byte picks the reader, the rest is the file.
#include "hwid/cloud.hpp"
#include "hwid/factors.hpp"
#include "hwid/linux_text.hpp"
#include "hwid/smbios.hpp"

namespace {

using namespace tessera;
using namespace tessera::hwid;

/// A canonical value never comes with a reason against it, and is never empty without one.
void check(const Normalized& normalized) {
  if (normalized.rejection.empty() == normalized.value.empty()) __builtin_trap();
}

void read_identifier(std::string_view text) {
  check(normalize_machine_id(text));
  check(normalize_uuid(text));
  check(normalize_serial(text));
  check(normalize_disk_id(text));
  check(normalize_disk_id(vpd_serial(text)));
  check(normalize_model({text, text}));
  if (const auto mac = parse_mac(text)) check(normalize_mac(*mac));
  if (const CloudRule* rule = cloud_rule("Amazon EC2")) check(normalize_instance_id(*rule, text));
}

void read_text(std::string_view text) {
  parse_root_mount(text);
  cpu_identity(text);
  has_hypervisor_flag(text);
  line_value(text, "E:ID_FS_UUID", '=');
  line_value(text, "DEVNAME", '=');
  root_uuid_of(text);
  count_cpus(text);
}

void read_smbios(std::string_view table) {
  for (const int minor : {4, 8}) {
    const Firmware firmware = parse_smbios(as_bytes(table), 2, minor);
    RawDevice device;
    offer_firmware_ids(device, firmware);
    offer_board_model(device, firmware);
    device.environment.vm = vm_of(firmware);
    const LocalFactors factors(std::move(device));
    if (factors.match(factors.bind("fuzz", {}), "fuzz").score < 0) __builtin_trap();
  }
}

void read_superblock(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, 4096);
  superblock_uuid(head, bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view input = as_text({data + 1, size - 1});
  switch (data[0] % 4) {
    case 0:
      read_identifier(input);
      break;
    case 1:
      read_text(input);
      break;
    case 2:
      read_smbios(input);
      break;
    default:
      read_superblock(input);
      break;
  }
  return 0;
}
