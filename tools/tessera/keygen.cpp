#include <tessera/tessera.hpp>

#include "command.hpp"
#include "console.hpp"
#include "files.hpp"
#include "settings.hpp"

namespace tessera::cli {
namespace {

struct KeygenOptions {
  std::string file;
  bool rs256 = false;
  bool force = false;
  bool show = false;
};

Key make_key(const KeygenOptions& options) {
  if (options.show) return read_key(options.file);
  if (options.file == kStandardStream)
    throw Failure(kExitUsage, "a private key is never written to standard output", "name a file for it");
  Key key = Key::generate(options.rs256 ? KeyType::kRs256 : KeyType::kEd25519);
  write_private_file(options.file, key.export_text().view(),
                     options.force ? Overwrite::kAllow : Overwrite::kRefuse);
  return key;
}

int run(const Session& session, const KeygenOptions& options) {
  const Key key = make_key(options);
  const char* const type = key.type() == KeyType::kRs256 ? "RS256" : "Ed25519";
  if (session.json) {
    print_json({{"type", type}, {"public", key.public_key()}, {"kid", key.id()}, {"file", options.file}});
    return kExitOk;
  }
  print(std::string(type) + " key in " + options.file + ": keep it secret\n  public  " + key.public_key() +
        "\n  kid     " + key.id() + '\n');
  return kExitOk;
}

}  // namespace

void add_keygen(CLI::App& app, Session& session) {
  auto options = std::make_shared<KeygenOptions>();
  CLI::App* const command = add_command(
      app, session, "keygen", "Make a private key file that only its owner can read; prints the public half",
      options, run);
  command->add_option("FILE", options->file, "Private key file")->required();
  CLI::Option* const show =
      command->add_flag("--show", options->show, "Print the public half of an existing file");
  command->add_flag("--rs256", options->rs256, "RSA key, for services whose tokens are RS256")
      ->excludes(show);
  command->add_flag("--force", options->force, "Replace an existing file")->excludes(show);
}

}  // namespace tessera::cli
