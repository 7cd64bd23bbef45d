/// @file tessera/cpp/version.hpp  Version of the loaded library.
#ifndef TESSERA_CPP_VERSION_HPP
#define TESSERA_CPP_VERSION_HPP

#include <cstdint>
#include <string_view>

#include "tessera/cpp/detail/call.hpp"
#include "tessera/version.h"

namespace tessera::inline v1 {

/// Product version of the loaded library, such as "0.1.0". Static.  @threads any  @since 1.0
inline std::string_view version() noexcept { return tsr_version(); }

/// What the loaded library was built with, as JSON; see tsr_build_info(). Static.  @threads any  @since 1.0
inline std::string_view build_info() noexcept { return tsr_build_info(); }

/// Areas that a build may leave out; calls into a missing one give ErrorCode::kUnsupported.  @since 1.0
enum class Feature : std::uint64_t {
  kHwid = TSR_FEATURE_HWID,
  kLicense = TSR_FEATURE_LICENSE,
  kStore = TSR_FEATURE_STORE
};

/// Whether the loaded library includes an area.  @threads any  @since 1.0
inline bool has_feature(Feature feature) noexcept {
  return (tsr_features() & static_cast<std::uint64_t>(feature)) != 0;
}

/// Checks that the loaded library serves a program built against these headers.
/// @errors ErrorCode::kAbi  @threads any  @since 1.0
inline Expected<void> try_check_abi() noexcept {
  return detail::run([](tsr_error** error) { return tsr_abi_check(TSR_ABI_MAJOR, TSR_ABI_MINOR, error); });
}
inline void check_abi() { try_check_abi().value(); }

}  // namespace tessera::inline v1

#endif
