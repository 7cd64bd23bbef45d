#include "app_factors.hpp"

#include <utility>

#include "exit_code.hpp"

namespace tessera::cli {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw Failure(kExitUsage, "a factor of the application " + what,
                "correct \"app_factors\" in the configuration");
}

FactorClass factor_class_of(const std::string& text) {
  for (const FactorClass factor_class : {FactorClass::kUnique, FactorClass::kOs, FactorClass::kModel}) {
    if (name(factor_class) == text) return factor_class;
  }
  refuse("is of class unique, os or model");
}

std::int32_t weight_of(std::int64_t number) {
  if (!std::in_range<std::int32_t>(number)) refuse("has a weight of 1 to 10");
  return static_cast<std::int32_t>(number);
}

AppFactor app_factor(const Json& json) {
  AppFactor factor;
  for (const auto& [member, value] : json.get_ref<const Json::object_t&>()) {
    if (member == "name") {
      factor.name = value;
    } else if (member == "value") {
      factor.value = value;
    } else if (member == "class") {
      factor.factor_class = factor_class_of(value);
    } else if (member == "weight") {
      factor.weight = weight_of(value.get_ref<const std::int64_t&>());
    } else {
      refuse("has no member \"" + member + '"');
    }
  }
  return factor;
}

}  // namespace

std::vector<AppFactor> app_factors(const Json& config) {
  std::vector<AppFactor> out;
  if (const auto factors = config.find("app_factors"); factors != config.end()) {
    for (const Json& factor : factors->get_ref<const Json::array_t&>()) out.push_back(app_factor(factor));
  }
  return out;
}

}  // namespace tessera::cli
