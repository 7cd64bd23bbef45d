#include "app/config_reader.hpp"

#include <algorithm>
#include <filesystem>

#include "base/files.hpp"
#include "hwid/device_probe.hpp"
#include "license/license_code.hpp"
#include "text/utf8.hpp"

namespace tessera::config_reader {
namespace {

/// Secrets reach the library as bytes, never in a text that gets logged, stored and passed around.
struct Secret {
  std::string_view name;
  std::string_view instead;
};
constexpr Secret kSecrets[] = {
    {"license_key", "pass it with the activation request"},
    {"token", "import it as a licence"},
    {"private_key", "import it as a key"},
    {"passphrase", "pass it as bytes to the function that needs it"},
    {"password", "pass it as bytes to the function that needs it"},
    {"secret", "pass it as bytes to the function that needs it"},
};

constexpr Choice<FactorClass> kClasses[] = {
    {"unique", FactorClass::kUnique}, {"os", FactorClass::kOs}, {"model", FactorClass::kModel}};

}  // namespace

Error malformed(std::string text) { return {ErrorCode::kARG, "app", std::move(text), {}}; }

Error malformed(std::string_view name, std::string_view rule) {
  return malformed("the member \"" + std::string(name) + "\" " + std::string(rule));
}

Error in_configuration(const Error& error) {
  return malformed("the configuration can't be used: " + error.text);
}

Status require_only(const Json& object, std::initializer_list<std::string_view> allowed) {
  if (object.is_object()) {
    for (const auto& [name, value] : object.items()) {
      const auto* secret = std::ranges::find(kSecrets, to_lower_ascii(name), &Secret::name);
      if (secret != std::end(kSecrets)) {
        return malformed(secret->name, "must not be here: secrets never travel in configuration; " +
                                           std::string(secret->instead));
      }
    }
  }
  return json_only(object, allowed);
}

Status read_text(const Json& object, std::string_view name, std::string* out) {
  TSR_ASSIGN_OR_RETURN(auto text, json_string(object, name));
  if (!text) return {};
  if (text->empty()) return malformed(name, "must not be empty");
  if (text->find('\0') != std::string::npos) return malformed(name, "must not hold a NUL character");
  *out = std::move(*text);
  return {};
}

Status read_required_text(const Json& object, std::string_view name, std::string* out) {
  TSR_RETURN_IF_ERROR(read_text(object, name, out));
  if (out->empty()) return malformed(name, "is required");
  return {};
}

Result<const Json*> read_objects(const Json& object, std::string_view name) {
  TSR_ASSIGN_OR_RETURN(const Json* entries, json_array(object, name));
  const auto is_object = [](const Json& entry) { return entry.is_object(); };
  if (entries != nullptr && !std::ranges::all_of(*entries, is_object)) {
    return malformed(name, "must hold objects");
  }
  return entries;
}

Status read_integer(const Json& object, std::string_view name, int64_t least, int64_t most, int64_t* out) {
  TSR_ASSIGN_OR_RETURN(const auto number, json_integer(object, name, least, most));
  if (number) *out = *number;
  return {};
}

Status read_bool(const Json& object, std::string_view name, bool* out) {
  TSR_ASSIGN_OR_RETURN(const auto flag, json_bool(object, name));
  if (flag) *out = *flag;
  return {};
}

Status read_path(const Json& object, std::string_view name, std::string* out) {
  std::string path;
  TSR_RETURN_IF_ERROR(read_text(object, name, &path));
  if (path.empty()) return {};
  TSR_ASSIGN_OR_RETURN(path, expand_home(path));
  std::error_code failure;
  *out = std::filesystem::absolute(path, failure).lexically_normal().string();
  if (failure) return malformed(name, "is relative, but the current directory can't be read");
  return {};
}

// Types only; what may stand in a factor is hwid's to judge.
Status read_app_factors(const Json& object, std::vector<hwid::AppFactor>* out) {
  TSR_ASSIGN_OR_RETURN(const Json* entries, read_objects(object, "app_factors"));
  if (entries == nullptr) return {};
  for (const Json& entry : *entries) {
    TSR_RETURN_IF_ERROR(require_only(entry, {"name", "value", "class", "weight"}));
    hwid::AppFactor factor;
    int64_t weight = factor.weight;
    TSR_ASSIGN_OR_RETURN(auto name, json_string(entry, "name"));
    TSR_ASSIGN_OR_RETURN(auto value, json_string(entry, "value"));
    TSR_RETURN_IF_ERROR(read_choice(entry, "class", kClasses, &factor.cls));
    TSR_RETURN_IF_ERROR(read_integer(entry, "weight", INT32_MIN, INT32_MAX, &weight));
    factor.name = std::move(name).value_or("");
    factor.value = std::move(value).value_or("");
    factor.weight = static_cast<int>(weight);
    out->push_back(std::move(factor));
  }
  return {};
}

Status require_app_factors(const std::vector<hwid::AppFactor>& factors) {
  const Status checked = hwid::check_app_factors(factors);
  if (!checked.ok()) return license_error(LicenseCode::kHW_CUSTOM_INVALID, checked.error().text);
  return {};
}

}  // namespace tessera::config_reader
