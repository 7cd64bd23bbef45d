// LicenseCode: what a licence is. A separate list from ErrorCode, which says whether a call worked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tessera {

enum class LicenseCode : int32_t {
#define TSR_LICENSE_CODE(name, value, text, next) k##name = value,
#include "license/license_codes.def"
#undef TSR_LICENSE_CODE
};

inline constexpr bool license_usable(LicenseCode code) { return static_cast<int32_t>(code) < 20; }
std::string_view license_code_name(LicenseCode code);
std::string_view license_code_text(LicenseCode code);
std::string_view license_code_next(LicenseCode code);

/// TSR_E_LICENSE with the code in its detail. `what` adds the particular to the list's text: "<text>: <what>;
/// <next>".
Error license_error(LicenseCode code, std::string_view what = {});
/// The code inside an error made by license_error(); TOKEN_MALFORMED for any other error.
LicenseCode license_code_of(const Error& error);

}  // namespace tessera
