#include "command.hpp"
#include "documents.hpp"
#include "files.hpp"
#include "settings.hpp"
#include "verdict_report.hpp"

namespace tessera::cli {
namespace {

struct ImportCommand {
  ClientOptions client;
  std::string file;
};

struct ActivateCommand {
  ImportCommand import;
  std::string license_key_file;
  std::string account_token_file;
  std::string note;
};

/// What tells one document from another, by the names that `inspect` shows.
Stored stored_of(std::string_view bundle) {
  Stored stored;
  for (const Json& document : inspect_all(bundle)) {
    Json& one = stored.emplace_back(Json{{"typ", document["header"].value("typ", "JWT")}});
    for (const char* claim : {"seq", "jti"}) {
      if (const auto found = document["claims"].find(claim); found != document["claims"].end())
        one[claim] = *found;
    }
  }
  return stored;
}

int store(const Session& session, const ImportCommand& options,
          Verdict (License::*import)(std::string_view)) {
  License license = open_license(options.client);
  const std::string bundle = read_file(options.file);
  const Verdict verdict = (license.*import)(bundle);
  const int exit_code = report_verdict(session, verdict, Detail::kGlance, stored_of(bundle));
  license.close();
  return exit_code;
}

int activate_online(const Session& session, const ActivateCommand& options) {
  License license = open_license(options.import.client);
  const std::string key =
      options.license_key_file.empty() ? "" : first_line(read_file(options.license_key_file));
  std::string token;
  if (!options.account_token_file.empty()) token = read_secret_file(options.account_token_file);
  const Expected<Verdict> verdict =
      license.try_activate({.license_key = key,
                            .note = options.note,
                            .account_token = std::string_view(token).substr(0, token.find_first_of("\r\n"))});
  wipe(token);
  const int exit_code = report_verdict(session, verdict.value(), Detail::kGlance);
  license.close();
  return exit_code;
}

int run_activate(const Session& session, const ActivateCommand& options) {
  const bool is_online = !options.license_key_file.empty() || !options.account_token_file.empty();
  if (is_online != options.import.file.empty()) {
    throw Failure(kExitUsage, "activate takes a licence file, or a key or token for the licence service",
                  "name a FILE, or pass --license-key-file or --account-token-file");
  }
  return is_online ? activate_online(session, options)
                   : store(session, options.import, &License::import_bundle);
}

int run_trial(const Session& session, const ImportCommand& options) {
  return store(session, options, &License::start_trial);
}

}  // namespace

void add_activate(CLI::App& app, Session& session) {
  auto activate = std::make_shared<ActivateCommand>();
  CLI::App* command = add_command(app, session, "activate",
                                  "Store a licence file, or get the licence from the licence service",
                                  activate, run_activate);
  command->add_option("FILE", activate->import.file, "Licence file, key set, revocation list or time file");
  command
      ->add_option("--license-key-file", activate->license_key_file,
                   "Ask the licence service, with the customer's licence key in this file")
      ->type_name("FILE");
  command
      ->add_option("--account-token-file", activate->account_token_file,
                   "Ask the licence service, with the token of the customer's account in this file")
      ->type_name("FILE");
  command->add_option("--note", activate->note, "Text for the vendor, such as a seat name")
      ->type_name("TEXT");
  add_client_options(*command, activate->import.client);

  auto trial = std::make_shared<ImportCommand>();
  command = add_command(app, session, "trial", "Start the trial that a trial file grants", trial, run_trial);
  command->add_option("FILE", trial->file, "Trial file from the vendor")->required();
  add_client_options(*command, trial->client);
}

}  // namespace tessera::cli
