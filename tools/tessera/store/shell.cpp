// An interactive shell over one store.

#include <optional>

#include "console.hpp"
#include "error_report.hpp"
#include "store/care_reports.hpp"
#include "store/commands.hpp"
#include "store/interrupt.hpp"
#include "store/line_editor.hpp"
#include "store/shell_history.hpp"
#include "store/signal_pipe.hpp"
#include "store/sql_text.hpp"
#include "store/statement.hpp"
#include "store/store_arguments.hpp"
#include "store/terminal.hpp"

namespace tessera::cli {
namespace {

struct ShellOptions {
  StoreArguments store;
  std::string tenant;
};

constexpr std::string_view kHelp =
    "SQL ends with a semicolon and may take several lines. Ctrl-C interrupts it, Ctrl-D ends the shell.\n"
    "  .tables          tables and views\n"
    "  .schema [TABLE]  how they were made\n"
    "  .mode MODE       how rows are printed: table, json or csv\n"
    "  .stats           sizes and counters of the store\n"
    "  .check           read every page and check that it fits\n"
    "  .quit            end\n";

/// The store, opened again when an interrupted statement took it along.
class ShellStore {
 public:
  explicit ShellStore(const ShellOptions& options) : options_(options), open_(open_store(options.store)) {
    scope();
  }
  Store& get() { return scoped_ ? *scoped_ : open_.store; }
  void reopen() {
    scoped_.reset();
    open_.store = Store::open(store_config(options_.store), open_.secrets.view());
    scope();
  }

 private:
  void scope() {
    if (!options_.tenant.empty()) scoped_ = open_.store.for_tenant(options_.tenant);
  }
  const ShellOptions& options_;
  OpenStore open_;
  std::optional<Store> scoped_;
};

class Shell {
 public:
  Shell(const Session& session, const ShellOptions& options)
      : session_(session),
        store_(options),
        is_interactive_(can_ask()),
        format_(session.json ? RowFormat::kJson : RowFormat::kTable) {
    if (is_interactive_) {
      stray_.emplace(SignalPipe::Second::kTheSame);
      lines_ = std::make_unique<LineEditor>();
      for (const std::string& statement : history_.statements()) lines_->remember(statement);
    } else {
      lines_ = std::make_unique<PlainLines>();
    }
  }

  void run() {
    if (is_interactive_) print("'.help' shows what this shell knows beside SQL\n");
    std::string input;
    while (!ended_) {
      std::string line;
      const bool is_new = is_blank_sql(input);
      switch (lines_->read(is_new ? "tessera> " : "    ...> ", &line)) {
        case Lines::Event::kEnd:
          if (!is_new && !is_interactive_) run_sql(input);
          ended_ = true;
          break;
        case Lines::Event::kInterrupted:
          input.clear();
          break;
        case Lines::Event::kLine:
          if (is_new && line.starts_with('.')) {
            input.clear();
            remember(line);
            attempt([&] { run_command(line); });
          } else {
            input += line + '\n';
            run_complete(&input);
          }
      }
    }
    store_.get().close();
  }

 private:
  void run_complete(std::string* input) {
    for (auto length = statement_length(*input); length; length = statement_length(*input)) {
      const std::string sql = input->substr(0, *length);
      input->erase(0, *length);
      if (is_blank_sql(sql)) continue;
      remember(sql);
      attempt([&] { run_sql(sql); });
    }
  }

  void remember(std::string statement) {
    if (!is_interactive_) return;
    while (statement.starts_with('\n') || statement.starts_with(' ')) statement.erase(0, 1);
    // A comment lasts until the end of its line.
    if (statement.find("--") == std::string::npos) std::ranges::replace(statement, '\n', ' ');
    lines_->remember(statement);
    history_.add(statement);
  }

  /// A person goes on after an error; for a script it is the end.
  template <typename Work>
  void attempt(Work work) {
    if (!is_interactive_) return work();
    try {
      work();
    } catch (const Failure& failure) {
      report_failure(session_.json, failure.exit_code(), failure.what(), failure.next());
    } catch (const Error& error) {
      report_error(session_.json, error, Subject::kStore);
    }
  }

  void run_sql(const std::string& sql) {
    Stopper stopper(store_.get());
    bool is_interrupted = false;
    {
      const Interrupt interrupt([&stopper] { stopper.stop(); });
      try {
        run_statement(store_.get(), stopper, sql, {}, format_, Writes::kAllowed);
      } catch (const Error&) {
        if (!Interrupt::requested()) throw;
        is_interrupted = true;
      }
    }
    if (stopper.closed()) store_.reopen();
    if (is_interrupted)
      throw Failure(kExitTryAgain, "the statement was interrupted", "start it again when you like");
  }

  void run_command(const std::string& line) {
    const std::vector<std::string> words = CLI::detail::split(CLI::detail::trim_copy(line), ' ');
    const std::string& command = words.front();
    const std::string argument = words.size() > 1 ? words.back() : "";
    if (command == ".help") {
      print(kHelp);
    } else if (command == ".quit" || command == ".exit") {
      ended_ = true;
    } else if (command == ".tables") {
      print_rows(format_, tables(), {"name", "type"});
    } else if (command == ".schema") {
      show_schema(argument);
    } else if (command == ".mode") {
      set_mode(argument);
    } else if (command == ".stats") {
      report_stats(session_, store_.get());
    } else if (command == ".check") {
      report_check(session_, store_.get());
    } else {
      throw Failure(kExitUsage, printable(command) + " is no command of this shell", ".help");
    }
  }

  RowSet tables() {
    return store_.get().query_all(
        "select name, type from sqlite_schema where type in ('table', 'view') "
        "and name not like 'sqlite\\_%' escape '\\' and name not like 'tsr\\_%' escape '\\' order by name");
  }

  void show_schema(const std::string& table) {
    const RowSet rows = store_.get().query_all(
        "select sql from sqlite_schema where sql is not null "
        "and name not like 'sqlite\\_%' escape '\\' and tbl_name not like 'tsr\\_%' escape '\\' "
        "and (?1 = '' or tbl_name = ?1 collate nocase) order by type desc, name",
        table);
    if (!table.empty() && rows.empty())
      throw Failure(kExitUsage, "there is no table " + printable(table), ".tables");
    if (format_ != RowFormat::kTable) return print_rows(format_, rows, {"sql"});
    for (const Row row : rows) print(printable(row.get<std::string>("sql")) + ";\n");
  }

  void set_mode(const std::string& mode) {
    if (mode == "table") {
      format_ = RowFormat::kTable;
    } else if (mode == "json") {
      format_ = RowFormat::kJson;
    } else if (mode == "csv") {
      format_ = RowFormat::kCsv;
    } else {
      throw Failure(kExitUsage, "rows are printed as table, json or csv", ".mode table");
    }
  }

  const Session& session_;
  ShellStore store_;
  const bool is_interactive_;
  RowFormat format_;
  ShellHistory history_;
  std::unique_ptr<Lines> lines_;
  std::optional<SignalPipe> stray_;  // a Ctrl-C between a line and its statement does nothing
  bool ended_ = false;
};

int run(const Session& session, const ShellOptions& options) {
  Shell(session, options).run();
  return kExitOk;
}

}  // namespace

void add_store_shell(CLI::App& store, Session& session) {
  auto options = std::make_shared<ShellOptions>();
  CLI::App& command =
      *add_command(store, session, "shell",
                   "Type SQL, with history; or read it from standard input until an error", options, run);
  add_store_arguments(command, options->store);
  command.add_option("--tenant", options->tenant, "Whose rows, where tables declare a tenant")
      ->type_name("NAME");
}

}  // namespace tessera::cli
