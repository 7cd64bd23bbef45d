#include "command.hpp"
#include "documents.hpp"
#include "files.hpp"
#include "settings.hpp"
#include "verdict_report.hpp"

namespace tessera::cli {
namespace {

struct RequestCommand {
  ClientOptions client;
  OutputOptions output;
  bool renew = false;
  std::string license_key_file;
  std::string note;
};

std::string first_line(const std::string& text) { return text.substr(0, text.find_first_of("\r\n")); }

int run(const Session& session, const RequestCommand& options) {
  License license = open_license(options.client);
  if (options.renew && license.check().license_id().empty()) {
    throw Failure(kExitNotLicensed, "there is no licence to renew",
                  std::string(next_command(LicenseCode::kNoLicense)));
  }
  const std::string license_key =
      options.license_key_file.empty() ? "" : first_line(read_file(options.license_key_file));
  const std::string request = license.request({.license_key = license_key, .note = options.note});
  license.close();
  return deliver(session, options.output, request, "activation request for the vendor");
}

}  // namespace

void add_request(CLI::App& app, Session& session) {
  auto options = std::make_shared<RequestCommand>();
  CLI::App* const command =
      add_command(app, session, "request",
                  "Make an activation request that the vendor answers with a licence", options, run);
  command->add_flag("--renew", options->renew, "Demand that there is a licence to renew or rebind");
  command->add_option("--license-key-file", options->license_key_file, "File with the customer's licence key")
      ->type_name("FILE");
  command->add_option("--note", options->note, "Text for the vendor, such as a seat name")->type_name("TEXT");
  add_output_options(*command, options->output);
  add_client_options(*command, options->client);
}

}  // namespace tessera::cli
