#include "store/care_reports.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "console.hpp"
#include "store/progress_line.hpp"

namespace tessera::cli {
namespace {

std::string stats_text(const Json& stats, const std::string& prefix) {
  std::string text;
  for (const auto& [member, value] : stats.items()) {
    if (value.is_object()) {
      text += stats_text(value, prefix + member + '.');
      continue;
    }
    constexpr size_t kColumn = 24;
    const std::string label = prefix + member;
    text += label + std::string(kColumn - std::min(kColumn - 1, label.size()), ' ') + value.dump() + '\n';
  }
  return text;
}

}  // namespace

int report_check(const Session& session, Store& store) {
  std::vector<std::string> problems;
  {
    ProgressLine progress(session, "checked");
    for (const Row row : store.check(progress.callback()))
      problems.push_back(row.get<std::string>("problem"));
  }
  const int exit_code = problems.empty() ? kExitOk : kExitFailed;
  if (session.json) {
    print_json({{"sound", problems.empty()}, {"problems", problems}});
    return exit_code;
  }
  if (problems.empty()) {
    print(toned(Tone::kGood, "sound") + "  every page was read and fits\n");
    return exit_code;
  }
  std::string text = toned(Tone::kBad, "damaged") + '\n';
  for (const std::string& problem : problems) text += "  " + printable(problem) + '\n';
  print(text + "  next: restore a backup, or 'tessera store salvage' what can be read\n");
  return exit_code;
}

void report_stats(const Session& session, const Store& store) {
  const Json stats = Json::parse(store.stats());
  if (session.json) {
    print_json(stats);
  } else {
    print(stats_text(stats, ""));
  }
}

}  // namespace tessera::cli
