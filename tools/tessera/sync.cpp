#include "command.hpp"
#include "settings.hpp"
#include "verdict_report.hpp"

namespace tessera::cli {
namespace {

struct SyncCommand {
  ClientOptions client;
  bool renew = false, lease = false, clock = false, lists = false;
};

Verdict verdict_of(License& license, const SyncCommand& options) {
  if (options.renew) return license.renew();
  if (options.lease) return license.heartbeat();
  if (options.clock) return license.confirm_clock();
  if (options.lists) return license.fetch_lists();
  return license.sync();
}

int run(const Session& session, const SyncCommand& options) {
  License license = open_license(options.client);
  const int exit_code = report_verdict(session, verdict_of(license, options), Detail::kGlance);
  license.close();
  return exit_code;
}

}  // namespace

void add_sync(CLI::App& app, Session& session) {
  auto options = std::make_shared<SyncCommand>();
  CLI::App* const command =
      add_command(app, session, "sync", "Confirm the licence with the licence service", options, run);
  CLI::Option* const renew =
      command->add_flag("--renew", options->renew, "Get the licence anew, for the hardware as it is");
  CLI::Option* const lease =
      command->add_flag("--lease", options->lease, "Take or prolong the lease of a floating licence")
          ->excludes(renew);
  CLI::Option* const clock =
      command->add_flag("--clock", options->clock, "Get the signed time, where the clock ran ahead")
          ->excludes(renew, lease);
  command->add_flag("--lists", options->lists, "Get key set and revocation list only")
      ->excludes(renew, lease, clock);
  add_client_options(*command, options->client);
}

}  // namespace tessera::cli
