#include <algorithm>
#include <array>
#include <ctime>

#include "license/verdict.hpp"
#include "text/json.hpp"

namespace tessera {
namespace {

std::string utc_text(int64_t time_ms) {
  const std::time_t seconds = static_cast<std::time_t>(time_ms / 1000);
  std::tm parts{};
  std::array<char, 40> out{};
  if (gmtime_r(&seconds, &parts) == nullptr) return "a date out of range";
  const size_t length = std::strftime(out.data(), out.size(), "%Y-%m-%d %H:%M UTC", &parts);
  return {out.data(), length};
}

std::string headline(const Verdict& verdict) {
  std::string out(license_code_name(verdict.code));
  if (out.starts_with("WARN_")) out.erase(0, 5);
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

std::string time_left(const Verdict& verdict) {
  if (verdict.expires_at_ms == 0) return verdict.license_id.empty() ? "" : "no expiry";
  const int64_t left_ms = verdict.expires_at_ms - verdict.effective_time_ms;
  if (left_ms <= 0) return "expired " + utc_text(verdict.expires_at_ms);
  // Rounded up: a licence of 14 days has 14 days left on its first day.
  constexpr int64_t kHourMs = int64_t{3600} * 1000;
  const int64_t hours = (left_ms + kHourMs - 1) / kHourMs;
  if (hours > 48) return std::to_string((hours + 23) / 24) + " days left";
  return std::to_string(hours) + (hours == 1 ? " hour left" : " hours left");
}

std::string_view factor_state_name(FactorState state) {
  switch (state) {
    case FactorState::kMatch:
      return "match";
    case FactorState::kMismatch:
      return "mismatch";
    case FactorState::kUnknown:
      break;
  }
  return "unknown";
}

std::string_view outcome_name(MatchOutcome outcome) {
  switch (outcome) {
    case MatchOutcome::kOk:
      return "ok";
    case MatchOutcome::kDrift:
      return "drift";
    case MatchOutcome::kUnverifiable:
      return "unverifiable";
    case MatchOutcome::kMismatch:
      break;
  }
  return "mismatch";
}

/// What to do: the first reason that has advice, denials first.
std::string_view next_step(const Verdict& verdict) {
  if (const auto own = license_code_next(verdict.code); !own.empty()) return own;
  for (const Reason& reason : verdict.reasons) {
    if (const auto next = license_code_next(reason.code); !next.empty()) return next;
  }
  return {};
}

Json entitlement_json(const Verdict& verdict, const std::string& name, const Entitlement& entitlement) {
  Json out{{"code", license_code_name(verdict.entitlement_code(name))}};
  std::visit([&out](const auto& value) { out["value"] = value; }, entitlement.value);
  if (entitlement.expires_at_ms != 0) out["expires_at_ms"] = entitlement.expires_at_ms;
  if (!entitlement.per.empty()) out["per"] = entitlement.per;
  return out;
}

Json hardware_json(const HardwareMatch& match) {
  Json factors = Json::array();
  for (const FactorMatch& factor : match.factors) {
    factors.push_back({{"kind", factor.kind},
                       {"class", std::string(1, static_cast<char>(factor.cls))},
                       {"weight", factor.weight},
                       {"state", factor_state_name(factor.state)}});
  }
  Json out{{"outcome", outcome_name(match.outcome)}, {"score", match.score}, {"factors", std::move(factors)}};
  if (match.unique_ratio >= 0) out["unique_ratio"] = match.unique_ratio;
  return out;
}

}  // namespace

std::string explain_verdict(const Verdict& verdict) {
  std::string out = headline(verdict);
  if (!verdict.license_id.empty()) {
    out.append("  ").append(verdict.product).append(" ").append(verdict.sku);
    if (!verdict.subject.empty()) out.append(" for ").append(verdict.subject);
    out.append(", ").append(time_left(verdict));
    if (verdict.hardware)
      out.append(", this machine matches ").append(std::to_string(verdict.hardware->score)).append("/1000");
  }
  for (const Reason& reason : verdict.reasons) {
    out.append("\n  ").append(reason.denies ? "denied: " : "note: ").append(reason.text);
    out.append(" [").append(license_code_name(reason.code)).append("]");
  }
  if (verdict.hardware) {
    for (const FactorMatch& factor : verdict.hardware->factors) {
      out.append("\n  hardware: ").append(factor.kind).append(" ").append(factor_state_name(factor.state));
      out.append(", weight ").append(std::to_string(factor.weight));
    }
  }
  for (const auto& [name, entitlement] : verdict.entitlements) {
    out.append("\n  entitlement: ").append(name).append(" = ");
    out.append(dump_json(std::visit([](const auto& value) { return Json(value); }, entitlement.value)));
    if (!entitlement.per.empty()) out.append(" per ").append(entitlement.per);
    if (verdict.entitlement_code(name) == LicenseCode::kFEATURE_EXPIRED) out.append(", expired");
  }
  if (const auto next = next_step(verdict); !next.empty()) out.append("\n  next: ").append(next);
  return out;
}

std::string verdict_json(const Verdict& verdict) {
  Json reasons = Json::array();
  for (const Reason& reason : verdict.reasons) {
    reasons.push_back({{"code", static_cast<int32_t>(reason.code)},
                       {"name", license_code_name(reason.code)},
                       {"denies", reason.denies},
                       {"text", reason.text},
                       {"next", license_code_next(reason.code)}});
  }
  Json out{{"code", static_cast<int32_t>(verdict.code)},
           {"name", license_code_name(verdict.code)},
           {"state", verdict.state},
           {"usable", verdict.usable()},
           {"reasons", std::move(reasons)},
           {"next", next_step(verdict)},
           {"effective_time_ms", verdict.effective_time_ms},
           {"clock_floor_ms", verdict.clock_floor_ms},
           {"environment", {{"vm", verdict.environment.vm}, {"container", verdict.environment.container}}}};
  if (verdict.usable_until_ms != 0) out["usable_until_ms"] = verdict.usable_until_ms;
  if (verdict.next_check_ms != 0) out["next_check_ms"] = verdict.next_check_ms;
  if (verdict.hardware) out["hardware"] = hardware_json(*verdict.hardware);
  if (!verdict.license_id.empty()) {
    Json& license = out["license"] = {{"id", verdict.license_id},
                                      {"product", verdict.product},
                                      {"sku", verdict.sku},
                                      {"kind", verdict.kind}};
    if (!verdict.subject.empty()) license["subject"] = verdict.subject;
    if (!verdict.edition.empty()) license["edition"] = verdict.edition;
    if (verdict.seats != 0) license["seats"] = verdict.seats;
    if (verdict.expires_at_ms != 0) license["expires_at_ms"] = verdict.expires_at_ms;
    Json& entitlements = license["entitlements"] = Json::object();
    for (const auto& [name, entitlement] : verdict.entitlements)
      entitlements[name] = entitlement_json(verdict, name, entitlement);
  }
  return dump_json(out);
}

}  // namespace tessera
