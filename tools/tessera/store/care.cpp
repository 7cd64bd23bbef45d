// Commands that look after a store as it is.
#include <filesystem>

#include "console.hpp"
#include "store/care_reports.hpp"
#include "store/commands.hpp"
#include "store/progress_line.hpp"
#include "store/slot_report.hpp"
#include "store/store_arguments.hpp"
#include "store/terminal.hpp"

namespace tessera::cli {
namespace {

struct CareOptions {
  StoreArguments store;
};

struct RotateOptions {
  StoreArguments store;
  bool drop_slots = false;
};

struct EraseOptions {
  StoreArguments store;
  bool yes = false;
};

std::int64_t file_bytes(const Store& store) { return Json::parse(store.stats())["file_bytes"]; }

int run_check(const Session& session, const CareOptions& options) {
  OpenStore open = open_store(options.store);
  const int exit_code = report_check(session, open.store);
  open.store.close();
  return exit_code;
}

int run_stats(const Session& session, const CareOptions& options) {
  OpenStore open = open_store(options.store);
  report_stats(session, open.store);
  open.store.close();
  return kExitOk;
}

int run_compact(const Session& session, const CareOptions& options) {
  OpenStore open = open_store(options.store);
  const std::int64_t before = file_bytes(open.store);
  {
    ProgressLine progress(session, "compacted");
    open.store.compact(progress.callback());
  }
  const std::int64_t after = file_bytes(open.store);
  open.store.close();
  if (session.json) {
    print_json({{"bytes_before", before}, {"bytes_after", after}});
  } else {
    print(options.store.path + " had " + std::to_string(before) + " bytes and has " + std::to_string(after) +
          '\n');
  }
  return kExitOk;
}

int run_rotate(const Session& session, const RotateOptions& options) {
  OpenStore open = open_store(options.store);
  {
    ProgressLine progress(session, "encrypted anew");
    open.store.rotate_data_key(open.secrets.view(), options.drop_slots, progress.callback());
  }
  if (session.json) {
    print_json({{"slots", slots_json(open.store)}, {"protection", protection_of(open.store)}});
  } else {
    print(options.store.path +
          " is encrypted under a new key; old copies of its slots open only old copies "
          "of it\n" +
          slots_text(open.store));
  }
  open.store.close();
  return kExitOk;
}

void confirm(const std::string& path) {
  const std::string file_name = std::filesystem::path(path).filename();
  if (!can_ask())
    throw Failure(kExitUsage, "nobody can be asked whether " + path + " shall be destroyed", "pass --yes");
  if (ask("This destroys " + path + " for good. Type " + file_name + " to go on: ") != file_name)
    throw Failure(kExitUsage, "that was not " + file_name + ": nothing was destroyed", "start again");
}

int run_erase(const Session& session, const EraseOptions& options) {
  if (!options.yes) confirm(options.store.path);
  Store::erase(store_config(options.store));
  if (session.json) {
    print_json({{"erased", options.store.path}});
  } else {
    print(options.store.path + " is destroyed; backups and exports of it are not\n");
  }
  return kExitOk;
}

}  // namespace

void add_store_rotate(CLI::App& store, Session& session) {
  auto options = std::make_shared<RotateOptions>();
  CLI::App& command =
      *add_command(store, session, "rotate", "Encrypt everything anew under another key, as after a leak",
                   options, run_rotate);
  add_store_arguments(command, options->store);
  add_kdf_option(command, options->store);
  command.add_flag("--drop-slots", options->drop_slots, "Let slots go whose secret was not given");
}

void add_store_erase(CLI::App& store, Session& session) {
  auto options = std::make_shared<EraseOptions>();
  CLI::App& command =
      *add_command(store, session, "erase", "Destroy a store and its keys for good", options, run_erase);
  command.add_option("PATH", options->store.path, "The store, a file that ends with .tdb")->required();
  command.add_flag("--yes", options->yes, "Do not ask");
}

void add_store_care(CLI::App& store, Session& session) {
  const auto add = [&](const char* name, const char* description,
                       int (*run)(const Session&, const CareOptions&)) {
    auto options = std::make_shared<CareOptions>();
    add_store_arguments(*add_command(store, session, name, description, options, run), options->store);
  };
  add("check", "Read every page and check that it fits", run_check);
  add("stats", "Show sizes and counters", run_stats);
  add("compact", "Give the space of deleted rows back", run_compact);
}

}  // namespace tessera::cli
