#include "command.hpp"
#include "documents.hpp"
#include "files.hpp"
#include "settings.hpp"
#include "verdict_report.hpp"

namespace tessera::cli {
namespace {

struct ActivateOptions {
  ClientOptions client;
  std::string file;
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

int store(const Session& session, const ActivateOptions& options,
          Verdict (License::*import)(std::string_view)) {
  License license = open_license(options.client);
  const std::string bundle = read_file(options.file);
  const Verdict verdict = (license.*import)(bundle);
  const int exit_code = report_verdict(session, verdict, Detail::kGlance, stored_of(bundle));
  license.close();
  return exit_code;
}

int run_activate(const Session& session, const ActivateOptions& options) {
  return store(session, options, &License::import_bundle);
}

int run_trial(const Session& session, const ActivateOptions& options) {
  return store(session, options, &License::start_trial);
}

}  // namespace

void add_activate(CLI::App& app, Session& session) {
  auto activate = std::make_shared<ActivateOptions>();
  CLI::App* command =
      add_command(app, session, "activate", "Verify a licence file and store it, or nothing of it", activate,
                  run_activate);
  command->add_option("FILE", activate->file, "Licence file, key set, revocation list or time file")
      ->required();
  add_client_options(*command, activate->client);

  auto trial = std::make_shared<ActivateOptions>();
  command = add_command(app, session, "trial", "Start the trial that a trial file grants", trial, run_trial);
  command->add_option("FILE", trial->file, "Trial file from the vendor")->required();
  add_client_options(*command, trial->client);
}

}  // namespace tessera::cli
