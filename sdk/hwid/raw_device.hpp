// What a platform probe read. Stays inside hwid: LocalFactors takes it and lets out tags only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/device.hpp"
#include "hwid/normalize.hpp"
#include "hwid/raw_text.hpp"
#include "hwid/scheme.hpp"

namespace tessera::hwid {

/// One attempt to read a source of identifiers.
struct Content {
  FactorReading reading = FactorReading::kAbsent;
  std::string_view reason = "not present";  // a literal; empty when readable
  RawText text;

  static Content readable(RawText text) { return {FactorReading::kReadable, {}, std::move(text)}; }
  static Content absent() { return {}; }
  static Content no_permission() { return {FactorReading::kUnreadable, "no permission", RawText()}; }
  static Content rejected(std::string_view reason) { return {FactorReading::kRejected, reason, RawText()}; }
};

/// The values of one kind, and what to tell people about it.
struct RawFactor {
  std::string kind;
  FactorClass cls;
  int weight;
  FactorReading reading = FactorReading::kAbsent;
  std::string_view reason = "not present";
  std::vector<RawText> values;
};

class RawDevice {
 public:
  /// Every kind of the scheme, absent.
  RawDevice();

  /// Adds a value of `kind`, or remembers why there is none. Repeated values count once; those past
  /// kMaxValuesPerKind are dropped.
  void offer(std::string_view kind, Normalized candidate);
  void offer(std::string_view kind, const Content& content, Normalized (*normalize)(std::string_view));
  /// Says why `kind` has no value, unless something more telling is known: readable, then unreadable, then
  /// rejected, then absent.
  void explain(std::string_view kind, FactorReading reading, std::string_view reason);
  void add_app_factor(const AppFactor& factor);

  const std::vector<RawFactor>& factors() const { return factors_; }
  std::vector<RawFactor> take_factors() && { return std::move(factors_); }

  Environment environment;
  std::vector<RawText> cpu_names;       // one per logical CPU, for the legacy digest
  std::vector<RawText> interface_macs;  // current address of every interface, for the legacy digest

 private:
  RawFactor& slot(std::string_view kind);
  std::vector<RawFactor> factors_;
};

/// Reads this machine. One implementation per platform; never fails, what can't be read is unreadable or
/// absent.
RawDevice read_device();

}  // namespace tessera::hwid
