#include <tessera/tessera.hpp>
#include <utility>

#include "command.hpp"
#include "console.hpp"
#include "settings.hpp"

namespace tessera::cli {
namespace {

struct HwidOptions {
  std::string config;
  bool explain = false;
};

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

/// The factors that an activation request is made of too.
HwidConfig hwid_config(const Json& config) {
  HwidConfig out;
  if (const auto factors = config.find("app_factors"); factors != config.end()) {
    for (const Json& factor : factors->get_ref<const Json::array_t&>())
      out.app_factors.push_back(app_factor(factor));
  }
  return out;
}

int run(const Session& session, const HwidOptions& options) {
  const Hwid hwid = Hwid::probe(hwid_config(read_config(options.config)));
  if (session.json) {
    print_json(Json::parse(hwid.json()));
    return kExitOk;
  }
  std::string text = printable(hwid.explain());
  if (!options.explain) text.erase(std::min(text.find('\n'), text.size()));
  print(text.ends_with('\n') ? text : text + '\n');
  return kExitOk;
}

}  // namespace

void add_hwid(CLI::App& app, Session& session) {
  auto options = std::make_shared<HwidOptions>();
  CLI::App* const command =
      add_command(app, session, "hwid", "Show how well a licence can be bound to this machine", options, run);
  command->add_flag("--explain", options->explain,
                    "Every identifier kind and what was found; never its value");
  add_config_option(*command, options->config);
}

}  // namespace tessera::cli
