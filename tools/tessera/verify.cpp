#include "command.hpp"
#include "files.hpp"
#include "settings.hpp"
#include "verdict_report.hpp"

namespace tessera::cli {
namespace {

struct VerifyOptions {
  ClientOptions client;
  std::string file;
};

int run_verify(const Session& session, const VerifyOptions& options) {
  const License license = open_license(options.client);
  return report_verdict(session, license.verify_bundle(read_file(options.file)), Detail::kGlance);
}

int run_explain(const Session& session, const VerifyOptions& options) {
  return report_verdict(session, open_license(options.client).check(), Detail::kFull);
}

}  // namespace

void add_verify(CLI::App& app, Session& session) {
  auto verify = std::make_shared<VerifyOptions>();
  CLI::App* command = add_command(app, session, "verify",
                                  "Judge a licence file on this machine; stores nothing", verify, run_verify);
  command->add_option("FILE", verify->file, "Licence file")->required();
  add_client_options(*command, verify->client);

  auto explain = std::make_shared<VerifyOptions>();
  command =
      add_command(app, session, "explain", "Show the stored licence's verdict in full", explain, run_explain);
  add_client_options(*command, explain->client);
}

}  // namespace tessera::cli
