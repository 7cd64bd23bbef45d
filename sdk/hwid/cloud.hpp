// Instance ids that clouds put into DMI. No metadata service is asked: that would be a network call.
#pragma once

#include <string_view>

#include "hwid/normalize.hpp"

namespace tessera::hwid {

enum class CloudField { kProductSerial, kBoardAssetTag };

struct CloudRule {
  std::string_view vendor;  // start of the system vendor, lower case
  CloudField field;
  bool (*fits)(std::string_view id);  // the shape of an instance id there, lower case
};

/// The rule of the cloud whose system vendor this is, or null. Clouds whose asset tag is one constant for all
/// machines (Azure, Oracle) have none.
const CloudRule* cloud_rule(std::string_view system_vendor);

/// "<vendor>:<id>", so that two clouds never share a value.
Normalized normalize_instance_id(const CloudRule& rule, std::string_view text);

}  // namespace tessera::hwid
