// Commands that copy a store out, or something else into it.
#include "console.hpp"
#include "store/cell_text.hpp"
#include "store/commands.hpp"
#include "store/progress_line.hpp"
#include "store/store_arguments.hpp"
#include "store/terminal.hpp"

namespace tessera::cli {
namespace {

struct BackupOptions {
  StoreArguments store;
  std::string target;
};

struct ExportOptions {
  StoreArguments store;
  std::string target;
  SecretFiles fresh;
  bool plain = false;
  std::string reason;
};

struct ImportOptions {
  StoreArguments store;
  std::string source;
  std::string kind = "tessera";
  SecretFiles secrets;
};

int done(const Session& session, const std::string& target, const std::string& text) {
  if (session.json) {
    print_json({{"output", target}});
  } else {
    print(text + '\n');
  }
  return kExitOk;
}

int run_backup(const Session& session, const BackupOptions& options) {
  OpenStore open = open_store(options.store);
  {
    ProgressLine progress(session, "backed up");
    open.store.backup(options.target, progress.callback());
  }
  open.store.close();
  return done(session, options.target,
              "backup in " + options.target + ", with its slots beside it: it opens as the store does");
}

int run_export(const Session& session, const ExportOptions& options) {
  if (options.plain && options.reason.empty())
    throw Failure(kExitUsage, "an export in the clear needs a reason, which the store keeps",
                  "pass --reason");
  GivenSecrets fresh = read_secrets(options.fresh);
  OpenStore open = open_store(options.store);
  if (!options.plain && !fresh.any()) {
    if (!can_ask())
      throw Failure(kExitUsage, "nothing would open the export",
                    "pass --new-passphrase-file or --new-app-key-file");
    fresh.passphrase = ask_new_secret("Passphrase of " + options.target);
  }
  {
    ProgressLine progress(session, "exported");
    if (options.plain) {
      open.store.export_plain(options.target, options.reason, progress.callback());
    } else {
      open.store.export_to(options.target, fresh.view(), progress.callback());
    }
  }
  open.store.close();
  return done(session, options.target,
              options.target + (options.plain ? " holds the data in the clear: anybody can read it"
                                              : " is a store of its own, under its own key"));
}

ImportKind kind_of(std::string_view word) {
  return word == "plain"       ? ImportKind::kPlain
         : word == "sqlcipher" ? ImportKind::kSqlcipher
                               : ImportKind::kTessera;
}

int run_import(const Session& session, const ImportOptions& options) {
  GivenSecrets secrets = read_secrets(options.secrets);
  const ImportKind kind = kind_of(options.kind);
  OpenStore open = open_store(options.store);
  if (kind == ImportKind::kSqlcipher && !secrets.any() && can_ask())
    secrets.passphrase = ask_secret("Passphrase of " + options.source + ": ");
  {
    ProgressLine progress(session, "imported");
    open.store.import_from(options.source, kind, secrets.view(), progress.callback());
  }
  open.store.close();
  return done(session, options.store.path, options.store.path + " holds what " + options.source + " held");
}

int run_salvage(const Session& session, const BackupOptions& options) {
  GivenSecrets secrets = read_secrets(options.store.secrets);
  const StoreConfig config = store_config(options.store);
  Json report = Json::object();
  {
    ProgressLine progress(session, "read");
    const RowSet rows = attempt_with(options.store, secrets, [&](const Secrets& given) {
      return Store::try_salvage(config, given, options.target, progress.callback());
    });
    for (size_t index = 0; index < rows.column_count(); ++index)
      report[std::string(rows[0].name(index))] = cell_json(rows[0][index]);
  }
  report["damaged_tables"] = Json::parse(report["damaged_tables"].get<std::string>());
  report["output"] = options.target;
  if (session.json) {
    print_json(report);
    return kExitOk;
  }
  print(report["rows"].dump() + " rows of " + report["tables"].dump() + " tables are in " + options.target +
        ", in the clear; " + report["pages_damaged"].dump() + " of " + report["pages_read"].dump() +
        " pages were damaged\n  an empty store is in its place, and the damaged files lie beside it\n");
  return kExitOk;
}

}  // namespace

void add_store_copies(CLI::App& store, Session& session) {
  auto backup = std::make_shared<BackupOptions>();
  CLI::App* command = add_command(store, session, "backup", "Copy the store, with its slots beside the copy",
                                  backup, run_backup);
  add_store_arguments(*command, backup->store);
  command->add_option("TARGET", backup->target, "The copy, a file that ends with .tdb")->required();

  auto out = std::make_shared<ExportOptions>();
  command =
      add_command(store, session, "export",
                  "Copy everything into a store under a key of its own, or in the clear", out, run_export);
  add_store_arguments(*command, out->store);
  command->add_option("TARGET", out->target, "The new store; with --plain an SQLite database")->required();
  add_new_secret_options(*command, out->fresh);
  add_kdf_option(*command, out->store);
  command->add_flag("--plain", out->plain, "Write a plain SQLite database that anybody can read");
  command->add_option("--reason", out->reason, "Why, for the store's audit log")->type_name("TEXT");

  auto in = std::make_shared<ImportOptions>();
  command = add_command(store, session, "import",
                        "Put a copy of another database in the place of the store's content", in, run_import);
  add_store_arguments(*command, in->store);
  command->add_option("SOURCE", in->source, "The other database")->required();
  command->add_option("--kind", in->kind, "What the source is (default: a store or a backup of one)")
      ->check(CLI::IsMember({"tessera", "plain", "sqlcipher"}));
  command->add_option("--source-passphrase-file", in->secrets.passphrase, "Passphrase of the source")
      ->type_name("FILE");
  command->add_option("--source-app-key-file", in->secrets.app_key, "The 32 bytes of the source's key")
      ->type_name("FILE");
  command->add_option("--source-recovery-key-file", in->secrets.recovery_key, "Recovery key of the source")
      ->type_name("FILE");

  auto salvage = std::make_shared<BackupOptions>();
  command = add_command(store, session, "salvage",
                        "Read what can be read of a damaged store, in the clear, and move its files aside",
                        salvage, run_salvage);
  add_store_arguments(*command, salvage->store);
  command->add_option("TARGET", salvage->target, "Where the rows go, as JSON lines")->required();
}

}  // namespace tessera::cli
