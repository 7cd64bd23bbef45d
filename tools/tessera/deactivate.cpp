#include "command.hpp"
#include "documents.hpp"
#include "settings.hpp"

namespace tessera::cli {
namespace {

struct DeactivateOptions {
  ClientOptions client;
  OutputOptions output;
};

int run(const Session& session, const DeactivateOptions& options) {
  License license = open_license(options.client);
  const std::string proof = license.deactivate();
  license.close();
  return deliver(session, options.output, proof, "licence given back for good; send the vendor the proof");
}

}  // namespace

void add_deactivate(CLI::App& app, Session& session) {
  auto options = std::make_shared<DeactivateOptions>();
  CLI::App* const command = add_command(
      app, session, "deactivate", "Give the licence back for good; again, the same proof", options, run);
  add_output_options(*command, options->output);
  add_client_options(*command, options->client);
}

}  // namespace tessera::cli
