#include "hwid/cloud.hpp"

#include <algorithm>

#include "text/utf8.hpp"

namespace tessera::hwid {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

bool is_ec2_id(std::string_view id) {
  if (!id.starts_with("i-")) return false;
  id.remove_prefix(2);
  return (id.size() == 8 || id.size() == 17) && std::ranges::all_of(id, is_hex);
}

bool is_google_id(std::string_view id) {
  constexpr std::string_view kPrefix = "googlecloud-";
  return id.starts_with(kPrefix) && id.size() == kPrefix.size() + 32 &&
         std::ranges::all_of(id.substr(kPrefix.size()), is_hex);
}

bool is_number(std::string_view id) {
  return id.size() >= 4 && id.size() <= 20 && std::ranges::all_of(id, is_digit);
}

bool is_uuid(std::string_view id) { return id.size() == 36 && normalize_uuid(id).rejection.empty(); }

constexpr CloudRule kRules[] = {
    {"amazon ec2", CloudField::kBoardAssetTag, is_ec2_id},
    {"google", CloudField::kProductSerial, is_google_id},
    {"digitalocean", CloudField::kProductSerial, is_number},
    {"hetzner", CloudField::kProductSerial, is_number},
    {"alibaba cloud", CloudField::kProductSerial, is_uuid},
};

}  // namespace

const CloudRule* cloud_rule(std::string_view system_vendor) {
  const std::string vendor = to_lower_ascii(trim_ascii(system_vendor));
  const auto* found =
      std::ranges::find_if(kRules, [&](const CloudRule& rule) { return vendor.starts_with(rule.vendor); });
  return found == std::end(kRules) ? nullptr : found;
}

Normalized normalize_instance_id(const CloudRule& rule, std::string_view text) {
  const Normalized id = normalize_serial(text);
  if (!id.rejection.empty()) return {RawText(), id.rejection};
  if (!rule.fits(id.value.view())) return {RawText(), "not an instance id"};
  RawText value(rule.vendor);
  value.append(':');
  value.append(id.value.view());
  return {std::move(value), {}};
}

}  // namespace tessera::hwid
