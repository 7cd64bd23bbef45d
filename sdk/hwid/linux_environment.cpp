#include "hwid/linux_environment.hpp"

#include <algorithm>

#include "text/utf8.hpp"

namespace tessera::hwid {

namespace {

struct Mark {
  std::string_view text;
  std::string_view container;
};

/// Parts of control group paths and of overlay options.
constexpr Mark kPathMarks[] = {
    {"kubepods", "kubernetes"},   {"docker", "docker"},
    {"libpod", "podman"},         {"containers/storage", "podman"},
    {"containerd", "containerd"}, {"/lxc/", "lxc"},
    {"lxc.payload", "lxc"},       {"machine.slice/machine-", "systemd-nspawn"},
};

std::string container_in(std::string_view path_text) {
  const auto* found = std::ranges::find_if(
      kPathMarks, [&](const Mark& mark) { return path_text.find(mark.text) != std::string_view::npos; });
  return found == std::end(kPathMarks) ? std::string() : std::string(found->container);
}

bool is_wsl(const LinuxHost& host) {
  const Content release = host.read("/proc/sys/kernel/osrelease");
  return to_lower_ascii(release.text.view()).find("microsoft") != std::string::npos;
}

/// The value of `container=` in the environment of process 1, which only root may read.
std::string container_of_init(const LinuxHost& host) {
  const Content content = host.read("/proc/1/environ");
  std::string_view rest = content.text.view();
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\0'), rest.size());
    const std::string_view entry = rest.substr(0, end);
    constexpr std::string_view kName = "container=";
    if (entry.starts_with(kName)) return std::string(trim_ascii(entry.substr(kName.size())));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

/// A disk mounted as a whole is a machine's own root. Images of machines are often made from container
/// exports, so marker files such as /.dockerenv say nothing there.
bool is_whole_disk(const std::optional<RootMount>& root) {
  return root && root->root == "/" && !root->device.starts_with("0:");
}

std::string find_container(const LinuxHost& host, const std::optional<RootMount>& root) {
  const Content named = host.read("/run/systemd/container");
  if (const std::string_view name = trim_ascii(named.text.view()); !name.empty()) return to_lower_ascii(name);
  if (std::string name = container_of_init(host); !name.empty()) return to_lower_ascii(name);
  if (std::string name = container_in(host.read("/proc/1/cgroup").text.view()); !name.empty()) return name;
  if (root && root->fs_type == "overlay")
    if (std::string name = container_in(root->options); !name.empty()) return name;
  if (!is_whole_disk(root)) {
    if (host.exists("/run/.containerenv")) return "podman";
    if (host.exists("/.dockerenv")) return "docker";
  }
  return is_wsl(host) ? "wsl" : "";
}

std::string find_vm(const LinuxHost& host, const Firmware& firmware, std::string_view cpuinfo) {
  if (std::string vm = vm_of(firmware); !vm.empty()) return vm;
  const Content xen = host.read("/sys/hypervisor/type");
  if (trim_ascii(xen.text.view()) == "xen") {
    // The control domain sees the machine itself.
    const Content capabilities = host.read("/proc/xen/capabilities");
    return capabilities.text.view().find("control_d") == std::string_view::npos ? "xen" : "";
  }
  const Content tree = host.read("/sys/firmware/devicetree/base/hypervisor/compatible");
  if (tree.text.view().find("kvm") != std::string_view::npos) return "kvm";
  if (tree.text.view().find("xen") != std::string_view::npos) return "xen";
  if (is_wsl(host)) return "hyperv";
  return has_hypervisor_flag(cpuinfo) ? "unknown" : "";
}

}  // namespace

Environment read_environment(const LinuxHost& host, const Firmware& firmware, std::string_view cpuinfo,
                             const std::optional<RootMount>& root) {
  return {.vm = find_vm(host, firmware, cpuinfo), .container = find_container(host, root)};
}

bool keeps_os_identity(std::string_view container) {
  constexpr std::string_view kSystemContainers[] = {"", "lxc", "systemd-nspawn", "wsl"};
  return std::ranges::find(kSystemContainers, container) != std::end(kSystemContainers);
}

}  // namespace tessera::hwid
