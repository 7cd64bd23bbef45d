#include "command.hpp"
#include "files.hpp"
#include "settings.hpp"
#include "verdict_report.hpp"

namespace tessera::cli {
namespace {

struct ActivateOptions {
  ClientOptions client;
  std::string file;
};

int finish(const Session& session, License& license, const Verdict& verdict) {
  license.close();
  return report_verdict(session, verdict, Detail::kGlance);
}

int run_activate(const Session& session, const ActivateOptions& options) {
  License license = open_license(options.client);
  return finish(session, license, license.import_bundle(read_file(options.file)));
}

int run_trial(const Session& session, const ActivateOptions& options) {
  License license = open_license(options.client);
  return finish(session, license, license.start_trial(read_file(options.file)));
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
