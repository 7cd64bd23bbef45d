#include <array>

#include "command.hpp"
#include "documents.hpp"
#include "files.hpp"

namespace tessera::cli {
namespace {

struct InspectOptions {
  std::string file;
};

std::string value_text(const std::string& claim, const Json& value) {
  constexpr std::array<std::string_view, 6> kTimes{"iat", "nbf", "exp", "rexp", "maint", "next"};
  if (value.is_number_integer() && std::ranges::find(kTimes, claim) != kTimes.end()) return utc_text(value);
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string document_text(const Json& document) {
  const Json& header = document["header"];
  std::string out = header.value("typ", "document") + ", NOT VERIFIED\n";
  const auto add = [&out](const std::string& name, const std::string& value) {
    constexpr size_t kColumn = 10;
    out.append("  ")
        .append(name)
        .append(std::max(name.size(), kColumn) - name.size() + 1, ' ')
        .append(value) += '\n';
  };
  add("kid", header.value("kid", "none"));
  for (const auto& [claim, value] : document["claims"].items()) add(claim, value_text(claim, value));
  return out;
}

int run(const Session& session, const InspectOptions& options) {
  const std::vector<Json> documents = inspect_all(read_file(options.file));
  if (session.json) {
    print_json({{"documents", documents}});
    return kExitOk;
  }
  for (const Json& document : documents) print(printable(document_text(document)));
  return kExitOk;
}

}  // namespace

void add_inspect(CLI::App& app, Session& session) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App* const command =
      add_command(app, session, "inspect", "Show what documents claim, without verifying them", options, run);
  command->add_option("FILE", options->file, "Any file of Tessera documents")->required();
}

}  // namespace tessera::cli
