// macOS: IOKit registry, sysctl and interface addresses. No ioreg child process.
#include <CoreFoundation/CoreFoundation.h>
#include <DiskArbitration/DiskArbitration.h>
#include <IOKit/IOKitLib.h>
#include <IOKit/network/IOEthernetController.h>
#include <IOKit/network/IOEthernetInterface.h>
#include <IOKit/network/IONetworkInterface.h>
#include <ifaddrs.h>
#include <net/if_dl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <type_traits>

#include "hwid/raw_device.hpp"

namespace tessera::hwid {

namespace {

constexpr int kMaxCpus = 4096;

struct CfRelease {
  void operator()(CFTypeRef object) const { CFRelease(object); }
};
template <class Ref>
using CfOwner = std::unique_ptr<std::remove_pointer_t<Ref>, CfRelease>;

class IoObject {
 public:
  explicit IoObject(io_object_t object) : object_(object) {}
  IoObject(const IoObject&) = delete;
  IoObject& operator=(const IoObject&) = delete;
  ~IoObject() {
    if (object_ != IO_OBJECT_NULL) IOObjectRelease(object_);
  }
  io_object_t get() const { return object_; }
  bool valid() const { return object_ != IO_OBJECT_NULL; }

 private:
  io_object_t object_;
};

Content text_of(CFTypeRef value) {
  if (value == nullptr || CFGetTypeID(value) != CFStringGetTypeID()) return Content::absent();
  char buffer[512];
  if (!CFStringGetCString(static_cast<CFStringRef>(value), buffer, sizeof buffer, kCFStringEncodingUTF8))
    return Content::absent();
  Content content = Content::readable(RawText(buffer));
  wipe(buffer, sizeof buffer);
  return content;
}

Content platform_text(CFStringRef property) {
  const IoObject expert(
      IOServiceGetMatchingService(MACH_PORT_NULL, IOServiceMatching("IOPlatformExpertDevice")));
  if (!expert.valid()) return Content::absent();
  const CfOwner<CFTypeRef> value(
      IORegistryEntryCreateCFProperty(expert.get(), property, kCFAllocatorDefault, 0));
  return text_of(value.get());
}

Content sysctl_text(const char* name) {
  char buffer[256] = {};
  size_t size = sizeof buffer - 1;
  if (sysctlbyname(name, buffer, &size, nullptr, 0) != 0) return Content::absent();
  return Content::readable(RawText(std::string_view(buffer)));
}

int sysctl_number(const char* name) {
  int number = 0;
  size_t size = sizeof number;
  return sysctlbyname(name, &number, &size, nullptr, 0) == 0 ? number : 0;
}

/// The address of the controller below the primary, built-in interface.
std::optional<MacAddress> built_in_mac() {
  const CFMutableDictionaryRef matching = IOServiceMatching(kIOEthernetInterfaceClass);
  if (matching == nullptr) return std::nullopt;
  const void* keys[] = {CFSTR(kIOPrimaryInterface)};
  const void* values[] = {kCFBooleanTrue};
  const CfOwner<CFDictionaryRef> primary(CFDictionaryCreate(kCFAllocatorDefault, keys, values, 1,
                                                            &kCFTypeDictionaryKeyCallBacks,
                                                            &kCFTypeDictionaryValueCallBacks));
  CFDictionarySetValue(matching, CFSTR(kIOPropertyMatchKey), primary.get());
  const IoObject interface(IOServiceGetMatchingService(MACH_PORT_NULL, matching));
  if (!interface.valid()) return std::nullopt;
  const CfOwner<CFTypeRef> built_in(
      IORegistryEntryCreateCFProperty(interface.get(), CFSTR(kIOBuiltin), kCFAllocatorDefault, 0));
  if (built_in.get() != kCFBooleanTrue) return std::nullopt;
  const CfOwner<CFTypeRef> address(IORegistryEntrySearchCFProperty(
      interface.get(), kIOServicePlane, CFSTR(kIOMACAddress), kCFAllocatorDefault,
      kIORegistryIterateRecursively | kIORegistryIterateParents));
  if (!address || CFGetTypeID(address.get()) != CFDataGetTypeID()) return std::nullopt;
  const auto data = static_cast<CFDataRef>(address.get());
  MacAddress mac{};
  if (CFDataGetLength(data) != static_cast<CFIndex>(mac.size())) return std::nullopt;
  CFDataGetBytes(data, CFRangeMake(0, static_cast<CFIndex>(mac.size())), mac.data());
  return mac;
}

Content boot_volume_uuid() {
  struct statfs root{};
  if (statfs("/", &root) != 0) return Content::absent();
  const CfOwner<DASessionRef> session(DASessionCreate(kCFAllocatorDefault));
  if (!session) return Content::absent();
  constexpr std::string_view kDev = "/dev/";
  const char* name = root.f_mntfromname;
  if (std::string_view(name).starts_with(kDev)) name += kDev.size();
  const CfOwner<DADiskRef> disk(DADiskCreateFromBSDName(kCFAllocatorDefault, session.get(), name));
  if (!disk) return Content::absent();
  const CfOwner<CFDictionaryRef> description(DADiskCopyDescription(disk.get()));
  if (!description) return Content::absent();
  const auto uuid =
      static_cast<CFUUIDRef>(CFDictionaryGetValue(description.get(), kDADiskDescriptionVolumeUUIDKey));
  if (uuid == nullptr) return Content::absent();
  const CfOwner<CFStringRef> text(CFUUIDCreateString(kCFAllocatorDefault, uuid));
  return text_of(text.get());
}

void read_interfaces(RawDevice& device) {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return;
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, freeifaddrs);
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_LINK) continue;
    const auto* link = reinterpret_cast<const sockaddr_dl*>(entry->ifa_addr);
    MacAddress mac{};
    if (link->sdl_alen == mac.size())
      std::copy_n(reinterpret_cast<const uint8_t*>(LLADDR(link)), mac.size(), mac.begin());
    device.interface_macs.push_back(mac_text(mac));
  }
}

}  // namespace

RawDevice read_device() {
  RawDevice device;
  if (sysctl_number("kern.hv_vmm_present") != 0) device.environment.vm = "unknown";
  device.offer(kind::kDmiUuid, platform_text(CFSTR(kIOPlatformUUIDKey)), normalize_uuid);
  device.offer(kind::kSerial, platform_text(CFSTR(kIOPlatformSerialNumberKey)), normalize_serial);
  if (const std::optional<MacAddress> mac = built_in_mac()) device.offer(kind::kMac, normalize_mac(*mac));
  device.offer(kind::kRootFs, boot_volume_uuid(), normalize_uuid);
  const Content cpu = sysctl_text("machdep.cpu.brand_string");
  device.offer(kind::kCpu, cpu, normalize_serial);
  device.offer(kind::kModel, sysctl_text("hw.model"), normalize_serial);
  const int cpus = std::clamp(sysctl_number("hw.logicalcpu"), 1, kMaxCpus);
  for (int i = 0; i < cpus; ++i) device.cpu_names.emplace_back(cpu.text.view());
  read_interfaces(device);
  return device;
}

}  // namespace tessera::hwid
