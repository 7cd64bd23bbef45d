#include "command.hpp"
#include "documents.hpp"
#include "settings.hpp"

namespace tessera::cli {
namespace {

struct KeysetOptions {
  IssuerOptions issuer;
  OutputOptions output;
  std::string spec;
  std::int64_t seq = 0;
  std::vector<std::string> keys;
  std::vector<std::string> roots;
  std::int32_t root_threshold = 0;
};

/// PUBLIC[:USE]; base64url has no colon.
Json key_json(const std::string& text) {
  const size_t colon = text.find(':');
  return {{"public", text.substr(0, colon)},
          {"use", colon == std::string::npos ? "sign" : text.substr(colon + 1)}};
}

int run(const Session& session, const KeysetOptions& options) {
  Json spec = read_spec(options.spec);
  if (options.seq != 0) spec["seq"] = options.seq;
  for (const std::string& key : options.keys) spec["keys"].push_back(key_json(key));
  if (!options.roots.empty()) spec["roots"] = options.roots;
  if (options.root_threshold != 0) spec["root_threshold"] = options.root_threshold;
  require_in_spec(spec, "seq", "--seq");
  require_in_spec(spec, "keys", "--key");
  const std::string keys = open_issuer(options.issuer).keyset(JsonText(spec.dump()));
  return deliver(session, options.output, keys, "key set");
}

}  // namespace

void add_keyset(CLI::App& app, Session& session) {
  auto options = std::make_shared<KeysetOptions>();
  CLI::App* const command =
      add_command(app, session, "keyset", "Sign the list of keys that may sign licences", options, run);
  command->add_option("--seq", options->seq, "Number of this key set, higher than the last one's")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  add_list(*command, "--key", options->keys,
           "Public signing key; USE is sign, verify-only or revoked; may be repeated")
      ->type_name("PUBLIC[:USE]");
  add_list(*command, "--root", options->roots, "Public root key, where roots change; may be repeated")
      ->type_name("PUBLIC");
  command->add_option("--root-threshold", options->root_threshold, "Root signatures that a key set needs")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  command->add_option("--spec", options->spec, "Start from this JSON spec")->type_name("FILE");
  add_output_options(*command, options->output);
  add_issuer_options(*command, options->issuer, "--root-key-file", "Private root key; '-' is standard input");
}

}  // namespace tessera::cli
