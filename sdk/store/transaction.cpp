#include "store/transaction.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "store/application.hpp"
#include "store/binding.hpp"
#include "store/connection_state.hpp"
#include "store/errors.hpp"
#include "store/rows.hpp"

namespace tessera::store {
namespace {

class TransactionRows;

struct Hook {
  int level;
  std::function<void()> run;
};

/// What a transaction, those nested in it and their rows share. Fields are guarded by its mutex.
struct Session final : Holder {
  void take_away() override;
  void end(Error why);
  void close_rows(int from_level);
  Status in_savepoint(const char* open, const char* undo, const char* release,
                      const std::function<Status()>& work);

  std::shared_ptr<Core> core;
  std::optional<std::string> tenant;
  std::thread::id thread;  // none: any
  bool strict = false;
  int level = 0;  // of the innermost that is open
  bool has_ended = false;
  std::optional<Error> ended_by;
  std::vector<Hook> hooks;
  std::vector<TransactionRows*> rows;

  const std::string* tenant_or_null() const { return tenant ? &*tenant : nullptr; }
  Connection& connection() const { return *core->writer.connection(); }
  int64_t deadline() const { return std::min(expires_ns.load(), core->query_deadline(0)); }
};

Error too_long() {
  return store_error(
      ErrorCode::kTIMEOUT, "TRANSACTION",
      "the transaction held the store for too long and was rolled back; keep transactions short");
}

Error has_ended() {
  return store_error(ErrorCode::kSTATE, "ENDED", "the transaction has ended; begin another one");
}

Error rolled_back() {
  return store_error(ErrorCode::kSTATE, "ENDED",
                     "an error in the transaction has rolled it back; begin another one");
}

/// One call on a session: its mutex, and at the end what became of the transaction meanwhile.
class Call {
 public:
  Call(Session& session, int level) : session_(session), lock_(session.mutex), level_(level) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  Status check() {
    if (session_.has_ended) return session_.ended_by ? *session_.ended_by : has_ended();
    if (session_.thread != std::thread::id() && session_.thread != std::this_thread::get_id())
      return store_error(
          ErrorCode::kSTATE, "THREAD",
          "the transaction belongs to the thread that began it; begin one for any thread instead");
    if (is_late()) return expire();
    if (session_.level != level_)
      return store_error(ErrorCode::kSTATE, "NESTED",
                         session_.level > level_ ? "a nested transaction is open; end it first"
                                                 : "the nested transaction has ended");
    return {};
  }

  /// The result of the call, unless the transaction was lost in it.
  template <class T>
  Result<T> done(Result<T> result) {
    if (session_.has_ended) return result;
    if (is_late()) return expire();
    if (!result && sqlite3_get_autocommit(session_.connection().get()) != 0) {
      session_.end(rolled_back());
      session_.core->writer.settle(result.error());
      session_.core->writer.give_turn();
    }
    return result;
  }

 private:
  bool is_late() const { return session_.is_overdue.load() || steady_ns() >= session_.expires_ns.load(); }
  Error expire() {
    session_.take_away();
    session_.core->writer.give_turn();
    return too_long();
  }

  Session& session_;
  const std::lock_guard<std::mutex> lock_;
  const int level_;
};

/// Rows inside a transaction. Their cells are copies: whoever ends the transaction resets the statement.
class TransactionRows final : public Rows {
 public:
  TransactionRows(std::shared_ptr<Session> session, int level, Statement statement)
      : session_(std::move(session)), level_(level), statement_(std::move(statement)) {}
  TransactionRows(const TransactionRows&) = delete;
  TransactionRows& operator=(const TransactionRows&) = delete;
  ~TransactionRows() override {
    if (session_->core->in_child()) {
      if (statement_) leak(std::move(*statement_));
      leak(std::move(session_));
      return;
    }
    if (!is_listed_.load()) return;
    const std::lock_guard lock(session_->mutex);
    close();
  }

  // With the session's mutex held. The first row is read, so that the names are those of the table as it is.
  Status start(const Parameters& parameters) {
    session_->rows.push_back(this);
    is_listed_ = true;
    Status started = bind_parameters(*statement_, parameters, Lifetime::kCopied);
    if (started) started = step();
    has_first_ = started.ok();
    if (!started) close();
    return started;
  }
  /// Nobody but the owner knows of these rows afterwards.
  void close() {
    if (!is_listed_.load()) return;
    statement_.reset();
    std::erase(session_->rows, this);
    is_listed_ = false;
  }
  int level() const { return level_; }

  const std::vector<std::string>& columns() const override { return *names_; }

  using Rows::next;
  const Value* next(std::optional<Error>* failure) override {
    Status status = go_on();
    if (status) return is_at_end_ ? nullptr : cells_.data();
    *failure = std::move(status).error();
    return nullptr;
  }

  void interrupt() override {
    if (session_->core->in_child()) return;
    const std::lock_guard lock(interrupt_mutex_);
    if (is_stepping_) session_->core->writer.interrupt();
  }

 private:
  Status go_on() {
    if (session_->core->in_child()) return session_->core->usable();
    const std::lock_guard lock(session_->mutex);
    if (std::exchange(has_first_, false) || is_at_end_) return {};
    if (!statement_) return session_->ended_by ? *session_->ended_by : has_ended();
    return step();
  }

  void set_stepping(bool is_stepping) {
    const std::lock_guard lock(interrupt_mutex_);
    is_stepping_ = is_stepping;
  }

  Status step() {
    auto has_row = [&] {
      PolicyScope scope(session_->core->policy, session_->connection(), session_->tenant_or_null());
      const LimitScope limit(session_->connection(), session_->deadline(), nullptr);
      set_stepping(true);
      auto stepped = statement_->step();
      set_stepping(false);
      return stepped;
    }();
    if (!has_row) {
      close();
      return std::move(has_row).error();
    }
    if (names_ == nullptr) names_ = statement_->names();
    is_at_end_ = !*has_row;
    if (is_at_end_)
      close();
    else
      copy();
    return {};
  }

  void copy() {
    cells_.resize(names_->size());
    size_t bytes = 0;
    for (size_t index = 0; index < cells_.size(); ++index) {
      read_column(statement_->get(), static_cast<int>(index), &cells_[index]);
      bytes += cells_[index].size;
    }
    if (bytes_.size() < bytes) bytes_.resize(bytes);
    uint8_t* room = bytes_.data();
    for (Value& cell : cells_) {
      if (cell.size == 0) continue;
      const ByteView content = cell.bytes();
      cell.data = room;
      room = std::copy(content.begin(), content.end(), room);
    }
  }

  std::shared_ptr<Session> session_;
  const int level_;
  std::optional<Statement> statement_;
  std::shared_ptr<const std::vector<std::string>> names_;
  std::vector<Value> cells_;
  Bytes bytes_;
  bool has_first_ = false;
  bool is_at_end_ = false;
  std::atomic<bool> is_listed_{false};
  std::mutex interrupt_mutex_;
  bool is_stepping_ = false;
};

void Session::close_rows(int from_level) {
  for (TransactionRows* const one : std::vector<TransactionRows*>(rows))
    if (one->level() >= from_level) one->close();
}

void Session::end(Error why) {
  close_rows(0);
  hooks.clear();
  has_ended = true;
  ended_by = std::move(why);
}

void Session::take_away() {
  end(too_long());
  core->writer.roll_back();
}

Status Session::in_savepoint(const char* open, const char* undo, const char* release,
                             const std::function<Status()>& work) {
  TSR_RETURN_IF_ERROR(connection().run(open));
  Status status = work();
  if (sqlite3_get_autocommit(connection().get()) != 0) return status;
  if (!status) static_cast<void>(connection().run(undo));
  const Status released = connection().run(release);
  return status ? released : status;
}

class Level final : public Transaction {
 public:
  Level(std::shared_ptr<Session> session, int level) : session_(std::move(session)), level_(level) {}
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;
  ~Level() override {
    if (session_->core->in_child()) {
      leak(std::move(session_));
      return;
    }
    const std::lock_guard lock(session_->mutex);
    if (!is_over_ && !session_->has_ended && session_->level >= level_) static_cast<void>(undo());
  }

  Result<Outcome> execute(std::string_view sql, const Parameters& parameters) override {
    return call<Outcome>([&] {
      return execute_on(session_->connection(), session_->core->policy, sql, parameters,
                        session_->tenant_or_null());
    });
  }

  Result<Outcome> execute_many(std::string_view sql, std::span<const Value> values, size_t width) override {
    return call<Outcome>([&]() -> Result<Outcome> {
      Outcome outcome;
      TSR_RETURN_IF_ERROR(session_->in_savepoint(
          "savepoint tsr_many", "rollback to tsr_many", "release tsr_many", [&]() -> Status {
            TSR_ASSIGN_OR_RETURN(outcome, execute_many_on(session_->connection(), session_->core->policy, sql,
                                                          values, width, session_->tenant_or_null()));
            return {};
          }));
      return outcome;
    });
  }

  Result<std::unique_ptr<Rows>> query(std::string_view sql, const Parameters& parameters) override {
    return call<std::unique_ptr<Rows>>([&]() -> Result<std::unique_ptr<Rows>> {
      Connection& connection = session_->connection();
      PolicyScope scope(session_->core->policy, connection, session_->tenant_or_null());
      TSR_ASSIGN_OR_RETURN(const std::string_view text, scope.rewrite(sql));
      TSR_ASSIGN_OR_RETURN(Statement statement, connection.statement(text, Origin::kApplication));
      if (sqlite3_stmt_readonly(statement.get()) == 0) {
        TSR_RETURN_IF_ERROR(statement.bind(parameters));
        TSR_ASSIGN_OR_RETURN(RowSet rows, copy_rows(statement));
        return std::unique_ptr<Rows>(std::make_unique<CopiedRows>(std::move(rows)));
      }
      auto rows = std::make_unique<TransactionRows>(session_, level_, std::move(statement));
      TSR_RETURN_IF_ERROR(rows->start(parameters));
      return std::unique_ptr<Rows>(std::move(rows));
    });
  }

  Result<std::unique_ptr<Transaction>> nest() override {
    return call<std::unique_ptr<Transaction>>([&]() -> Result<std::unique_ptr<Transaction>> {
      TSR_RETURN_IF_ERROR(session_->connection().run("savepoint tsr_level" + std::to_string(level_ + 1)));
      session_->level = level_ + 1;
      return std::unique_ptr<Transaction>(std::make_unique<Level>(session_, level_ + 1));
    });
  }

  Status within(const std::function<Status(WriteScope&)>& work) override {
    return call<void>([&] {
      WriteScope scope(session_->connection());
      Status status =
          session_->in_savepoint("savepoint tsr_within", "rollback to tsr_within", "release tsr_within",
                                 [&] { return without_exceptions([&] { return work(scope); }); });
      if (status)
        for (auto& hook : scope.take_hooks()) session_->hooks.push_back({level_, std::move(hook)});
      return status;
    });
  }

  Status commit() override {
    if (level_ == 0) return commit_all();
    return call<void>([&]() -> Status {
      session_->close_rows(level_);
      TSR_RETURN_IF_ERROR(session_->connection().run("release tsr_level" + std::to_string(level_)));
      for (Hook& hook : session_->hooks) hook.level = std::min(hook.level, level_ - 1);
      session_->level = level_ - 1;
      is_over_ = true;
      return {};
    });
  }

  Status rollback() override {
    if (session_->core->in_child()) return session_->core->usable();
    Call call(*session_, level_);
    TSR_RETURN_IF_ERROR(call.check());
    return undo();
  }

 private:
  template <class T, class Work>
  Result<T> call(Work work) {
    if (session_->core->in_child()) return session_->core->usable().error();
    Call call(*session_, level_);
    if (Status fit = call.check(); !fit) return std::move(fit).error();
    Result<T> result = [&]() -> Result<T> {
      const LimitScope limit(session_->connection(), session_->deadline(), nullptr);
      return work();
    }();
    return call.done(std::move(result));
  }

  Status commit_all() {
    if (session_->core->in_child()) return session_->core->usable();
    Call call(*session_, level_);
    TSR_RETURN_IF_ERROR(call.check());
    is_over_ = true;
    std::vector<std::function<void()>> hooks;
    for (Hook& hook : session_->hooks) hooks.push_back(std::move(hook.run));
    session_->end(has_ended());
    Writer& writer = session_->core->writer;
    Status committed = writer.commit(session_->strict);
    if (!committed && session_->is_overdue.load()) committed = too_long();
    if (committed) run_hooks(hooks);
    writer.give_turn();
    return committed;
  }

  /// With those nested in it, whose objects may live on; with the session's mutex held.
  Status undo() {
    is_over_ = true;
    Writer& writer = session_->core->writer;
    if (level_ == 0) {
      session_->end(has_ended());
      writer.roll_back();
      writer.give_turn();
      return {};
    }
    session_->close_rows(level_);
    std::erase_if(session_->hooks, [&](const Hook& hook) { return hook.level >= level_; });
    session_->level = level_ - 1;
    const std::string name = "tsr_level" + std::to_string(level_);
    return session_->connection().run("rollback to " + name + "; release " + name);
  }

  std::shared_ptr<Session> session_;
  const int level_;
  bool is_over_ = false;
};

}  // namespace

Result<std::unique_ptr<Transaction>> begin_transaction(const std::shared_ptr<Core>& core,
                                                       const TransactionOptions& options) {
  TSR_RETURN_IF_ERROR(core->usable());
  auto session = std::make_shared<Session>();
  session->core = core;
  if (options.tenant != nullptr) session->tenant = *options.tenant;
  if (!options.any_thread) session->thread = std::this_thread::get_id();
  session->strict = core->is_strict(options.durability);
  auto transaction = std::make_unique<Level>(session, 0);
  session->has_ended = true;  // until it has begun
  const int64_t deadline_ns = options.timeout_ms > 0 ? deadline_after_ms(options.timeout_ms) : kNoDeadline;
  TSR_RETURN_IF_ERROR(
      core->writer.take_turn({.deadline_ns = deadline_ns, .cancel = options.cancel}, !options.any_thread));
  if (Status begun = without_exceptions([&] { return core->writer.begin(session->strict); }); !begun) {
    core->writer.give_turn();
    return std::move(begun).error();
  }
  session->has_ended = false;
  session->expires_ns = deadline_after_ms(core->config.transaction_limit_ms);
  core->writer.hold(session);
  return std::unique_ptr<Transaction>(std::move(transaction));
}

}  // namespace tessera::store
