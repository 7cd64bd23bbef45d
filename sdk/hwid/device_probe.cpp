#include "hwid/device_probe.hpp"

#include <algorithm>

#include "hwid/factors.hpp"

namespace tessera::hwid {

namespace {

class LocalProbe final : public DeviceProbe {
 public:
  explicit LocalProbe(std::vector<AppFactor> app_factors) : app_factors_(std::move(app_factors)) {}

  Result<std::shared_ptr<const DeviceFactors>> probe() override {
    TSR_RETURN_IF_ERROR(check_app_factors(app_factors_));
    RawDevice device = read_device();
    for (const AppFactor& factor : app_factors_) device.add_app_factor(factor);
    return std::shared_ptr<const DeviceFactors>(std::make_shared<LocalFactors>(std::move(device)));
  }

 private:
  const std::vector<AppFactor> app_factors_;
};

}  // namespace

Status check_app_factors(const std::vector<AppFactor>& factors) {
  if (factors.size() > kMaxAppFactors)
    return Error{ErrorCode::kARG, "hwid", "at most 16 custom hardware factors can be given", {}};
  for (auto factor = factors.begin(); factor != factors.end(); ++factor) {
    TSR_RETURN_IF_ERROR(check_app_factor(*factor));
    if (std::ranges::find(factors.begin(), factor, factor->name, &AppFactor::name) != factor)
      return Error{ErrorCode::kARG, "hwid", "custom hardware factor " + factor->name + " is given twice", {}};
  }
  return {};
}

std::unique_ptr<DeviceProbe> make_device_probe(std::vector<AppFactor> app_factors) {
  return std::make_unique<LocalProbe>(std::move(app_factors));
}

}  // namespace tessera::hwid
