#include "license/license_code.hpp"

#include <array>

#include "text/json.hpp"

namespace tessera {
namespace {

struct Row {
  LicenseCode code;
  std::string_view name, text, next;
};

constexpr std::array kRows{
#define TSR_LICENSE_CODE(name, value, text, next) Row{LicenseCode::k##name, #name, text, next},
#include "license/license_codes.def"
#undef TSR_LICENSE_CODE
};

constexpr Row kUnknownRow{LicenseCode{-1}, "UNKNOWN", "unknown licence code", ""};

const Row& find_row(LicenseCode code) {
  for (const Row& row : kRows) {
    if (row.code == code) return row;
  }
  return kUnknownRow;
}

}  // namespace

std::string_view license_code_name(LicenseCode code) { return find_row(code).name; }
std::string_view license_code_text(LicenseCode code) { return find_row(code).text; }
std::string_view license_code_next(LicenseCode code) { return find_row(code).next; }

Error license_error(LicenseCode code, std::string_view what) {
  const Row& row = find_row(code);
  std::string text(row.text);
  if (!what.empty()) text.append(": ").append(what);
  if (!row.next.empty()) text.append("; ").append(row.next);
  Json detail{{"license_code", static_cast<int32_t>(code)}, {"license_name", row.name}};
  return {ErrorCode::kLICENSE, "license", std::move(text), dump_json(detail)};
}

LicenseCode license_code_of(const Error& error) {
  if (error.code == ErrorCode::kLICENSE) {
    auto detail = parse_json(error.detail_json);
    if (detail) {
      auto number = json_integer(*detail, "license_code", 0, 1000);
      if (number && *number) return static_cast<LicenseCode>(**number);
    }
  }
  return LicenseCode::kTOKEN_MALFORMED;
}

}  // namespace tessera
