#include "settings.hpp"

#include <cstdlib>
#include <filesystem>

#include "files.hpp"

namespace tessera::cli {
namespace {

Json read_json_object(const std::string& path) {
  Json json = Json::parse(read_file(path), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) throw Failure(kExitUsage, path + " is not a JSON object", "check the file");
  return json;
}

void override_member(Json& config, const char* name, const std::string& value) {
  if (!value.empty()) config[name] = value;
}

void require(const Json& config, const char* name, const char* option) {
  if (!config.contains(name)) {
    throw Failure(kExitUsage, std::string("the ") + name + " is not set",
                  std::string("pass ") + option + ", or set \"" + name + "\" in " + kDefaultConfig);
  }
}

Json product_config(const ProductOptions& options) {
  Json config = read_config(options.config);
  override_member(config, "product", options.product);
  override_member(config, "issuer", options.issuer);
  require(config, "product", "--product");
  return config;
}

std::string default_data_dir(const std::string& product) {
  const char* const data_home = std::getenv("XDG_DATA_HOME");
  const bool is_set = data_home != nullptr && *data_home == '/';
  return std::string(is_set ? data_home : "~/.local/share") + "/tessera/" + product;
}

}  // namespace

void add_config_option(CLI::App& command, std::string& path) {
  command.add_option("--config", path, "Configuration (default: $TESSERA_CONFIG, else ./tessera.json)")
      ->envname("TESSERA_CONFIG")
      ->type_name("FILE")
      ->group("Product");
}

Json read_config(const std::string& path) {
  if (!path.empty()) return read_json_object(path);
  return std::filesystem::exists(kDefaultConfig) ? read_json_object(kDefaultConfig) : Json::object();
}

void add_product_options(CLI::App& command, ProductOptions& options) {
  add_config_option(command, options.config);
  command.add_option("--product", options.product, "Product")->type_name("ID")->group("Product");
  command.add_option("--issuer", options.issuer, "Vendor that issues the licences")
      ->type_name("NAME")
      ->group("Product");
}

void add_client_options(CLI::App& command, ClientOptions& options) {
  add_product_options(command, options.product);
  command.add_option("--data-dir", options.data_dir, "State folder (default: ~/.local/share/tessera/ID)")
      ->type_name("DIR")
      ->group("Product");
  add_list(command, "--root-key", options.root_keys, "Public root key that is trusted; may be repeated")
      ->type_name("KEY")
      ->group("Product");
  command.add_option("--user", options.user, "Signed-in user, for licences that name one")
      ->type_name("NAME")
      ->group("Product");
  command.add_option("--app-version", options.app_version, "Version of the application")
      ->type_name("VERSION")
      ->group("Product");
}

License open_license(const ClientOptions& options) {
  Json config = product_config(options.product);
  override_member(config, "data_dir", options.data_dir);
  override_member(config, "user", options.user);
  override_member(config, "app_version", options.app_version);
  if (!options.root_keys.empty()) config["trusted_keys"] = options.root_keys;
  require(config, "trusted_keys", "--root-key");
  if (!config.contains("data_dir") && config["product"].is_string())
    config["data_dir"] = default_data_dir(config["product"]);
  return License::open(JsonText(config.dump()));
}

void add_issuer_options(CLI::App& command, IssuerOptions& options, const std::string& key_option,
                        const std::string& key_description) {
  command.add_option(key_option, options.key, key_description)->type_name("FILE")->required();
  add_product_options(command, options.product);
}

Key read_key(const std::string& path) {
  std::string text = read_secret_file(path);
  Expected<Key> key = Key::try_import_text(text);
  wipe(text);
  if (!key) {
    throw Failure(kExitFailed, path + " holds no private key: " + key.error().what(),
                  "pass the file that 'tessera keygen' wrote");
  }
  return *std::move(key);
}

Issuer open_issuer(const IssuerOptions& options) {
  const Json config = product_config(options.product);
  require(config, "issuer", "--issuer");
  if (!config["issuer"].is_string() || !config["product"].is_string())
    throw Failure(kExitUsage, "issuer and product must be text", "check the configuration");
  return Issuer::open({.issuer = config["issuer"], .product = config["product"]}, read_key(options.key));
}

Json read_spec(const std::string& path) { return path.empty() ? Json::object() : read_json_object(path); }

void require_in_spec(const Json& spec, const char* member, const char* option) {
  if (!spec.contains(member)) {
    throw Failure(kExitUsage, std::string(member) + " is required",
                  std::string("pass ") + option + ", or set \"" + member + "\" in the file of --spec");
  }
}

}  // namespace tessera::cli
