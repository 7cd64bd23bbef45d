#include "store/store_arguments.hpp"

#include "app_factors.hpp"
#include "files.hpp"
#include "settings.hpp"
#include "store/store_advice.hpp"
#include "store/terminal.hpp"

namespace tessera::cli {
namespace {

/// A secret that people keep in a file of text: without the line break that editors put behind it.
SecretText read_secret_line(const std::string& path) {
  std::string text = read_secret_file(path);
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return SecretText(std::move(text));
}

Kdf kdf_of(std::string_view word) {
  return word == "low" ? Kdf::kLow : word == "high" ? Kdf::kHigh : Kdf::kDefault;
}

SecretText required(SecretText secret, const std::string& path) {
  if (secret.empty()) throw Failure(kExitUsage, path + " is empty", "put the secret in it");
  return secret;
}

}  // namespace

void add_store_arguments(CLI::App& command, StoreArguments& arguments) {
  command.add_option("PATH", arguments.path, "The store, a file that ends with .tdb")->required();
  const auto add_file = [&command](const char* name, std::string& path, const char* description) {
    command.add_option(name, path, description)->type_name("FILE")->group("Opening");
  };
  add_file("--passphrase-file", arguments.secrets.passphrase, "Its passphrase; '-' is standard input");
  add_file("--app-key-file", arguments.secrets.app_key, "The 32 bytes of its application's key");
  add_file("--recovery-key-file", arguments.secrets.recovery_key, "Its recovery key");
  command.add_option("--user", arguments.user, "Signed-in user, whom the device slot knows")
      ->type_name("NAME")
      ->group("Opening");
  add_config_option(command, arguments.config);
}

void add_kdf_option(CLI::App& command, StoreArguments& arguments) {
  arguments.kdf = name(Kdf::kDefault);
  command.add_option("--kdf", arguments.kdf, "Cost of guessing a passphrase")
      ->check(CLI::IsMember({"low", "default", "high"}));
}

void add_new_secret_options(CLI::App& command, SecretFiles& files) {
  command.add_option("--new-passphrase-file", files.passphrase, "The new passphrase; '-' is standard input")
      ->type_name("FILE");
  command.add_option("--new-app-key-file", files.app_key, "The 32 bytes of the application's new key")
      ->type_name("FILE");
}

GivenSecrets read_secrets(const SecretFiles& files) {
  GivenSecrets secrets;
  if (!files.passphrase.empty())
    secrets.passphrase = required(read_secret_line(files.passphrase), files.passphrase);
  if (!files.app_key.empty())
    secrets.app_key = required(SecretText(read_secret_file(files.app_key)), files.app_key);
  if (!files.recovery_key.empty())
    secrets.recovery_key = required(read_secret_line(files.recovery_key), files.recovery_key);
  return secrets;
}

StoreConfig store_config(const StoreArguments& arguments) {
  const Json config = read_config(arguments.config);
  StoreConfig out;
  out.path = arguments.path;
  out.user = arguments.user.empty() ? config.value("user", "") : arguments.user;
  out.app_factors = app_factors(config);
  out.options.create = false;
  out.options.kdf = kdf_of(arguments.kdf);
  return out;
}

bool asks_for_passphrase(const Error& error) {
  const std::string reason = reason_of(error);
  return reason == "WRONG_KEY" || reason == "HARDWARE_CHANGED" || reason == "KEYSTORE_LOCKED";
}

SecretText ask_passphrase(const StoreArguments& arguments) {
  return can_ask() ? ask_secret("Passphrase of " + arguments.path + ": ") : SecretText();
}

OpenStore open_store(const StoreArguments& arguments) {
  GivenSecrets secrets = read_secrets(arguments.secrets);
  const StoreConfig config = store_config(arguments);
  Store store = attempt_with(arguments, secrets,
                             [&config](const Secrets& given) { return Store::try_open(config, given); });
  return {std::move(store), std::move(secrets)};
}

}  // namespace tessera::cli
