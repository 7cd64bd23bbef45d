#include "verdict_report.hpp"

#include <array>
#include <sstream>

namespace tessera::cli {
namespace {

Tone tone_of(const Verdict& verdict) {
  if (!verdict.usable()) return Tone::kBad;
  const LicenseCode code = verdict.code();
  return code == LicenseCode::kOk || code == LicenseCode::kOkTrial ? Tone::kGood : Tone::kWarning;
}

/// The headline's first words, up to the double space, name the code.
std::string coloured(const Verdict& verdict, const std::string& headline) {
  const size_t end = std::min(headline.find("  "), headline.size());
  return toned(tone_of(verdict), headline.substr(0, end)) + headline.substr(end);
}

/// A glance keeps why and what to do; the rest of the library's explanation waits for `explain`.
std::string text_of(const Verdict& verdict, Detail detail) {
  const std::string_view command = next_command(verdict.code());
  std::istringstream lines(printable(verdict.explain()));
  std::string line;
  std::getline(lines, line);
  std::string out = coloured(verdict, line) + '\n';
  while (std::getline(lines, line)) {
    const bool is_next = line.starts_with("  next: ");
    if (is_next && !command.empty()) continue;
    if (is_next || detail == Detail::kFull || line.starts_with("  denied: ")) out += line + '\n';
  }
  if (!command.empty()) out.append("  next: ").append(command).append("\n");
  return out;
}

std::string_view noun_of(std::string_view type) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kNouns{{
      {"tessera-keys+jwt", "key set"},
      {"tessera-crl+jwt", "revocation list"},
      {"tessera-lic+jwt", "licence"},
      {"tessera-trial+jwt", "trial"},
      {"tessera-lease+jwt", "lease of"},
      {"tessera-time+jwt", "time file"},
  }};
  const auto found = std::ranges::find(kNouns, type, [](const auto& noun) { return noun.first; });
  return found == kNouns.end() ? "token" : found->second;
}

/// "stored: key set 1, licence 4fG..."
std::string text_of(const Stored& stored) {
  std::string out;
  for (const Json& one : stored) {
    out.append(out.empty() ? "stored: " : ", ").append(noun_of(one["typ"].get<std::string>()));
    if (one.contains("seq")) out.append(" ").append(one["seq"].dump());
    if (one.contains("jti")) out.append(" ").append(one["jti"].get<std::string>());
  }
  return out.empty() ? out : printable(out) + '\n';
}

}  // namespace

std::string_view next_command(LicenseCode code) {
  switch (code) {
    case LicenseCode::kWarnExpiresSoon:
    case LicenseCode::kWarnExpiryGrace:
    case LicenseCode::kWarnRebindDue:
    case LicenseCode::kWarnHwDrift:
    case LicenseCode::kExpired:
    case LicenseCode::kHwGraceOver:
      return "tessera request --renew > renew.req";
    case LicenseCode::kNoLicense:
    case LicenseCode::kHwMismatch:
    case LicenseCode::kInstallKeyMismatch:
    case LicenseCode::kReqNonceMismatch:
    case LicenseCode::kResponseExpired:
    case LicenseCode::kTrialExpired:
    case LicenseCode::kDeactivated:
      return "tessera request > machine.req, and send it to the vendor";
    case LicenseCode::kHwTooWeak:
      return "tessera issue --allow-weak, where a weak binding will do";
    default:
      return {};
  }
}

int report_verdict(const Session& session, const Verdict& verdict, Detail detail, const Stored& stored) {
  if (session.json) {
    Json report = Json::object();
    if (!stored.empty()) report["stored"] = stored;
    report.update(Json::parse(verdict.json()));
    print_json(report);
  } else {
    print(text_of(stored) + text_of(verdict, detail));
  }
  return verdict.usable() ? kExitOk : kExitNotLicensed;
}

}  // namespace tessera::cli
