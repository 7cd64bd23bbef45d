#include "tessera/hwid.h"

#include <memory>

#include "app/app.hpp"
#include "call.hpp"
#include "convert.hpp"
#include "guard.hpp"
#include "handle.hpp"
#include "op.hpp"

using tessera::FactorClass;
using tessera::FactorReading;
using tessera::Result;
using tessera::Status;
using tessera::Strength;
using tessera::capi::bytes_out;
using tessera::capi::Call;
using tessera::capi::clear;
using tessera::capi::guard;
using tessera::capi::guard_free;
using tessera::capi::guard_value;
using tessera::capi::Handle;
using tessera::capi::is_live;
using tessera::capi::optional_text_in;
using tessera::capi::require_live;
using tessera::capi::require_out;
using tessera::capi::run_now;
using tessera::capi::start;
using tessera::capi::Tag;
using tessera::capi::take;

static_assert(TSR_STRENGTH_NONE == int32_t(Strength::kNone) &&
              TSR_STRENGTH_WEAK == int32_t(Strength::kWeak) &&
              TSR_STRENGTH_MEDIUM == int32_t(Strength::kMedium) &&
              TSR_STRENGTH_STRONG == int32_t(Strength::kStrong));
static_assert(TSR_FACTOR_UNIQUE == char(FactorClass::kUnique) && TSR_FACTOR_OS == char(FactorClass::kOs) &&
              TSR_FACTOR_MODEL == char(FactorClass::kModel));
static_assert(TSR_FACTOR_READABLE == int32_t(FactorReading::kReadable) &&
              TSR_FACTOR_UNREADABLE == int32_t(FactorReading::kUnreadable) &&
              TSR_FACTOR_ABSENT == int32_t(FactorReading::kAbsent) &&
              TSR_FACTOR_REJECTED == int32_t(FactorReading::kRejected));

struct tsr_hwid : Handle<Tag::kHwid> {
  explicit tsr_hwid(std::shared_ptr<const tessera::DeviceFactors> probed) : factors(std::move(probed)) {}
  const std::shared_ptr<const tessera::DeviceFactors> factors;
};

namespace {

constexpr const char* kNoun = "hardware";
using HwidPtr = std::unique_ptr<tsr_hwid>;

Result<Call<HwidPtr>> probing(tsr_str config_json) {
  TSR_ASSIGN_OR_RETURN(const auto config, optional_text_in(config_json, "config_json"));
  return Call<HwidPtr>{nullptr, [config = std::string(config)]() -> Result<HwidPtr> {
                         TSR_ASSIGN_OR_RETURN(auto factors, tessera::probe_device(config));
                         return std::make_unique<tsr_hwid>(std::move(factors));
                       }};
}

/// A property of the report, or `neutral` for a handle that is not live.
template <class T, class Get>
T read(const char* function, const tsr_hwid* hwid, T neutral, Get get) noexcept {
  return guard_value(function, neutral,
                     [&]() -> T { return is_live(hwid) ? T(get(hwid->factors->report())) : neutral; });
}

/// A property of factor `index`, or `neutral` when there is none.
template <class T, class Get>
T read_factor(const char* function, const tsr_hwid* hwid, size_t index, T neutral, Get get) noexcept {
  return read(function, hwid, neutral, [&](const tessera::DeviceReport& report) -> T {
    return index < report.factors.size() ? T(get(report.factors[index])) : neutral;
  });
}

}  // namespace

tsr_status tsr_hwid_probe(tsr_str config_json, tsr_hwid** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_now(probing(config_json), out);
  });
}

tsr_status tsr_hwid_probe_async(tsr_str config_json, tsr_done_fn done, void* user, void (*user_free)(void*),
                                tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return probing(config_json); });
}

tsr_status tsr_op_hwid(tsr_op* op, tsr_hwid** out, tsr_error** err) noexcept {
  return take<HwidPtr>(__func__, op, err, out);
}

int32_t tsr_hwid_strength(const tsr_hwid* hwid) noexcept {
  return read(__func__, hwid, int32_t{TSR_STRENGTH_NONE}, [](const auto& report) { return report.strength; });
}

const char* tsr_hwid_vm(const tsr_hwid* hwid) noexcept {
  return read(__func__, hwid, "", [](const auto& report) { return report.environment.vm.c_str(); });
}

const char* tsr_hwid_container(const tsr_hwid* hwid) noexcept {
  return read(__func__, hwid, "", [](const auto& report) { return report.environment.container.c_str(); });
}

size_t tsr_hwid_factor_count(const tsr_hwid* hwid) noexcept {
  return read(__func__, hwid, size_t{0}, [](const auto& report) { return report.factors.size(); });
}

const char* tsr_hwid_factor_kind(const tsr_hwid* hwid, size_t index) noexcept {
  return read_factor(__func__, hwid, index, "", [](const auto& factor) { return factor.kind.c_str(); });
}

int32_t tsr_hwid_factor_class(const tsr_hwid* hwid, size_t index) noexcept {
  return read_factor(__func__, hwid, index, int32_t{0}, [](const auto& factor) { return factor.cls; });
}

int32_t tsr_hwid_factor_weight(const tsr_hwid* hwid, size_t index) noexcept {
  return read_factor(__func__, hwid, index, int32_t{0}, [](const auto& factor) { return factor.weight; });
}

int32_t tsr_hwid_factor_state(const tsr_hwid* hwid, size_t index) noexcept {
  return read_factor(__func__, hwid, index, int32_t{-1}, [](const auto& factor) { return factor.reading; });
}

const char* tsr_hwid_legacy_digest(const tsr_hwid* hwid) noexcept {
  return guard_value(__func__, "",
                     [&] { return is_live(hwid) ? hwid->factors->legacy_digest().c_str() : ""; });
}

tsr_status tsr_hwid_explain(const tsr_hwid* hwid, tsr_buf* out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_live(hwid, kNoun));
    TSR_RETURN_IF_ERROR(require_out(out));
    return bytes_out(tessera::explain_device(*hwid->factors), out);
  });
}

tsr_status tsr_hwid_json(const tsr_hwid* hwid, tsr_buf* out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_live(hwid, kNoun));
    TSR_RETURN_IF_ERROR(require_out(out));
    return bytes_out(tessera::device_json(*hwid->factors), out);
  });
}

void tsr_hwid_free(tsr_hwid* hwid) noexcept { guard_free(__func__, hwid); }
