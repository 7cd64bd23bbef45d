#include "hwid/factors.hpp"

#include <algorithm>

#include "hwid/legacy_digest.hpp"
#include "hwid/score.hpp"

namespace tessera::hwid {

namespace {

DeviceReport describe(const RawDevice& raw) {
  DeviceReport report;
  report.environment = raw.environment;
  std::vector<BoundFactor> usable;
  for (const RawFactor& factor : raw.factors()) {
    report.factors.push_back({factor.kind, factor.cls, factor.weight, factor.reading, tag_bits(factor.kind),
                              std::string(factor.reason)});
    if (factor.reading == FactorReading::kReadable)
      usable.push_back({factor.kind, factor.cls, factor.weight, {}});
  }
  report.strength = strength_of(usable);
  return report;
}

FactorState compare(const RawFactor* factor, const BoundFactor& bound, const Tagger& tagger) {
  if (factor == nullptr || factor->reading != FactorReading::kReadable) return FactorState::kUnknown;
  const auto is_bound = [&](const RawText& value) {
    return std::ranges::find(bound.tags, tagger.tag(bound.kind, value.view())) != bound.tags.end();
  };
  return std::ranges::any_of(factor->values, is_bound) ? FactorState::kMatch : FactorState::kMismatch;
}

const RawFactor* find(const std::vector<RawFactor>& factors, std::string_view kind) {
  const auto found = std::ranges::find(factors, kind, &RawFactor::kind);
  return found == factors.end() ? nullptr : &*found;
}

}  // namespace

LocalFactors::LocalFactors(RawDevice raw)
    : report_(describe(raw)), legacy_digest_(hwid::legacy_digest(raw.cpu_names, raw.interface_macs)) {
  factors_ = std::move(raw).take_factors();
}

std::shared_ptr<const Tagger> LocalFactors::tagger(std::string_view product, ByteView salt) const {
  const std::lock_guard guard(mutex_);
  if (!last_tagger_ || last_product_ != product || !std::ranges::equal(last_salt_, salt)) {
    last_tagger_ = std::make_shared<const Tagger>(product, salt);
    last_product_ = product;
    last_salt_.assign(salt.begin(), salt.end());
  }
  return last_tagger_;
}

BoundHardware LocalFactors::bind(std::string_view product, ByteView salt) const {
  const auto tags = tagger(product, salt);
  BoundHardware bound;
  bound.scheme = kScheme;
  bound.salt.assign(salt.begin(), salt.end());
  for (const RawFactor& factor : factors_) {
    if (factor.reading != FactorReading::kReadable) continue;
    BoundFactor& added = bound.factors.emplace_back(BoundFactor{factor.kind, factor.cls, factor.weight, {}});
    for (const RawText& value : factor.values) added.tags.push_back(tags->tag(factor.kind, value.view()));
  }
  return bound;
}

HardwareMatch LocalFactors::match(const BoundHardware& bound, std::string_view product) const {
  const auto tags = tagger(product, bound.salt);
  std::vector<FactorMatch> states;
  states.reserve(bound.factors.size());
  for (const BoundFactor& factor : bound.factors) {
    const bool known_scheme = bound.scheme == kScheme;
    states.push_back(
        {factor.kind, factor.cls, factor.weight,
         known_scheme ? compare(find(factors_, factor.kind), factor, *tags) : FactorState::kUnknown});
  }
  return score_match(bound, std::move(states));
}

}  // namespace tessera::hwid
