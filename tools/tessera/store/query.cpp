#include "store/commands.hpp"
#include "store/interrupt.hpp"
#include "store/parameters.hpp"
#include "store/statement.hpp"
#include "store/store_arguments.hpp"

namespace tessera::cli {
namespace {

struct QueryOptions {
  StoreArguments store;
  std::string sql;
  std::vector<std::string> parameters;
  std::vector<std::string> named;
  std::string tenant;
  bool write = false;
  bool csv = false;
};

int run(const Session& session, const QueryOptions& options) {
  const Parameters parameters(options.parameters, options.named);
  OpenStore open = open_store(options.store);
  Store store = options.tenant.empty() ? std::move(open.store) : open.store.for_tenant(options.tenant);
  const RowFormat format = session.json  ? RowFormat::kJson
                           : options.csv ? RowFormat::kCsv
                                         : RowFormat::kTable;
  Stopper stopper(store);
  {
    const Interrupt interrupt([&stopper] { stopper.stop(); });
    try {
      run_statement(store, stopper, options.sql, parameters.list(), format,
                    options.write ? Writes::kAllowed : Writes::kRefused);
    } catch (const Error&) {
      if (!Interrupt::requested()) throw;
      throw Failure(kExitTryAgain, "the statement was interrupted", "start it again when you like");
    }
  }
  store.close();
  return kExitOk;
}

}  // namespace

void add_store_query(CLI::App& store, Session& session) {
  auto options = std::make_shared<QueryOptions>();
  CLI::App& command =
      *add_command(store, session, "query", "Run one SQL statement and print its rows", options, run);
  add_store_arguments(command, options->store);
  command.add_option("SQL", options->sql, "The statement")->required();
  add_list(
      command, "--param", options->parameters,
      "Value of the next '?': 7, 1.5, null, x'0aff' or text; double quotes make text of anything; may be "
      "repeated")
      ->type_name("VALUE");
  add_list(command, "--named", options->named, "Value of ':NAME'; may be repeated")->type_name("NAME=VALUE");
  command.add_option("--tenant", options->tenant, "Whose rows, where tables declare a tenant")
      ->type_name("NAME");
  command.add_flag("--write", options->write, "Let the statement write");
  command.add_flag("--csv", options->csv, "Print comma-separated values");
}

}  // namespace tessera::cli
