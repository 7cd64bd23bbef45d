// The report of a probe for people and for programs.
#include <algorithm>

#include "app/app.hpp"
#include "text/json.hpp"

namespace tessera {
namespace {

std::string_view strength_name(Strength strength) {
  switch (strength) {
    case Strength::kStrong:
      return "strong";
    case Strength::kMedium:
      return "medium";
    case Strength::kWeak:
      return "weak";
    case Strength::kNone:
      break;
  }
  return "none";
}

std::string_view class_name(FactorClass cls) {
  switch (cls) {
    case FactorClass::kUnique:
      return "unique";
    case FactorClass::kOs:
      return "os";
    case FactorClass::kModel:
      break;
  }
  return "model";
}

std::string_view reading_name(FactorReading reading) {
  switch (reading) {
    case FactorReading::kReadable:
      return "readable";
    case FactorReading::kUnreadable:
      return "unreadable";
    case FactorReading::kRejected:
      return "rejected";
    case FactorReading::kAbsent:
      break;
  }
  return "absent";
}

/// Weight that the readable factors of a class have together.
int readable_weight(const DeviceReport& report, FactorClass cls) {
  int weight = 0;
  for (const FactorReport& factor : report.factors) {
    if (factor.cls == cls && factor.reading == FactorReading::kReadable) weight += factor.weight;
  }
  return weight;
}

void append_padded(std::string* out, std::string_view text, size_t width) {
  out->append(text).append(width - std::min(width, text.size()), ' ');
}

std::string condition(const FactorReport& factor) {
  if (factor.reading == FactorReading::kReadable) return std::to_string(factor.tag_bits) + "-bit tag";
  std::string text(reading_name(factor.reading));
  if (!factor.reason.empty()) text.append(": ").append(factor.reason);
  return text;
}

}  // namespace

std::string explain_device(const DeviceFactors& factors) {
  const DeviceReport& report = factors.report();
  std::string out = "strength ";
  for (const char c : strength_name(report.strength)) out += static_cast<char>(c - 'a' + 'A');
  for (const FactorClass cls : {FactorClass::kUnique, FactorClass::kOs, FactorClass::kModel}) {
    out.append(cls == FactorClass::kUnique ? "   " : "  ").append(1, static_cast<char>(cls)).append(" ");
    out.append(std::to_string(readable_weight(report, cls)));
  }
  if (!report.environment.vm.empty()) out.append("\nvirtual machine ").append(report.environment.vm);
  if (!report.environment.container.empty()) out.append("\ncontainer ").append(report.environment.container);

  size_t kind_width = 0;
  for (const FactorReport& factor : report.factors) kind_width = std::max(kind_width, factor.kind.size());
  for (const FactorReport& factor : report.factors) {
    out.append("\n  ");
    append_padded(&out, factor.kind, kind_width + 2);
    append_padded(&out, class_name(factor.cls), 8);
    append_padded(&out, "weight " + std::to_string(factor.weight), 11);
    out.append(condition(factor));
  }
  return out;
}

std::string device_json(const DeviceFactors& factors) {
  const DeviceReport& report = factors.report();
  Json entries = Json::array();
  for (const FactorReport& factor : report.factors) {
    entries.push_back({{"kind", factor.kind},
                       {"class", std::string(1, static_cast<char>(factor.cls))},
                       {"weight", factor.weight},
                       {"state", reading_name(factor.reading)},
                       {"bits", factor.tag_bits},
                       {"note", factor.reason}});
  }
  return dump_json({{"strength", strength_name(report.strength)},
                    {"weights",
                     {{"unique", readable_weight(report, FactorClass::kUnique)},
                      {"os", readable_weight(report, FactorClass::kOs)},
                      {"model", readable_weight(report, FactorClass::kModel)}}},
                    {"vm", report.environment.vm},
                    {"container", report.environment.container},
                    {"factors", std::move(entries)}});
}

}  // namespace tessera
