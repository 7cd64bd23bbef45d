#include <charconv>

#include "console.hpp"
#include "store/commands.hpp"
#include "store/slot_report.hpp"
#include "store/store_arguments.hpp"
#include "store/terminal.hpp"

namespace tessera::cli {
namespace {

struct SlotsOptions {
  StoreArguments store;
  std::string action = "list";
  std::string what;
  SecretFiles fresh;
};

struct RecoverOptions {
  StoreArguments store;
  bool device = false;
  SecretFiles fresh;
};

SecretText new_passphrase(SecretText given, const std::string& path) {
  if (!given.empty()) return given;
  if (can_ask()) return ask_new_secret("New passphrase of " + path);
  throw Failure(kExitUsage, "there is no new passphrase", "pass --new-passphrase-file");
}

std::int64_t slot_number(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    throw Failure(kExitUsage, "'" + printable(text) + "' is no number of a slot",
                  "take it from 'tessera store slots'");
  return number;
}

/// Gives the recovery key where one is made.
SecretText add_slot(Store& store, const SlotsOptions& options) {
  const SlotType type = slot_type_of(options.what);
  if (type == SlotType::kRecovery) return SecretText(store.create_recovery_key());
  GivenSecrets fresh = read_secrets(options.fresh);
  if (type == SlotType::kPassphrase || type == SlotType::kPassphraseDevice)
    fresh.passphrase = new_passphrase(std::move(fresh.passphrase), options.store.path);
  store.add_slot(type, fresh.view());
  return {};
}

void change_passphrase(OpenStore& open, const SlotsOptions& options) {
  SecretText old = std::move(open.secrets.passphrase);
  if (old.empty()) old = ask_passphrase(options.store);
  if (old.empty())
    throw Failure(kExitUsage, "there is no passphrase to change", "pass the old one with --passphrase-file");
  const SecretText fresh = new_passphrase(read_secrets(options.fresh).passphrase, options.store.path);
  open.store.change_passphrase(old.view(), fresh.view());
}

int run_slots(const Session& session, const SlotsOptions& options) {
  const bool needs_what = options.action == "add" || options.action == "remove";
  if (needs_what == options.what.empty())
    throw Failure(
        kExitUsage,
        options.action + (needs_what ? " needs a slot to " + options.action : " takes nothing more"),
        "tessera store slots --help");
  StoreArguments place = options.store;
  if (options.action == "list" || options.action == "remove") place.kdf = StoreArguments().kdf;
  OpenStore open = open_store(place);
  SecretText recovery_key;
  if (options.action == "add") recovery_key = add_slot(open.store, options);
  if (options.action == "remove") open.store.remove_slot(slot_number(options.what));
  if (options.action == "passphrase") change_passphrase(open, options);
  if (session.json) {
    Json report{{"slots", slots_json(open.store)}, {"protection", protection_of(open.store)}};
    if (!recovery_key.empty()) report["recovery_key"] = recovery_key.view();
    print_json(report);
  } else {
    if (!recovery_key.empty())
      print("recovery key, shown only now: " + std::string(recovery_key.view()) + '\n');
    print(slots_text(open.store));
  }
  open.store.close();
  return kExitOk;
}

/// The forgotten passphrase opens the store no more.
void replace_passphrase(Store& store, const Secrets& fresh) {
  std::vector<std::int64_t> forgotten;
  for (const Row slot : store.slots()) {
    if (slot.get<std::string_view>("type") == name(SlotType::kPassphrase))
      forgotten.push_back(slot.get<std::int64_t>("slot"));
  }
  store.add_slot(SlotType::kPassphrase, fresh);
  for (const std::int64_t slot : forgotten) store.remove_slot(slot);
}

void bind_device(Store& store) {
  for (const Row slot : store.slots()) {
    if (slot.get<std::string_view>("type") == name(SlotType::kDevice)) return store.rebind_device();
  }
  store.add_slot(SlotType::kDevice);
}

int run_recover(const Session& session, const RecoverOptions& options) {
  GivenSecrets secrets = read_secrets(options.store.secrets);
  if (!secrets.any()) {
    if (!can_ask()) throw Failure(kExitUsage, "there is no recovery key", "pass --recovery-key-file");
    secrets.recovery_key = ask_secret("Recovery key of " + options.store.path + ": ");
  }
  Store store = Store::open(store_config(options.store), secrets.view());
  if (options.device) {
    bind_device(store);
  } else {
    GivenSecrets fresh = read_secrets(options.fresh);
    fresh.passphrase = new_passphrase(std::move(fresh.passphrase), options.store.path);
    replace_passphrase(store, fresh.view());
  }
  if (session.json) {
    print_json({{"slots", slots_json(store)}, {"protection", protection_of(store)}});
  } else {
    print(options.store.path +
          (options.device ? " opens on this machine again\n" : " opens with the new passphrase\n"));
  }
  store.close();
  return kExitOk;
}

}  // namespace

void add_store_slots(CLI::App& store, Session& session) {
  auto options = std::make_shared<SlotsOptions>();
  CLI::App& command = *add_command(
      store, session, "slots",
      "List what opens the store; 'add TYPE', 'remove N', or change the 'passphrase'", options, run_slots);
  add_store_arguments(command, options->store);
  command.add_option("ACTION", options->action, "What to do (default: list)")
      ->check(CLI::IsMember({"list", "add", "remove", "passphrase"}));
  command.add_option(
      "SLOT", options->what,
      "For add: passphrase, app_key, device, passphrase_device, recovery or keystore; for remove: "
      "its number");
  add_new_secret_options(command, options->fresh);
  add_kdf_option(command, options->store);
}

void add_store_recover(CLI::App& store, Session& session) {
  auto options = std::make_shared<RecoverOptions>();
  CLI::App& command = *add_command(
      store, session, "recover",
      "Open with the recovery key and set a new passphrase, or bind to this machine", options, run_recover);
  add_store_arguments(command, options->store);
  command
      .add_option("--new-passphrase-file", options->fresh.passphrase,
                  "The new passphrase, in the place of all earlier ones; '-' is standard input")
      ->type_name("FILE");
  add_kdf_option(command, options->store);
  command.add_flag("--device", options->device, "Bind the device slot to this machine as it is now instead");
}

}  // namespace tessera::cli
