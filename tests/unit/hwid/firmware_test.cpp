// Cloud instance ids and virtual machines as DMI tells them.
#include "hwid/firmware.hpp"

#include <boost/test/unit_test.hpp>

#include "hwid/factors.hpp"

namespace tessera::hwid {
namespace {

Content some(std::string_view text) { return Content::readable(RawText(text)); }

Firmware machine(std::string_view vendor, std::string_view product, std::string_view serial = {},
                 std::string_view asset_tag = {}) {
  Firmware firmware;
  firmware.system_vendor = some(vendor);
  firmware.product_name = some(product);
  firmware.product_serial = some(serial);
  firmware.board_asset_tag = some(asset_tag);
  return firmware;
}

FactorReading reading(const Firmware& firmware, std::string_view kind) {
  RawDevice device;
  offer_firmware_ids(device, firmware);
  for (const RawFactor& factor : device.factors())
    if (factor.kind == kind) return factor.reading;
  throw std::logic_error("no such kind");
}

bool has_cloud(const Firmware& firmware) {
  return reading(firmware, kind::kCloud) == FactorReading::kReadable;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(firmware)

BOOST_AUTO_TEST_CASE(clouds_that_tell_an_instance_id) {
  BOOST_TEST(has_cloud(machine("Amazon EC2", "m5.large", "ec2f1a3c", "i-0a1b2c3d4e5f60718")));
  BOOST_TEST(
      has_cloud(machine("Google", "Google Compute Engine", "GoogleCloud-0A1B2C3D4E5F60718293A4B5C6D7E8F9")));
  BOOST_TEST(has_cloud(machine("DigitalOcean", "Droplet", "412345678")));
  BOOST_TEST(has_cloud(machine("Hetzner", "vServer", "51234567")));
  BOOST_TEST(
      has_cloud(machine("Alibaba Cloud", "Alibaba Cloud ECS", "af401694-c1ec-44d6-971a-2d9a1270f472")));
}

BOOST_AUTO_TEST_CASE(asset_tags_that_are_no_instance_ids) {
  BOOST_TEST(!has_cloud(machine("Amazon EC2", "m5.large", "", "Amazon EC2")));
  BOOST_TEST(!has_cloud(
      machine("Microsoft Corporation", "Virtual Machine", "", "7783-7084-3265-9085-8269-3286-77")));
  BOOST_TEST(!has_cloud(machine("Acme Computers", "Workbench", "", "i-0a1b2c3d4e5f60718")));
  BOOST_TEST(!has_cloud(machine("Google", "Chromebox", "5CD1234XYZ")));
}

BOOST_AUTO_TEST_CASE(an_instance_id_is_not_counted_twice) {
  const Firmware droplet = machine("DigitalOcean", "Droplet", "412345678");
  BOOST_TEST((reading(droplet, kind::kSerial) != FactorReading::kReadable));
  BOOST_TEST((reading(machine("Acme", "PC", "412345678"), kind::kSerial) == FactorReading::kReadable));
}

BOOST_AUTO_TEST_CASE(unreadable_instance_id_is_said_to_be_so) {
  Firmware droplet = machine("DigitalOcean", "Droplet");
  droplet.product_serial = Content::no_permission();
  BOOST_TEST((reading(droplet, kind::kCloud) == FactorReading::kUnreadable));
}

BOOST_AUTO_TEST_CASE(virtual_machines) {
  BOOST_TEST(vm_of(machine("QEMU", "Standard PC (Q35 + ICH9, 2009)")) == "kvm");
  BOOST_TEST(vm_of(machine("Red Hat", "KVM")) == "kvm");
  BOOST_TEST(vm_of(machine("VMware, Inc.", "VMware7,1")) == "vmware");
  BOOST_TEST(vm_of(machine("innotek GmbH", "VirtualBox")) == "virtualbox");
  BOOST_TEST(vm_of(machine("Microsoft Corporation", "Virtual Machine")) == "hyperv");
  BOOST_TEST(vm_of(machine("Xen", "HVM domU")) == "xen");
  BOOST_TEST(vm_of(machine("Parallels Software International Inc.", "Parallels Virtual Platform")) ==
             "parallels");
  BOOST_TEST(vm_of(machine("Amazon EC2", "m5.large")) == "kvm");
}

BOOST_AUTO_TEST_CASE(physical_machines) {
  BOOST_TEST(vm_of(machine("Amazon EC2", "m5.metal")) == "");
  BOOST_TEST(vm_of(machine("Microsoft Corporation", "Surface Laptop 5")) == "");
  BOOST_TEST(vm_of(machine("Acme Computers", "Workbench 500")) == "");
  BOOST_TEST(vm_of(Firmware{}) == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::hwid
