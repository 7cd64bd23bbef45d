// Where commands take product, keys and folders from: a configuration file, then options over it.
#pragma once

#include <string>
#include <tessera/tessera.hpp>
#include <vector>

#include "command.hpp"
#include "console.hpp"

namespace tessera::cli {

/// The configuration where no option names another.
inline constexpr const char* kDefaultConfig = "tessera.json";

void add_config_option(CLI::App& command, std::string& path);

/// The configuration in `path`; where that is empty, the default one or nothing.
Json read_config(const std::string& path);

/// Which product of which vendor.
struct ProductOptions {
  std::string config;
  std::string product;
  std::string issuer;
};
void add_product_options(CLI::App& command, ProductOptions& options);

/// What a customer's machine configures.
struct ClientOptions {
  ProductOptions product;
  std::string data_dir;
  std::vector<std::string> root_keys;
  std::string user;
  std::string app_version;
};
void add_client_options(CLI::App& command, ClientOptions& options);
License open_license(const ClientOptions& options);

/// What the vendor configures; the private key comes from a file or standard input.
struct IssuerOptions {
  ProductOptions product;
  std::string key;
};
void add_issuer_options(CLI::App& command, IssuerOptions& options, const std::string& key_option,
                        const std::string& key_description);
Issuer open_issuer(const IssuerOptions& options);

/// A private key from a file or standard input; warns when others can read the file.
Key read_key(const std::string& path);

/// A spec to start from; empty without a file.
Json read_spec(const std::string& path);

/// Throws Failure that names the option when a spec lacks a member.
void require_in_spec(const Json& spec, const char* member, const char* option);

}  // namespace tessera::cli
