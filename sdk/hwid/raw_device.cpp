#include "hwid/raw_device.hpp"

#include <algorithm>
#include <stdexcept>

namespace tessera::hwid {

namespace {

int telling(FactorReading reading) {
  switch (reading) {
    case FactorReading::kReadable:
      return 3;
    case FactorReading::kUnreadable:
      return 2;
    case FactorReading::kRejected:
      return 1;
    case FactorReading::kAbsent:
      return 0;
  }
  return 0;
}

}  // namespace

RawDevice::RawDevice() {
  factors_.reserve(scheme_kinds().size());
  for (const KindInfo& info : scheme_kinds())
    factors_.push_back(
        {.kind = std::string(info.name), .cls = info.cls, .weight = info.weight, .values = {}});
}

void RawDevice::offer(std::string_view kind, Normalized candidate) {
  if (!candidate.rejection.empty()) return explain(kind, FactorReading::kRejected, candidate.rejection);
  RawFactor& factor = slot(kind);
  factor.reading = FactorReading::kReadable;
  factor.reason = {};
  const auto is_known = [&](const RawText& value) { return value.view() == candidate.value.view(); };
  if (factor.values.size() >= kMaxValuesPerKind || std::ranges::any_of(factor.values, is_known)) return;
  factor.values.push_back(std::move(candidate.value));
}

void RawDevice::offer(std::string_view kind, const Content& content,
                      Normalized (*normalize)(std::string_view)) {
  if (content.reading == FactorReading::kReadable)
    offer(kind, normalize(content.text.view()));
  else
    explain(kind, content.reading, content.reason);
}

void RawDevice::explain(std::string_view kind, FactorReading reading, std::string_view reason) {
  RawFactor& factor = slot(kind);
  if (telling(reading) <= telling(factor.reading)) return;
  factor.reading = reading;
  factor.reason = reason;
}

void RawDevice::add_app_factor(const AppFactor& factor) {
  RawFactor& added = factors_.emplace_back(RawFactor{.kind = std::string(kind::kAppPrefix) + factor.name,
                                                     .cls = factor.cls,
                                                     .weight = factor.weight,
                                                     .reading = FactorReading::kReadable,
                                                     .reason = {},
                                                     .values = {}});
  added.values.emplace_back(factor.value);
}

RawFactor& RawDevice::slot(std::string_view kind) {
  const auto found = std::ranges::find(factors_, kind, &RawFactor::kind);
  if (found == factors_.end()) throw std::logic_error("hwid: a probe offers a kind outside the scheme");
  return *found;
}

}  // namespace tessera::hwid
