#include "hwid/firmware.hpp"

#include <algorithm>

#include "hwid/cloud.hpp"
#include "text/utf8.hpp"

namespace tessera::hwid {

namespace {

struct VmMark {
  std::string_view vendor;   // start of the system vendor, lower case
  std::string_view product;  // part of the product name, lower case; empty fits all
  std::string_view vm;
};

constexpr VmMark kVmMarks[] = {
    {"qemu", "", "kvm"},
    {"red hat", "kvm", "kvm"},
    {"google", "compute engine", "kvm"},
    {"digitalocean", "", "kvm"},
    {"hetzner", "vserver", "kvm"},
    {"alibaba cloud", "", "kvm"},
    {"openstack", "", "kvm"},
    {"nutanix", "ahv", "kvm"},
    {"vmware", "", "vmware"},
    {"innotek", "", "virtualbox"},
    {"oracle corporation", "virtualbox", "virtualbox"},
    {"microsoft corporation", "virtual machine", "hyperv"},
    {"xen", "", "xen"},
    {"parallels", "", "parallels"},
    {"bhyve", "", "bhyve"},
    {"apple", "virtual", "apple"},
    {"", "kvm", "kvm"},
    {"", "bochs", "kvm"},
};

}  // namespace

void offer_firmware_ids(RawDevice& device, const Firmware& firmware) {
  device.offer(kind::kDmiUuid, firmware.product_uuid, normalize_uuid);
  const CloudRule* cloud = cloud_rule(firmware.system_vendor.text.view());
  device.offer(kind::kSerial, firmware.board_serial, normalize_serial);
  const bool serial_is_instance = cloud != nullptr && cloud->field == CloudField::kProductSerial;
  if (!serial_is_instance) device.offer(kind::kSerial, firmware.product_serial, normalize_serial);
  if (cloud != nullptr) {
    const Content& id = serial_is_instance ? firmware.product_serial : firmware.board_asset_tag;
    if (id.reading == FactorReading::kReadable)
      device.offer(kind::kCloud, normalize_instance_id(*cloud, id.text.view()));
    else
      device.explain(kind::kCloud, id.reading, id.reason);
  }
}

void offer_board_model(RawDevice& device, const Firmware& firmware) {
  if (firmware.board_name.reading == FactorReading::kReadable ||
      firmware.product_name.reading == FactorReading::kReadable)
    device.offer(kind::kModel,
                 normalize_model({firmware.board_vendor.text.view(), firmware.board_name.text.view(),
                                  firmware.product_name.text.view()}));
}

std::string vm_of(const Firmware& firmware) {
  const std::string vendor = to_lower_ascii(trim_ascii(firmware.system_vendor.text.view()));
  const std::string product = to_lower_ascii(trim_ascii(firmware.product_name.text.view()));
  // Amazon sells whole machines too; their type ends in ".metal".
  if (vendor == "amazon ec2") return product.find(".metal") == std::string::npos ? "kvm" : "";
  for (const VmMark& mark : kVmMarks)
    if (vendor.starts_with(mark.vendor) && product.find(mark.product) != std::string::npos)
      return std::string(mark.vm);
  return {};
}

}  // namespace tessera::hwid
