#include "license/claims_json.hpp"

namespace tessera {

void ClaimReader::fail(std::string_view name) {
  fail(license_error(LicenseCode::kCLAIM_INVALID, std::string("member \"").append(name).append("\"")));
}

void ClaimReader::fail(Error error) {
  if (status_.ok()) status_ = std::move(error);
}

std::string ClaimReader::text(std::string_view name, bool required, size_t max_bytes) {
  auto value = json_string(*object_, name);
  if (!value || (required && !*value)) return fail(name), std::string();
  if (!*value) return {};
  // Getters of the C ABI end text with a NUL, so it may not contain one.
  std::string text = *std::move(*value);
  if ((required && text.empty()) || text.size() > max_bytes || text.find('\0') != std::string::npos)
    return fail(name), std::string();
  return text;
}

int64_t ClaimReader::integer(std::string_view name, bool required, int64_t least, int64_t most,
                             int64_t otherwise) {
  auto value = json_integer(*object_, name, least, most);
  if (!value || (required && !*value)) return fail(name), otherwise;
  return value->value_or(otherwise);
}

bool ClaimReader::boolean(std::string_view name, bool otherwise) {
  auto value = json_bool(*object_, name);
  if (!value) return fail(name), otherwise;
  return value->value_or(otherwise);
}

const Json* ClaimReader::object(std::string_view name, bool required) {
  auto value = json_object(*object_, name);
  if (!value || (required && *value == nullptr)) return fail(name), nullptr;
  return *value;
}

const Json* ClaimReader::array(std::string_view name, bool required) {
  auto value = json_array(*object_, name);
  if (!value || (required && *value == nullptr)) return fail(name), nullptr;
  return *value;
}

}  // namespace tessera
