#include "documents.hpp"

#include "files.hpp"

namespace tessera::cli {

void add_output_options(CLI::App& command, OutputOptions& options) {
  command.add_option("-o,--output", options.path, "Where to write it (default: standard output)")
      ->type_name("FILE");
}

std::vector<Json> inspect_all(std::string_view bundle) {
  Json documents = Json::parse(inspect(bundle));
  if (!documents.is_array()) return {std::move(documents)};
  return documents;
}

int deliver(const Session& session, const OutputOptions& options, std::string bundle,
            const std::string& summary) {
  if (!bundle.ends_with('\n')) bundle += '\n';
  const bool to_standard_output = options.path == kStandardStream;
  if (!session.json) {
    write_file(options.path, bundle);
    if (!to_standard_output) print(printable(summary) + ", in " + options.path + '\n');
    return kExitOk;
  }
  Json report{{"documents", inspect_all(bundle)}};
  if (to_standard_output) {
    report["bundle"] = bundle;
  } else {
    write_file(options.path, bundle);
    report["output"] = options.path;
  }
  print_json(report);
  return kExitOk;
}

std::string bundle_of(const std::vector<std::string>& paths, const std::string& last) {
  std::string bundle;
  for (const std::string& path : paths) {
    bundle += read_file(path);
    if (!bundle.ends_with('\n')) bundle += '\n';
  }
  return bundle + last + '\n';
}

}  // namespace tessera::cli
