// Which store, and what opens it: secrets come from files or the terminal, never from the command line.
#pragma once

#include <string>
#include <tessera/tessera.hpp>
#include <vector>

#include "command.hpp"
#include "store/secret_text.hpp"

namespace tessera::cli {

/// Files with secrets.
struct SecretFiles {
  std::string passphrase;
  std::string app_key;
  std::string recovery_key;
};

struct StoreArguments {
  std::string path;
  std::string config;
  std::string user;
  std::string kdf = "low";  // what is there is never weaker, and a look must not change it
  SecretFiles secrets;
};

/// PATH, the configuration, and the secrets that open the store.
void add_store_arguments(CLI::App& command, StoreArguments& arguments);

/// --kdf, for commands that make slots.
void add_kdf_option(CLI::App& command, StoreArguments& arguments);

/// --new-passphrase-file and --new-app-key-file, for what is to open something from now on.
void add_new_secret_options(CLI::App& command, SecretFiles& files);

/// Secrets at hand.
struct GivenSecrets {
  SecretText passphrase;
  SecretText app_key;
  SecretText recovery_key;
  Secrets view() const { return {passphrase.view(), app_key.view(), recovery_key.view()}; }
  bool any() const { return !passphrase.empty() || !app_key.empty() || !recovery_key.empty(); }
};

/// Reads the files that are named.
GivenSecrets read_secrets(const SecretFiles& files);

/// Of an existing store.
StoreConfig store_config(const StoreArguments& arguments);

/// Whether a passphrase may open what did not open with nothing.
bool asks_for_passphrase(const Error& error);

/// The passphrase that is typed now; nothing when nobody can be asked or nothing was typed.
SecretText ask_passphrase(const StoreArguments& arguments);

/// Runs `attempt` with the secrets; where none were given and some are needed, somebody at the terminal is
/// asked, and `secrets` holds the passphrase from then on.
template <typename Attempt>
auto attempt_with(const StoreArguments& arguments, GivenSecrets& secrets, Attempt attempt) {
  constexpr int kTries = 3;
  auto made = attempt(secrets.view());
  if (secrets.any()) return std::move(made).value();
  for (int tries = 0; tries < kTries && !made && asks_for_passphrase(made.error()); ++tries) {
    secrets.passphrase = ask_passphrase(arguments);
    if (!secrets.any()) break;
    made = attempt(secrets.view());
  }
  return std::move(made).value();
}

/// A store that is open, and what opened it.
struct OpenStore {
  Store store;
  GivenSecrets secrets;
};
OpenStore open_store(const StoreArguments& arguments);

}  // namespace tessera::cli
