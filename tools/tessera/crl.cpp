#include "command.hpp"
#include "documents.hpp"
#include "files.hpp"
#include "settings.hpp"

namespace tessera::cli {
namespace {

struct CrlOptions {
  IssuerOptions issuer;
  OutputOptions output;
  std::int64_t seq = 0;
  std::vector<std::string> revoked;
  std::vector<std::string> suspended;
  std::int64_t min_epoch = 0;
  std::int64_t days = 0;
};

struct TimeOptions {
  IssuerOptions issuer;
  OutputOptions output;
  std::string request;
};

template <typename T>
std::optional<T> if_set(T value) {
  return value == 0 ? std::nullopt : std::optional(value);
}

int run_crl(const Session& session, const CrlOptions& options) {
  const std::string list = open_issuer(options.issuer)
                               .crl({.seq = options.seq,
                                     .revoked = options.revoked,
                                     .suspended = options.suspended,
                                     .min_epoch = if_set(options.min_epoch),
                                     .days = if_set(options.days)});
  return deliver(session, options.output, list, "revocation list");
}

int run_time(const Session& session, const TimeOptions& options) {
  return deliver(session, options.output, open_issuer(options.issuer).time(read_file(options.request)),
                 "time file");
}

}  // namespace

void add_crl(CLI::App& app, Session& session) {
  auto crl = std::make_shared<CrlOptions>();
  CLI::App* command =
      add_command(app, session, "crl", "Sign the list of revoked and suspended licences", crl, run_crl);
  command->add_option("--seq", crl->seq, "Number of this list, higher than the last one's")
      ->type_name("N")
      ->required()
      ->check(CLI::PositiveNumber);
  add_list(*command, "--revoke", crl->revoked, "Licence id; may be repeated")->type_name("ID");
  add_list(*command, "--suspend", crl->suspended, "Licence id; may be repeated")->type_name("ID");
  command->add_option("--min-epoch", crl->min_epoch, "Refuse licences of an earlier epoch")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  command->add_option("--days", crl->days, "Days until the next list is due")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  add_output_options(*command, crl->output);
  add_issuer_options(*command, crl->issuer, "--key", "Private signing key; '-' is standard input");

  auto time = std::make_shared<TimeOptions>();
  command = add_command(app, session, "time", "Sign the time for a machine whose clock mark ran ahead", time,
                        run_time);
  command->add_option("--request", time->request, "The machine's activation request")
      ->type_name("FILE")
      ->required();
  add_output_options(*command, time->output);
  add_issuer_options(*command, time->issuer, "--key", "Private signing key; '-' is standard input");
}

}  // namespace tessera::cli
