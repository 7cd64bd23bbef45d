// Windows: firmware table, registry, storage and adapter calls. No wmic, PowerShell or WMI, so no child
// process.
// clang-format off
#include <winsock2.h>
#include <windows.h>
#include <iphlpapi.h>
#include <winioctl.h>
// clang-format on
#include <ntddndis.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>

#include "hwid/firmware.hpp"
#include "hwid/smbios.hpp"

namespace tessera::hwid {

namespace {

using RawBytes = std::vector<uint8_t, WipingAllocator<uint8_t>>;

constexpr size_t kMaxFirmwareTable = size_t{1} << 20;
constexpr DWORD kMaxCpus = 4096;

class Handle {
 public:
  explicit Handle(HANDLE handle) : handle_(handle) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (valid()) CloseHandle(handle_);
  }
  HANDLE get() const { return handle_; }
  bool valid() const { return handle_ != INVALID_HANDLE_VALUE; }

 private:
  HANDLE handle_;
};

/// Opens a device for queries only: no access right is asked for, so an ordinary user may.
Handle open_device(const std::wstring& path) {
  return Handle(
      CreateFileW(path.c_str(), 0, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr, OPEN_EXISTING, 0, nullptr));
}

RawText narrow(std::wstring_view wide) {
  RawText text;
  text.reserve(wide.size());
  for (const wchar_t c : wide) text.append(c < 0x80 ? static_cast<char>(c) : '?');
  return text;
}

/// A string value under HKEY_LOCAL_MACHINE, from the 64-bit view also in a 32-bit process.
Content registry_text(const wchar_t* key, const wchar_t* name) {
  wchar_t buffer[256];
  DWORD size = sizeof buffer;
  const LSTATUS status = RegGetValueW(HKEY_LOCAL_MACHINE, key, name, RRF_RT_REG_SZ | RRF_SUBKEY_WOW6464KEY,
                                      nullptr, buffer, &size);
  if (status == ERROR_ACCESS_DENIED) return Content::no_permission();
  if (status != ERROR_SUCCESS) return Content::absent();
  Content content = Content::readable(narrow(buffer));
  wipe(buffer, sizeof buffer);
  return content;
}

/// What GetSystemFirmwareTable('RSMB') puts in front of the structures.
struct RawSmbiosHeader {
  BYTE used_20_calling_method;
  BYTE major;
  BYTE minor;
  BYTE dmi_revision;
  DWORD length;
};

Firmware read_smbios() {
  constexpr DWORD kRawSmbios = 0x52534D42;  // "RSMB"
  const UINT size = GetSystemFirmwareTable(kRawSmbios, 0, nullptr, 0);
  if (size < sizeof(RawSmbiosHeader) || size > kMaxFirmwareTable) return {};
  RawBytes table(size);
  if (GetSystemFirmwareTable(kRawSmbios, 0, table.data(), size) != size) return {};
  RawSmbiosHeader header;
  std::memcpy(&header, table.data(), sizeof header);
  const ByteView structures = ByteView(table).subspan(sizeof header);
  return parse_smbios(structures.first(std::min<size_t>(structures.size(), header.length)), header.major,
                      header.minor);
}

/// Same form as the Linux machine id: one role, one spelling.
Normalized normalize_machine_guid(std::string_view text) {
  Normalized uuid = normalize_uuid(text);
  if (!uuid.rejection.empty()) return uuid;
  RawText digits;
  digits.reserve(32);
  for (const char c : uuid.value.view())
    if (c != '-') digits.append(c);
  return normalize_machine_id(digits.view());
}

/// Numbers of the disks that hold the volume of the Windows directory.
std::vector<DWORD> system_disks() {
  wchar_t directory[MAX_PATH];
  const UINT length = GetSystemWindowsDirectoryW(directory, MAX_PATH);
  if (length < 2 || length >= MAX_PATH || directory[1] != L':') return {};
  const Handle volume = open_device(std::wstring(L"\\\\.\\") + directory[0] + L':');
  if (!volume.valid()) return {};
  constexpr DWORD kMaxExtents = 16;
  alignas(VOLUME_DISK_EXTENTS)
      uint8_t buffer[sizeof(VOLUME_DISK_EXTENTS) + kMaxExtents * sizeof(DISK_EXTENT)];
  DWORD written = 0;
  if (!DeviceIoControl(volume.get(), IOCTL_VOLUME_GET_VOLUME_DISK_EXTENTS, nullptr, 0, buffer, sizeof buffer,
                       &written, nullptr) ||
      written < sizeof(VOLUME_DISK_EXTENTS))
    return {};
  DWORD count = 0;
  std::memcpy(&count, buffer, sizeof count);
  std::vector<DWORD> disks;
  for (DWORD i = 0; i < std::min(count, kMaxExtents); ++i) {
    DISK_EXTENT extent;
    std::memcpy(&extent, buffer + offsetof(VOLUME_DISK_EXTENTS, Extents) + i * sizeof extent, sizeof extent);
    disks.push_back(extent.DiskNumber);
  }
  return disks;
}

void offer_disk(DWORD number, RawDevice& device) {
  const Handle disk = open_device(L"\\\\.\\PhysicalDrive" + std::to_wstring(number));
  if (!disk.valid()) return device.explain(kind::kDisk, FactorReading::kUnreadable, "no permission");
  STORAGE_PROPERTY_QUERY query{};
  query.PropertyId = StorageDeviceProperty;
  query.QueryType = PropertyStandardQuery;
  RawBytes answer(4096);
  DWORD written = 0;
  if (!DeviceIoControl(disk.get(), IOCTL_STORAGE_QUERY_PROPERTY, &query, sizeof query, answer.data(),
                       static_cast<DWORD>(answer.size()), &written, nullptr) ||
      written < sizeof(STORAGE_DEVICE_DESCRIPTOR))
    return;
  STORAGE_DEVICE_DESCRIPTOR descriptor;
  std::memcpy(&descriptor, answer.data(), sizeof descriptor);
  if (descriptor.RemovableMedia || descriptor.BusType == BusTypeUsb || descriptor.BusType == BusTypeSd ||
      descriptor.BusType == BusTypeFileBackedVirtual)
    return device.explain(kind::kDisk, FactorReading::kRejected, "removable or virtual");
  if (descriptor.SerialNumberOffset == 0 || descriptor.SerialNumberOffset >= written) return;
  std::string_view serial = as_text(ByteView(answer).first(written).subspan(descriptor.SerialNumberOffset));
  device.offer(kind::kDisk, normalize_disk_id(serial.substr(0, serial.find('\0'))));
}

/// The address burnt into an adapter. Drivers answer this query without rights; one that does not is left
/// out, since the current address can be set by anybody.
std::optional<MacAddress> permanent_mac(const char* adapter_guid) {
  const Handle adapter =
      open_device(L"\\\\.\\" + std::wstring(adapter_guid, adapter_guid + std::strlen(adapter_guid)));
  if (!adapter.valid()) return std::nullopt;
  NDIS_OID oid = OID_802_3_PERMANENT_ADDRESS;
  MacAddress mac{};
  DWORD written = 0;
  if (!DeviceIoControl(adapter.get(), IOCTL_NDIS_QUERY_GLOBAL_STATS, &oid, sizeof oid, mac.data(),
                       static_cast<DWORD>(mac.size()), &written, nullptr) ||
      written != mac.size())
    return std::nullopt;
  return mac;
}

/// Ethernet and Wi-Fi adapters on the PCI bus: their connection key names the device they belong to.
bool is_on_pci(const char* adapter_guid) {
  const std::wstring guid(adapter_guid, adapter_guid + std::strlen(adapter_guid));
  const std::wstring key =
      L"SYSTEM\\CurrentControlSet\\Control\\Network\\{4D36E972-E325-11CE-BFC1-08002BE10318}\\" + guid +
      L"\\Connection";
  return registry_text(key.c_str(), L"PnPInstanceId").text.view().starts_with("PCI\\");
}

void read_adapters(RawDevice& device) {
  constexpr ULONG kFlags = GAA_FLAG_SKIP_UNICAST | GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST |
                           GAA_FLAG_SKIP_DNS_SERVER | GAA_FLAG_INCLUDE_ALL_INTERFACES;
  ULONG size = 32 << 10;
  std::unique_ptr<std::max_align_t[]> buffer;
  ULONG status = ERROR_BUFFER_OVERFLOW;
  for (int attempt = 0; attempt < 3 && status == ERROR_BUFFER_OVERFLOW; ++attempt) {
    buffer = std::make_unique<std::max_align_t[]>(size / sizeof(std::max_align_t) + 1);
    status = GetAdaptersAddresses(AF_UNSPEC, kFlags, nullptr,
                                  reinterpret_cast<IP_ADAPTER_ADDRESSES*>(buffer.get()), &size);
  }
  if (status != ERROR_SUCCESS) return;
  for (const auto* adapter = reinterpret_cast<const IP_ADAPTER_ADDRESSES*>(buffer.get()); adapter != nullptr;
       adapter = adapter->Next) {
    MacAddress current{};
    if (adapter->PhysicalAddressLength == current.size())
      std::copy_n(adapter->PhysicalAddress, current.size(), current.begin());
    device.interface_macs.push_back(mac_text(current));
    if (!is_on_pci(adapter->AdapterName)) continue;
    if (const std::optional<MacAddress> mac = permanent_mac(adapter->AdapterName))
      device.offer(kind::kMac, normalize_mac(*mac));
  }
}

void read_cpus(RawDevice& device) {
  const std::wstring root = L"HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\";
  const Content vendor = registry_text((root + L"0").c_str(), L"VendorIdentifier");
  // "Intel64 Family 6 Model 158 Stepping 10"; the stepping is no part of the identity.
  const Content identifier = registry_text((root + L"0").c_str(), L"Identifier");
  if (identifier.reading == FactorReading::kReadable) {
    const std::string_view model = identifier.text.view();
    device.offer(kind::kCpu, normalize_model({vendor.text.view(), model.substr(0, model.find(" Stepping"))}));
  }
  const DWORD count = std::min(GetActiveProcessorCount(ALL_PROCESSOR_GROUPS), kMaxCpus);
  for (DWORD i = 0; i < count; ++i)
    device.cpu_names.push_back(
        registry_text((root + std::to_wstring(i)).c_str(), L"ProcessorNameString").text);
}

}  // namespace

RawDevice read_device() {
  RawDevice device;
  const Firmware firmware = read_smbios();
  device.environment.vm = vm_of(firmware);
  offer_firmware_ids(device, firmware);
  offer_board_model(device, firmware);
  device.offer(kind::kMachineId, registry_text(L"SOFTWARE\\Microsoft\\Cryptography", L"MachineGuid"),
               normalize_machine_guid);
  for (const DWORD disk : system_disks()) offer_disk(disk, device);
  read_adapters(device);
  read_cpus(device);
  return device;
}

}  // namespace tessera::hwid
