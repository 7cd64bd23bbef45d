#include "store/copy_check.hpp"
#include "store/page_file.hpp"

namespace tessera::store {
namespace {

constexpr size_t kMaxProblems = 100;
constexpr uint32_t kPagesBetweenReports = 256;

void add_problem(CheckReport* report, std::string problem) {
  if (report->problems.size() < kMaxProblems) report->problems.push_back(std::move(problem));
}

Status check_pages(const std::string& path, const DatabaseKey& key, Meter& meter, CheckReport* report) {
  TSR_ASSIGN_OR_RETURN(PageFile pages, PageFile::open(path, key));
  report->pages = pages.page_count();
  meter.expect(2 * report->pages);
  for (uint32_t number = 1; number <= pages.page_count(); ++number) {
    if (!PageFile::is_lock_page(number) && !pages.authentic(number))
      add_problem(report, "page " + std::to_string(number) + " is damaged");
    if (number % kPagesBetweenReports == 0) TSR_RETURN_IF_ERROR(meter.report(number));
  }
  return meter.report(report->pages);
}

Status check_trees(Connection& connection, CheckReport* report) {
  TSR_ASSIGN_OR_RETURN(Statement complaints,
                       connection.statement("pragma integrity_check(" + std::to_string(kMaxProblems) + ")"));
  while (true) {
    TSR_ASSIGN_OR_RETURN(const bool row, complaints.step());
    if (!row) return {};
    const std::string_view text = complaints.column(0).text();
    if (text != "ok") add_problem(report, std::string(text));
  }
}

Status check_references(Connection& connection, CheckReport* report) {
  TSR_ASSIGN_OR_RETURN(
      Statement orphans,
      connection.statement("select \"table\", parent, count(*) from pragma_foreign_key_check "
                           "group by 1, 2"));
  while (true) {
    TSR_ASSIGN_OR_RETURN(const bool row, orphans.step());
    if (!row) return {};
    add_problem(report, std::to_string(orphans.column(2).integer) + " rows of " +
                            std::string(orphans.column(0).text()) + " refer to rows of " +
                            std::string(orphans.column(1).text()) + " that do not exist");
  }
}

/// Damage is what a report tells; everything else ends the check.
template <class T>
Status note_damage(const Result<T>& result, const Meter& meter, CheckReport* report) {
  if (result.ok()) return {};
  Error failure = meter.explain(result.error());
  if (failure.code != ErrorCode::kCORRUPT) return failure;
  add_problem(report, std::move(failure.text));
  return {};
}

Status check_content(Connection& connection, Meter& meter, CheckReport* report) {
  const SqlMeter sql_meter(connection.get(), meter);
  TSR_RETURN_IF_ERROR(note_damage(check_trees(connection, report), meter, report));
  if (!report->problems.empty()) return {};
  return note_damage(check_references(connection, report), meter, report);
}

}  // namespace

Result<CheckReport> check(Database& database, const DatabaseKey& key, const Progress& progress) {
  CheckReport report;
  Meter meter(progress, &database);
  const std::string& path = database.config().path;
  const Status done = database.read({}, [&](Connection& reader) -> Status {
    if (path.empty()) {
      TSR_ASSIGN_OR_RETURN(report.pages, reader.integer("pragma page_count"));
      meter.expect(report.pages);
      return check_content(reader, meter, &report);
    }
    // A connection of its own has nothing cached, and keeps no error of a damaged page for others. Its
    // snapshot also keeps the file from changing under check_pages().
    auto beside = open_beside(database, key);
    if (!beside) {
      TSR_RETURN_IF_ERROR(note_damage(beside, meter, &report));
      return check_pages(path, key, meter, &report);
    }
    TSR_RETURN_IF_ERROR((*beside)->run("begin"));
    TSR_RETURN_IF_ERROR(note_damage((*beside)->text("select count(*) from sqlite_schema"), meter, &report));
    TSR_RETURN_IF_ERROR(check_pages(path, key, meter, &report));
    return check_content(**beside, meter, &report);
  });
  TSR_RETURN_IF_ERROR(done);
  TSR_RETURN_IF_ERROR(meter.report(meter.total()));
  report.ok = report.problems.empty();
  return report;
}

}  // namespace tessera::store
