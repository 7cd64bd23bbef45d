#include <filesystem>

#include "console.hpp"
#include "store/commands.hpp"
#include "store/slot_report.hpp"
#include "store/store_arguments.hpp"
#include "store/terminal.hpp"

namespace tessera::cli {
namespace {

struct InitOptions {
  StoreArguments store;
  std::vector<std::string> slots;
  bool recovery_key = false;
};

struct UnlockOptions {
  StoreArguments store;
};

void refuse_existing(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return;
  throw Failure(kExitUsage, "there is a file " + path + " already",
                "choose another path, or 'tessera store unlock' it");
}

int run_init(const Session& session, const InitOptions& options) {
  refuse_existing(options.store.path);
  GivenSecrets secrets = read_secrets(options.store.secrets);
  StoreConfig config = store_config(options.store);
  config.options.create = true;
  for (const std::string& slot : options.slots) {
    const SlotType type = slot_type_of(slot);
    config.options.slots.push_back(type);
    const bool takes_passphrase = type == SlotType::kPassphrase || type == SlotType::kPassphraseDevice;
    if (takes_passphrase && secrets.passphrase.empty() && can_ask())
      secrets.passphrase = ask_new_secret("New passphrase of " + options.store.path);
  }
  Store store = Store::open(config, secrets.view());
  const SecretText recovery_key(options.recovery_key ? store.create_recovery_key() : "");
  const std::string protection(protection_of(store));
  const Json slots = slots_json(store);
  store.close();
  if (session.json) {
    Json report{{"path", options.store.path}, {"slots", slots}, {"protection", protection}};
    if (options.recovery_key) report["recovery_key"] = recovery_key.view();
    print_json(report);
    return kExitOk;
  }
  print("made " + options.store.path + ", which opens by " + protection + '\n');
  if (options.recovery_key) {
    print("recovery key, shown only now: " + std::string(recovery_key.view()) +
          "\n  write it down and keep it away from this machine\n");
  } else {
    print("  next: tessera store slots " + options.store.path +
          " add recovery   makes the key for a lost passphrase or machine\n");
  }
  return kExitOk;
}

int run_unlock(const Session& session, const UnlockOptions& options) {
  OpenStore open = open_store(options.store);
  const Json slots = slots_json(open.store);
  const bool has_recovery_key = open.store.has_recovery_key();
  const std::string protection(protection_of(open.store));
  open.store.close();
  Json opened_by;
  for (const Json& slot : slots) {
    if (slot["opened"] == true) opened_by = slot;
  }
  if (session.json) {
    print_json({{"path", options.store.path},
                {"opened_by", opened_by},
                {"protection", protection},
                {"has_recovery_key", has_recovery_key}});
    return kExitOk;
  }
  print(options.store.path + " opens by slot " + opened_by["slot"].dump() + ", " +
        opened_by["type"].get<std::string>() + "; its weakest slot is " + protection + '\n');
  if (!has_recovery_key)
    print("  next: tessera store slots " + options.store.path +
          " add recovery   for the day it opens no more\n");
  return kExitOk;
}

}  // namespace

void add_store_init(CLI::App& store, Session& session) {
  auto options = std::make_shared<InitOptions>();
  CLI::App& command =
      *add_command(store, session, "init",
                   "Make a store; without secrets the keyring or this machine opens it", options, run_init);
  add_store_arguments(command, options->store);
  add_list(command, "--slot", options->slots, "What opens it; a passphrase is asked for; may be repeated")
      ->check(CLI::IsMember({"passphrase", "app_key", "device", "passphrase_device", "keystore"}));
  add_kdf_option(command, options->store);
  command.add_flag("--recovery-key", options->recovery_key, "Make a recovery key and print it once");
}

void add_store_unlock(CLI::App& store, Session& session) {
  auto options = std::make_shared<UnlockOptions>();
  CLI::App& command = *add_command(store, session, "unlock", "Say what opens the store, and how safe it is",
                                   options, run_unlock);
  add_store_arguments(command, options->store);
}

}  // namespace tessera::cli
