#include <charconv>

#include "command.hpp"
#include "documents.hpp"
#include "files.hpp"
#include "settings.hpp"

namespace tessera::cli {
namespace {

struct IssueOptions {
  IssuerOptions issuer;
  OutputOptions output;
  std::string request;
  bool unbound = false;
  bool trial = false;
  std::string spec;
  std::string sku;
  std::string edition;
  std::string subject;
  std::string kind;
  std::string license_id;
  std::int64_t seats = 0;
  std::int64_t days = 0;
  std::vector<std::string> entitlements;
  bool allow_weak = false;
  std::vector<std::string> with;
};

std::optional<std::int64_t> integer_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

/// true, false, 50, 50/month, or text; double quotes make text of anything.
Json entitlement_json(const std::string& value) {
  if (value == "true" || value == "false") return value == "true";
  if (const auto number = integer_of(value)) return *number;
  const size_t slash = value.find('/');
  if (slash != std::string::npos) {
    if (const auto limit = integer_of(std::string_view(value).substr(0, slash)))
      return {{"value", *limit}, {"per", value.substr(slash + 1)}};
  }
  const bool is_quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  return is_quoted ? value.substr(1, value.size() - 2) : value;
}

Json spec_of(const IssueOptions& options) {
  Json spec = read_spec(options.spec);
  const auto set = [&spec](const char* name, const auto& value) {
    if (value != std::decay_t<decltype(value)>{}) spec[name] = value;
  };
  set("sku", options.sku);
  set("edition", options.edition);
  set("subject", options.subject);
  set("kind", options.kind);
  set("license_id", options.license_id);
  set("seats", options.seats);
  set("days", options.days);
  set("allow_weak", options.allow_weak);
  for (const std::string& entitlement : options.entitlements) {
    const size_t equals = entitlement.find('=');
    if (equals == 0 || equals == std::string::npos)
      throw Failure(kExitUsage, "--entitlement " + entitlement + " is not NAME=VALUE",
                    "write NAME=true, 50 or text");
    spec["entitlements"][entitlement.substr(0, equals)] = entitlement_json(entitlement.substr(equals + 1));
  }
  return spec;
}

std::string summary_of(const Json& claims, bool is_trial) {
  std::string summary = is_trial ? "trial " : "licence ";
  summary += claims.value("jti", "");
  if (claims.contains("sub")) summary += " for " + claims.value("sub", "");
  if (claims.contains("exp")) summary += ", expires " + utc_text(claims["exp"]);
  return summary;
}

int run(const Session& session, const IssueOptions& options) {
  if (!options.trial && !options.unbound && options.request.empty()) {
    throw Failure(kExitUsage, "there is no activation request to bind the licence to",
                  "pass --request FILE, or --unbound for a licence that runs on any machine");
  }
  const Json spec_json = spec_of(options);
  require_in_spec(spec_json, "sku", "--sku");
  if (options.trial) require_in_spec(spec_json, "days", "--days");
  const JsonText spec(spec_json.dump());
  const Issuer issuer = open_issuer(options.issuer);
  const std::string request = options.request.empty() ? "" : read_file(options.request);
  const std::string document = options.trial ? issuer.trial(spec) : issuer.issue(request, spec);
  return deliver(session, options.output, bundle_of(options.with, document),
                 summary_of(inspect_all(document).front()["claims"], options.trial));
}

}  // namespace

void add_issue(CLI::App& app, Session& session) {
  auto options = std::make_shared<IssueOptions>();
  CLI::App& command =
      *add_command(app, session, "issue", "Sign a licence for a machine, or a trial", options, run);
  auto* const request = command
                            .add_option("--request", options->request,
                                        "The machine's activation request; '-' is standard input")
                            ->type_name("FILE");
  auto* const unbound =
      command.add_flag("--unbound", options->unbound, "Bind the licence to no machine")->excludes(request);
  command.add_flag("--trial", options->trial, "A trial that the application ships")
      ->excludes(request, unbound);
  command.add_option("--sku", options->sku, "Plan")->type_name("NAME");
  command.add_option("--days", options->days, "Days of use; without it the licence never expires")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  add_list(command, "--entitlement", options->entitlements,
           "Feature: true, text, 50 or 50/month (a meter; also day, total); may be repeated")
      ->type_name("NAME=VALUE");
  command.add_option("--subject", options->subject, "Licensee")->type_name("NAME");
  command.add_option("--edition", options->edition, "Edition")->type_name("NAME");
  command.add_option("--kind", options->kind, "What the licence counts")
      ->check(CLI::IsMember({"node", "floating", "site", "user"}));
  command.add_option("--seats", options->seats, "Number of seats")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  command.add_option("--license-id", options->license_id, "Keep the id of the licence that this one renews")
      ->type_name("ID");
  command.add_flag("--allow-weak", options->allow_weak, "Bind to a machine with few identifiers of its own");
  command.add_option("--spec", options->spec, "Start from this JSON spec")->type_name("FILE");
  add_list(command, "--with", options->with, "Key set or revocation list to put in front; may be repeated")
      ->type_name("FILE");
  add_output_options(command, options->output);
  add_issuer_options(command, options->issuer, "--key", "Private signing key; '-' is standard input");
}

}  // namespace tessera::cli
