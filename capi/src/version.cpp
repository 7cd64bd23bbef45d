#include "tessera/version.h"

#include <string>

#include "crypto/versions.hpp"
#include "guard.hpp"
#include "tessera/error.h"
#ifdef TESSERA_WITH_STORE
#include "store/versions.hpp"
#endif

using tessera::capi::guard;
using tessera::capi::guard_value;

static_assert(TSR_ABI_MAJOR == TESSERA_ABI_MAJOR && TSR_ABI_MINOR == TESSERA_ABI_MINOR,
              "version.h and CMakeLists.txt disagree");

namespace {

std::string abi_text(uint32_t major, uint32_t minor) {
  return std::to_string(major) + '.' + std::to_string(minor);
}

std::string build_info() {
  std::string info = R"({"version":")" TESSERA_VERSION R"(","openssl":")";
  info.append(tessera::openssl_version()).append(R"(","libsodium":")").append(tessera::sodium_version());
#ifdef TESSERA_WITH_STORE
  info.append(R"(","sqlite":")").append(tessera::store::sqlite_version());
  info.append(R"(","sqlcipher":")").append(tessera::store::cipher_version());
#endif
  return info.append(R"(","compiler":"C++ )" __VERSION__ R"("})");
}

}  // namespace

const char* tsr_version() noexcept {
  return guard_value(__func__, "", [] { return TESSERA_VERSION; });
}

const char* tsr_build_info() noexcept {
  return guard_value(__func__, "{}", [] {
    static const auto* const text = new std::string(build_info());  // never destroyed
    return text->c_str();
  });
}

uint64_t tsr_features() noexcept {
  return guard_value(__func__, uint64_t{0}, [] {
    uint64_t areas = TSR_FEATURE_HWID | TSR_FEATURE_LICENSE;
#ifdef TESSERA_WITH_STORE
    areas |= TSR_FEATURE_STORE;
#endif
    return areas;
  });
}

tsr_status tsr_abi_check(uint32_t major, uint32_t minor, tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> tessera::Status {
    // Folded into one number: a comparison of `minor` with 0 alone would always hold.
    constexpr uint64_t kOwn = uint64_t{TSR_ABI_MAJOR} << 32 | TSR_ABI_MINOR;
    const uint64_t wanted = uint64_t{major} << 32 | minor;
    if (major == TSR_ABI_MAJOR && wanted <= kOwn) return {};
    return tessera::Error{tessera::ErrorCode::kABI,
                          "abi",
                          "this program was built for ABI " + abi_text(major, minor) +
                              " of Tessera, but the loaded library " TESSERA_VERSION " offers ABI " +
                              abi_text(TSR_ABI_MAJOR, TSR_ABI_MINOR) + "; install a library that fits",
                          {}};
  });
}
