// Where commands take product, keys and folders from: a configuration file, then options over it.
#pragma once

#include <string>
#include <tessera/tessera.hpp>
#include <vector>

#include "command.hpp"
#include "console.hpp"

namespace tessera::cli {

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

/// A JSON object from a file.
Json read_json_object(const std::string& path);

}  // namespace tessera::cli
