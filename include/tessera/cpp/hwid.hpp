/// @file tessera/cpp/hwid.hpp  What identifies this machine, without revealing it.
///
/// @code
/// std::cout << tessera::Hwid::probe().explain();
/// @endcode
#ifndef TESSERA_CPP_HWID_HPP
#define TESSERA_CPP_HWID_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/cpp/detail/call.hpp"
#include "tessera/cpp/detail/json_writer.hpp"
#include "tessera/cpp/operation.hpp"
#include "tessera/hwid.h"

namespace tessera::inline v1 {

/// How well a licence can be bound to this machine.  @since 1.0
enum class Strength : std::int32_t {
  kNone = TSR_STRENGTH_NONE,
  kWeak = TSR_STRENGTH_WEAK,
  kMedium = TSR_STRENGTH_MEDIUM,
  kStrong = TSR_STRENGTH_STRONG,
};

/// What a factor identifies.  @since 1.0
enum class FactorClass : std::int32_t {
  kUnique = TSR_FACTOR_UNIQUE,  ///< One piece of hardware.
  kOs = TSR_FACTOR_OS,          ///< One installation of the operating system.
  kModel = TSR_FACTOR_MODEL,    ///< A model of hardware.
};

/// As configurations spell it.  @threads any  @since 1.0
constexpr std::string_view name(FactorClass factor_class) noexcept {
  switch (factor_class) {
    case FactorClass::kOs:
      return "os";
    case FactorClass::kModel:
      return "model";
    case FactorClass::kUnique:
      break;
  }
  return "unique";
}

/// What the probe found for a factor.  @since 1.0
enum class FactorState : std::int32_t {
  kReadable = TSR_FACTOR_READABLE,
  kUnreadable = TSR_FACTOR_UNREADABLE,
  kAbsent = TSR_FACTOR_ABSENT,
  kRejected = TSR_FACTOR_REJECTED,
};

/// One kind of identifier that this platform looks for. Holds no value.  @since 1.0
struct Factor {
  std::string kind;  ///< "disk", "machine_id", "app:dongle", ...
  FactorClass factor_class;
  std::int32_t weight;  ///< In the score, 1 to 10.
  FactorState state;
};

/// An identifier that only the application knows, such as a dongle's serial number.  @since 1.0
struct AppFactor {
  std::string name{};
  std::string value{};  ///< Kept inside the library; licences get a salted tag of it.
  FactorClass factor_class = FactorClass::kUnique;
  std::optional<std::int32_t> weight{};

  std::string to_json() const {
    return detail::JsonObject()
        .add("name", name)
        .add("value", value)
        .add("class", factor_class)
        .add("weight", weight)
        .text();
  }
};

/// What Hwid::probe() takes.  @since 1.0
struct HwidConfig {
  std::vector<AppFactor> app_factors{};

  std::string to_json() const { return detail::JsonObject().add_if_any("app_factors", app_factors).text(); }
};

/// A snapshot of this machine's identifiers; no function gives a raw value. Immutable, move-only.
/// @threads any  @since 1.0
class Hwid {
 public:
  using Owner = detail::Handle<tsr_hwid, &tsr_hwid_free>;

  /// For the facade's own use.
  explicit Hwid(Owner owner) noexcept : owner_(std::move(owner)) {}

  /// Reads small files and asks the kernel; no child process, no network.
  /// @errors ErrorCode::kArg, kLicense (HW_CUSTOM_INVALID)  @threads any  @blocks disk  @since 1.0
  static Hwid probe(const HwidConfig& config = {}) { return try_probe(config).value(); }
  static Expected<Hwid> try_probe(const HwidConfig& config = {}) noexcept {
    const std::string json = config.to_json();
    return detail::obtain_as<Hwid, Owner>(
        [&](tsr_hwid** out, tsr_error** error) { return tsr_hwid_probe(detail::borrow(json), out, error); });
  }

  /// probe() in the background; see Completion.
  /// @errors ErrorCode::kArg, kBusy  @threads any  @since 1.0
  static Operation probe_async(const HwidConfig& config, Completion<Hwid> done) {
    return try_probe_async(config, std::move(done)).value();
  }
  static Expected<Operation> try_probe_async(const HwidConfig& config, Completion<Hwid> done) noexcept {
    const std::string json = config.to_json();
    return detail::start_op<Hwid, &detail::take_as<Hwid, &tsr_op_hwid>>(
        std::move(done), [&](auto... op) { return tsr_hwid_probe_async(detail::borrow(json), op...); });
  }

  Strength strength() const noexcept { return static_cast<Strength>(tsr_hwid_strength(owner_.get())); }

  /// "kvm", "vmware", ... in a virtual machine, else "".
  std::string vm() const { return tsr_hwid_vm(owner_.get()); }

  /// "docker", "wsl", ... in a container, else "".
  std::string container() const { return tsr_hwid_container(owner_.get()); }

  /// Every kind that this platform looks for, found or not.
  std::vector<Factor> factors() const {
    std::vector<Factor> factors;
    const tsr_hwid* const hwid = owner_.get();
    for (std::size_t i = 0; i < tsr_hwid_factor_count(hwid); ++i) {
      factors.push_back({.kind = tsr_hwid_factor_kind(hwid, i),
                         .factor_class = static_cast<FactorClass>(tsr_hwid_factor_class(hwid, i)),
                         .weight = tsr_hwid_factor_weight(hwid, i),
                         .state = static_cast<FactorState>(tsr_hwid_factor_state(hwid, i))});
    }
    return factors;
  }

  /// LEGACY: the digest over CPU names and MAC addresses that RS256 tokens of older services carry; it
  /// changes with any network adapter.
  std::string legacy_digest() const { return tsr_hwid_legacy_digest(owner_.get()); }

  /// A readable report without raw values.  @errors ErrorCode::kArg (moved from)  @threads any  @since 1.0
  std::string explain() const { return try_explain().value(); }
  Expected<std::string> try_explain() const noexcept {
    return detail::obtain_text(
        [&](tsr_buf* out, tsr_error** error) { return tsr_hwid_explain(owner_.get(), out, error); });
  }

  /// The same report as JSON; see tsr_hwid_json().  @errors as explain()  @threads any  @since 1.0
  std::string json() const { return try_json().value(); }
  Expected<std::string> try_json() const noexcept {
    return detail::obtain_text(
        [&](tsr_buf* out, tsr_error** error) { return tsr_hwid_json(owner_.get(), out, error); });
  }

 private:
  Owner owner_;
};

}  // namespace tessera::inline v1

#endif
