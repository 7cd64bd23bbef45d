#include "store/writer.hpp"

#include <sched.h>
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <new>
#include <utility>

#include "store/connection_state.hpp"
#include "store/core.hpp"
#include "store/errors.hpp"
#include "store/parking.hpp"

namespace tessera::store {
namespace {

constexpr size_t kMostWaiting = 100'000;
constexpr size_t kMostInCommit = 1024;
constexpr int64_t kFramesToMove = 1000;   // SQLite's own measure for a log that is worth it
constexpr int64_t kFramesTooMany = 8000;  // readers are held off until it is emptied
constexpr int64_t kFramesToTryAgain = 4000;
constexpr int kPauseMs = 200;
constexpr int kYields = 100;
constexpr int kCloseMs = 1000;
constexpr std::chrono::milliseconds kWaitSlice{200};
constexpr std::chrono::milliseconds kCancelSlice{10};
constexpr std::chrono::milliseconds kStopSlice{5};

Error busy() {
  return store_error(ErrorCode::kBUSY, "WRITER",
                     "another write or transaction of the store did not end in time; try again");
}

Error own_turn() {
  return store_error(ErrorCode::kSTATE, "OWN_TRANSACTION",
                     "this thread holds a transaction of the store, so another write would wait for ever; "
                     "write through the transaction");
}

Status close_savepoint(Connection& connection, bool keep) {
  if (!keep) return connection.run("rollback to tsr_work; release tsr_work");
  TSR_ASSIGN_OR_RETURN(Statement release, connection.statement("release tsr_work"));
  return release.run();
}

Error taken_along() {
  return store_error(ErrorCode::kBUSY, {},
                     "the write was undone together with another one that failed beside it; try again");
}

}  // namespace

void run_hooks(const std::vector<std::function<void()>>& hooks) {
  for (const auto& hook : hooks) {
    // The commit stands.
    static_cast<void>(without_exceptions([&]() -> Status {
      hook();
      return {};
    }));
  }
}

struct Writer::Request {
  enum class Kind { kWork, kTurn };
  enum State : uint32_t { kWaiting, kLeading, kDone };

  Request(Kind of_kind, const WorkOptions& with, const WorkRef* what)
      : kind(of_kind), options(with), work(what) {}

  /// The state once it is not kWaiting any more, or at the end of the span.
  uint32_t wait_for(std::chrono::nanoseconds span) const {
    // A relaxed commit takes less time than falling asleep and being woken, so others get the processor
    // first.
    for (int turn = 0; turn < kYields; ++turn) {
      const uint32_t now = state.load(std::memory_order_acquire);
      if (now != kWaiting) return now;
      sched_yield();
    }
    const int64_t until_ns = steady_ns() + span.count();
    for (;;) {
      const uint32_t now = state.load(std::memory_order_acquire);
      if (now != kWaiting) return now;
      const int64_t left_ns = until_ns - steady_ns();
      if (left_ns <= 0) return now;
      park(state, kWaiting, std::chrono::nanoseconds(left_ns));
    }
  }

  const Kind kind;
  const WorkOptions options;
  const WorkRef* const work;
  bool is_async = false;
  uint64_t sequence = 0;
  const int64_t since_ns = steady_ns();
  Request* next = nullptr;
  Request* previous = nullptr;
  bool is_queued = false;
  Status status;
  std::vector<std::function<void()>> hooks;

  ParkingWord state{kWaiting};
};

struct Writer::AsyncRequest : Request {
  AsyncRequest(const WorkOptions& with, std::function<Status(WriteScope&)> run,
               std::function<void(Status)> tell)
      : Request(Kind::kWork, with, &reference),
        own_work(std::move(run)),
        done(std::move(tell)),
        reference(own_work) {
    is_async = true;
  }
  std::function<Status(WriteScope&)> own_work;
  std::function<void(Status)> done;
  WorkRef reference;
};

/// First in, first out; one may leave from the middle.
class Writer::Queue {
 public:
  bool empty() const { return first_ == nullptr; }
  size_t size() const { return size_; }
  Request* front() const { return first_; }
  void push(Request& request) {
    request.previous = last_;
    (last_ == nullptr ? first_ : last_->next) = &request;
    last_ = &request;
    request.is_queued = true;
    ++size_;
  }
  void remove(Request& request) {
    (request.previous == nullptr ? first_ : request.previous->next) = request.next;
    (request.next == nullptr ? last_ : request.next->previous) = request.previous;
    request.next = request.previous = nullptr;
    request.is_queued = false;
    --size_;
  }

 private:
  Request* first_ = nullptr;
  Request* last_ = nullptr;
  size_t size_ = 0;
};

/// Leads for asynchronous work and tells its owners; keeps the database alive meanwhile.
class Writer::Drain final : public Task {
 public:
  // NOLINTNEXTLINE(bugprone-exception-escape): a mutex that can't be locked ends the program
  void run() noexcept override {
    const std::shared_ptr<Core> core = std::move(core_);
    core->writer.drain();
  }
  Status submit(std::shared_ptr<Core> core) {
    core_ = std::move(core);
    Status accepted = Executor::submit(*this);
    if (!accepted) core_.reset();
    return accepted;
  }

 private:
  std::shared_ptr<Core> core_;
};

/// Asynchronous work that waits behind a transaction has no thread that looks at the clock.
class Writer::Alarm final : public Task {
 public:
  explicit Alarm(std::weak_ptr<Core> core) : core_(std::move(core)) {}
  // NOLINTNEXTLINE(bugprone-exception-escape): as above
  void run() noexcept override {
    const std::unique_ptr<Alarm> self(this);
    if (const auto core = core_.lock()) core->writer.on_alarm();
  }

 private:
  const std::weak_ptr<Core> core_;
};

Writer::Writer(Core& core)
    : core_(core),
      waiting_(std::make_unique<Queue>()),
      waiting_async_(std::make_unique<Queue>()),
      drain_(std::make_unique<Drain>()) {}

Writer::~Writer() = default;

// --- The queue ---

Status Writer::admit() const {
  if (is_closing_) return store_error(ErrorCode::kSTATE, "CLOSED", "the store is closed; open it again");
  if (is_taken_ && owner_ == std::this_thread::get_id()) return own_turn();
  return {};
}

Status Writer::run(WorkRef work, const WorkOptions& options) {
  Request request(Request::Kind::kWork, options, &work);
  Lock lock(mutex_);
  TSR_RETURN_IF_ERROR(wait(lock, request));
  return std::move(request.status);
}

Status Writer::run_async(const WorkOptions& options, std::function<Status(WriteScope&)> work,
                         std::function<void(Status)> done) {
  auto request = std::make_unique<AsyncRequest>(options, std::move(work), std::move(done));
  const std::lock_guard lock(mutex_);
  if (is_closing_) return admit();
  if (waiting_async_->size() + finished_.size() >= kMostWaiting)
    return store_error(ErrorCode::kLIMIT, {},
                       "100,000 writes wait to be committed; let some end before giving more");
  request->sequence = ++sequence_;
  Request& waiting = *request.release();
  waiting_async_->push(waiting);
  if (!is_taken_) schedule_drain();
  if (holder_ != nullptr) ring_at(std::min<int64_t>(holder_->expires_ns, deadline_of(waiting)));
  return {};
}

Status Writer::take_turn(const WorkOptions& options, bool bound) {
  Request request(Request::Kind::kTurn, options, nullptr);
  Lock lock(mutex_);
  TSR_RETURN_IF_ERROR(wait(lock, request));
  owner_ = bound ? std::this_thread::get_id() : std::thread::id();
  return {};
}

void Writer::give_turn() {
  move_log();
  Lock lock(mutex_);
  holder_.reset();
  pass_on(lock);
}

/// Until the request is done, by this thread or another one.
Status Writer::wait(Lock& lock, Request& request) {
  TSR_RETURN_IF_ERROR(admit());
  request.sequence = ++sequence_;
  waiting_->push(request);
  if (!is_taken_) {
    is_taken_ = true;
    lead(lock, request);
    return {};
  }
  const int64_t deadline_ns = deadline_of(request);
  const Cancel* const cancel = request.options.cancel;
  for (;;) {
    reclaim(lock);
    lock.unlock();
    const int64_t left_ms = std::max<int64_t>((deadline_ns - steady_ns()) / 1'000'000 + 1, 1);
    const auto slice = std::min<std::chrono::milliseconds>(cancel == nullptr ? kWaitSlice : kCancelSlice,
                                                           std::chrono::milliseconds(left_ms));
    if (request.wait_for(slice) == Request::kDone) return {};
    lock.lock();
    if (request.state.load(std::memory_order_acquire) == Request::kLeading) {
      lead(lock, request);
      return {};
    }
    if (!request.is_queued) continue;  // being run
    const bool is_cancelled = cancel != nullptr && cancel->cancelled();
    if (!is_cancelled && steady_ns() < deadline_ns) continue;
    waiting_->remove(request);
    return missed_deadline(request);
  }
}

/// When a request has waited for too long. For a turn its own limit takes the place of the busy timeout.
int64_t Writer::deadline_of(const Request& request) const {
  constexpr int64_t kNsPerMs = 1'000'000;
  const int64_t limit_ns = request.options.deadline_ns;
  if (request.kind == Request::Kind::kTurn && limit_ns != kNoDeadline) return limit_ns;
  // Many asynchronous writes may well take longer than that together: what counts is a transaction before
  // them.
  const int64_t since_ns = request.is_async ? std::max(request.since_ns, held_since_ns_) : request.since_ns;
  return std::min(limit_ns, since_ns + std::max<int64_t>(core_.config.busy_timeout_ms, 0) * kNsPerMs);
}

Error Writer::missed_deadline(const Request& request) const {
  Status in_time = check_limit(request.options.deadline_ns, request.options.cancel, "the write");
  return in_time ? busy() : std::move(in_time).error();
}

Writer::Request* Writer::next() const {
  Request* const caller = waiting_->front();
  Request* const async = waiting_async_->front();
  if (caller == nullptr) return async;
  if (async == nullptr) return caller;
  return caller->sequence < async->sequence ? caller : async;
}

/// The writer is ours: runs what came before `mine` and it, then passes the writer on. A turn keeps it.
/// Leaves the lock open, unless for a turn.
void Writer::lead(Lock& lock, Request& mine) {
  owner_ = std::this_thread::get_id();
  while (mine.state.load(std::memory_order_relaxed) != Request::kDone) {
    if (next() == &mine && mine.kind == Request::Kind::kTurn) {
      waiting_->remove(mine);
      mine.state.store(Request::kDone, std::memory_order_relaxed);
      return;
    }
    if (is_crowded_) {
      // Those whose work was just committed are about to bring more; let them join.
      lock.unlock();
      sched_yield();
      lock.lock();
    }
    std::vector<Request*> batch = take_batch();
    lock.unlock();
    run_batch(std::move(batch));
    lock.lock();
  }
  pass_on(lock);
}

/// Work in the order of arrival, up to the next turn.
std::vector<Writer::Request*> Writer::take_batch() {
  std::vector<Request*> batch;
  size_t callers = 0;
  while (batch.size() < kMostInCommit) {
    Request* const first = next();
    if (first == nullptr || first->kind == Request::Kind::kTurn) break;
    if (first->options.alone && !batch.empty()) break;
    (first->is_async ? waiting_async_ : waiting_)->remove(*first);
    batch.push_back(first);
    if (!first->is_async) ++callers;
    if (first->options.alone) break;
  }
  is_crowded_ = callers > 1;
  return batch;
}

/// The writer goes to who waits, or becomes free. Leaves the lock open.
void Writer::pass_on(Lock& lock) {
  owner_ = {};
  if (!finished_.empty()) schedule_drain();
  if (Request* const caller = waiting_->front()) {
    const ParkingWord* const word = &caller->state;
    caller->state.store(Request::kLeading, std::memory_order_release);
    lock.unlock();
    unpark(word);
    return;
  }
  is_taken_ = false;
  if (!waiting_async_->empty()) schedule_drain();
  idle_.notify_all();
  lock.unlock();
}

void Writer::schedule_drain() {
  if (is_draining_) return;
  is_draining_ = drain_->submit(core_.shared_from_this()).ok();
  // Without a worker the next write or close() takes the waiting work along.
}

void Writer::drain() {
  Lock lock(mutex_);
  drainer_ = std::this_thread::get_id();
  for (;;) {
    if (!finished_.empty()) {
      const auto finished = std::exchange(finished_, {});
      lock.unlock();
      for (const auto& request : finished) {
        // What a callback throws has nowhere to go.
        static_cast<void>(without_exceptions([&]() -> Status {
          request->done(std::move(request->status));
          return {};
        }));
      }
      if (core_.in_child()) return;
      lock.lock();
      continue;
    }
    if (is_taken_ || waiting_async_->empty()) break;
    is_taken_ = true;
    owner_ = drainer_;
    std::vector<Request*> batch = take_batch();
    lock.unlock();
    run_batch(std::move(batch));
    lock.lock();
    pass_on(lock);
    lock.lock();
  }
  is_draining_ = false;
  drainer_ = {};
  idle_.notify_all();
}

void Writer::hold(std::shared_ptr<Holder> holder) {
  const std::lock_guard lock(mutex_);
  holder_ = std::move(holder);
  held_since_ns_ = steady_ns();
  ring_at(next_deadline());
}

/// When the transaction is too long, or the first of the asynchronous work behind it has waited for too long.
int64_t Writer::next_deadline() const {
  if (holder_ == nullptr || waiting_async_->empty()) return kNoDeadline;
  int64_t next_ns = holder_->expires_ns;
  for (const Request* request = waiting_async_->front(); request != nullptr; request = request->next)
    next_ns = std::min(next_ns, deadline_of(*request));
  return next_ns;
}

void Writer::ring_at(int64_t due_ns) {
  if (due_ns >= alarm_ns_) return;
  auto alarm = std::make_unique<Alarm>(core_.weak_from_this());
  const std::chrono::steady_clock::time_point due{std::chrono::nanoseconds(due_ns)};
  if (!Executor::submit_at(*alarm, due)) return;
  static_cast<void>(alarm.release());  // deletes itself
  alarm_ns_ = due_ns;
}

void Writer::on_alarm() {
  Lock lock(mutex_);
  alarm_ns_ = kNoDeadline;
  reclaim(lock);
  const int64_t now_ns = steady_ns();
  for (Request* request = holder_ != nullptr ? waiting_async_->front() : nullptr; request != nullptr;) {
    Request& one = *std::exchange(request, request->next);
    if (now_ns < deadline_of(one)) continue;
    waiting_async_->remove(one);
    one.status = missed_deadline(one);
    finished_.emplace_back(static_cast<AsyncRequest*>(&one));
  }
  if (!finished_.empty()) schedule_drain();
  // An overdue transaction may need a while to end.
  ring_at(std::max(next_deadline(), now_ns + std::chrono::nanoseconds(kWaitSlice).count()));
}

/// Ends a transaction that has held the writer for too long: at once when its owner is elsewhere, else its
/// running statement is interrupted and the owner ends it.
void Writer::reclaim(Lock& lock) {
  if (holder_ == nullptr || steady_ns() < holder_->expires_ns) return;
  const std::shared_ptr<Holder> holder = holder_;
  if (!holder->mutex.try_lock()) {
    holder->is_overdue.store(true);
    interrupt();
    return;
  }
  const std::lock_guard held(holder->mutex, std::adopt_lock);
  holder_.reset();
  lock.unlock();
  holder->take_away();
  lock.lock();
  pass_on(lock);
  lock.lock();
}

// --- Commits ---

void Writer::run_batch(std::vector<Request*> batch) {
  while (!batch.empty()) {
    std::vector<Request*> again = run_once(batch);
    std::erase_if(batch,
                  [&](Request* one) { return std::find(again.begin(), again.end(), one) != again.end(); });
    finish(batch);
    batch = std::move(again);
  }
  move_log();
}

/// One commit. Gives those whose writes were undone by another's failure and that may run again.
std::vector<Writer::Request*> Writer::run_once(const std::vector<Request*>& batch) {
  const bool strict =
      std::any_of(batch.begin(), batch.end(), [](Request* one) { return one->options.strict; });
  const auto fail_all = [&](const Error& error) {
    for (Request* const request : batch) {
      request->hooks.clear();
      if (request->status) request->status = error;
    }
  };
  if (const Status begun = begin(strict); !begun) {
    fail_all(begun.error());
    return {};
  }
  const bool is_group = batch.size() > 1;
  size_t succeeded = 0;
  for (size_t place = 0; place < batch.size(); ++place) {
    Request& request = *batch[place];
    request.status = run_one(request, is_group && !request.options.single_statement);
    note(request.status);
    if (request.status) ++succeeded;
    const bool is_lost = sqlite3_get_autocommit(connection_->get()) != 0;
    if (!is_lost) continue;
    // Its failure rolled back the whole transaction.
    if (request.status) request.status = taken_along();
    ++rollbacks_;
    std::vector<Request*> again;
    for (size_t before = 0; before < place; ++before) {
      Request& other = *batch[before];
      other.hooks.clear();
      if (!other.status) continue;
      if (other.options.repeatable)
        again.push_back(&other);
      else
        other.status = taken_along();
    }
    again.insert(again.end(), batch.begin() + static_cast<std::ptrdiff_t>(place) + 1, batch.end());
    return again;
  }
  if (succeeded == 0) {
    roll_back();
    return {};
  }
  if (const Status committed = commit(strict); !committed) {
    fail_all(committed.error());
  } else if (is_group) {
    ++group_commits_;
  }
  return {};
}

Status Writer::run_one(Request& request, bool in_savepoint) {
  const WorkOptions& options = request.options;
  // It may have waited for long.
  TSR_RETURN_IF_ERROR(check_limit(options.deadline_ns, options.cancel, "the write"));
  Connection& connection = *connection_;
  if (in_savepoint) {
    TSR_ASSIGN_OR_RETURN(Statement open, connection.statement("savepoint tsr_work"));
    TSR_RETURN_IF_ERROR(open.run());
  }
  WriteScope scope(connection);
  Status status;
  {
    const LimitScope limit(connection, options.deadline_ns, options.cancel);
    status = without_exceptions([&] { return (*request.work)(scope); });
  }
  sqlite3* const database = connection.get();
  if (sqlite3_get_autocommit(database) != 0) return status;
  if (status) {
    int unresolved = 0;
    int highest = 0;
    sqlite3_db_status(database, SQLITE_DBSTATUS_DEFERRED_FKS, &unresolved, &highest, 0);
    if (unresolved != 0) {
      status = error_of(database, SQLITE_CONSTRAINT_FOREIGNKEY, "commit");
      if (!in_savepoint) undo();
    }
  }
  if (in_savepoint) {
    const Status closed = close_savepoint(connection, status.ok());
    if (!closed) {
      undo();
      if (status) status = closed;
    }
  }
  if (status) request.hooks = scope.take_hooks();
  return status;
}

/// Hooks in the order of the commit, then everyone learns how it went.
void Writer::finish(const std::vector<Request*>& batch) {
  for (Request* const request : batch)
    if (request->status) run_hooks(request->hooks);
  std::vector<std::unique_ptr<AsyncRequest>> finished;
  for (Request* const request : batch) {
    if (request->is_async) {
      finished.emplace_back(static_cast<AsyncRequest*>(request));
      continue;
    }
    const ParkingWord* const word = &request->state;
    request->state.store(Request::kDone, std::memory_order_release);
    unpark(word);  // the caller may have left already
  }
  if (finished.empty()) return;
  const std::lock_guard lock(mutex_);
  std::move(finished.begin(), finished.end(), std::back_inserter(finished_));
}

Result<Connection*> Writer::prepare(bool strict) {
  if (is_broken_ || connection_ == nullptr) {
    replace_connection(nullptr);
    TSR_RETURN_IF_ERROR(open());
  }
  TSR_RETURN_IF_ERROR(core_.refresh(*connection_, &epoch_));
  if (strict != is_strict_ && !core_.in_memory()) {
    TSR_RETURN_IF_ERROR(connection_->run(strict ? "pragma synchronous=full" : "pragma synchronous=normal"));
    is_strict_ = strict;
  }
  has_logged_ = false;
  return connection_.get();
}

Status Writer::begin(bool strict) {
  TSR_ASSIGN_OR_RETURN(Connection* const connection, prepare(strict));
  TSR_RETURN_IF_ERROR(mark_log());
  TSR_ASSIGN_OR_RETURN(Statement begin, connection->statement("begin immediate"));
  Status begun = begin.run();
  note(begun);
  return begun;
}

Status Writer::commit(bool strict) {
  Status committed;
  {
    auto statement = connection_->statement("commit");
    committed = statement ? statement->run() : Status(std::move(statement).error());
  }
  note(committed);
  if (!committed) {
    roll_back();
    return committed;
  }
  ++commits_;
  if (strict) ++strict_commits_;
  // A policy follows what it guards: new triggers, views and indexes.
  if (core_.policy != nullptr && std::exchange(ConnectionState::of(*connection_).changes_schema, false))
    core_.refresh_policy();
  settle({});
  return {};
}

void Writer::roll_back() {
  ++rollbacks_;
  undo();
}

void Writer::undo() {
  if (connection_ == nullptr || sqlite3_get_autocommit(connection_->get()) != 0) return;
  // The first one may meet an interrupt that was meant for what it undoes.
  if (!connection_->run("rollback") && !connection_->run("rollback")) is_broken_ = true;
}

void Writer::note(const Status& status) {
  if (status || core_.in_memory()) return;
  const ErrorCode code = status.error().code;
  if (code == ErrorCode::kIO || code == ErrorCode::kCORRUPT || code == ErrorCode::kPERMISSION)
    is_broken_ = true;
}

void Writer::settle(const Status& status) {
  note(status);
  if (!std::exchange(has_logged_, false) || core_.mark == nullptr) return;
  unmarked_ = is_strict_;
  // What was committed stands and is seen: to call it failed would make its caller write it twice.
  if (const Status marked = mark_log(); !marked)
    core_.ports.logger->write(LogLevel::kWarn, kArea, "log_not_marked", marked.error().text);
}

Status Writer::mark_log() {
  if (!unmarked_) return {};
  TSR_RETURN_IF_ERROR(core_.mark->committed(frames_, *unmarked_));
  unmarked_.reset();
  return {};
}

void Writer::interrupt() {
  const std::lock_guard lock(connection_mutex_);
  if (connection_ != nullptr) sqlite3_interrupt(connection_->get());
}

void Writer::replace_connection(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(connection_mutex_);
  connection_ = std::move(connection);
}

// --- The log ---

Status Writer::open() {
  TSR_ASSIGN_OR_RETURN(auto connection, core_.connect(Role::kWriter));
  replace_connection(std::move(connection));
  is_broken_ = false;
  is_strict_ = false;
  epoch_ = 0;
  if (core_.in_memory()) return {};
  sqlite3* const database = connection_->get();
  // The log goes only with an explicit checkpoint, which tells the mark.
  sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_wal_hook(
      database,
      [](void* self, sqlite3*, const char*, int frames) {
        auto& writer = *static_cast<Writer*>(self);
        writer.has_logged_ = true;
        if (frames < writer.frames_) writer.next_move_ = kFramesToMove;
        writer.frames_ = frames;
        return SQLITE_OK;
      },
      this);
  next_move_ = kFramesToMove;
  return {};
}

Status Writer::empty_log(int busy_timeout_ms) {
  if (core_.in_memory()) return {};
  sqlite3* const database = connection_->get();
  int in_log = 0;
  int moved = 0;
  sqlite3_busy_timeout(database, busy_timeout_ms);
  const int code = sqlite3_wal_checkpoint_v2(database, "main", SQLITE_CHECKPOINT_TRUNCATE, &in_log, &moved);
  ++moves_;
  if (code != SQLITE_OK) {
    Status failed = error_of(database, code, "move the log into the database");
    note(failed);
    return failed;
  }
  frames_ = 0;
  next_move_ = kFramesToMove;
  unmarked_.reset();
  return core_.mark == nullptr ? Status() : core_.mark->cleared();
}

void Writer::move_log() {
  if (connection_ == nullptr || is_broken_ || frames_ < next_move_) return;
  core_.readers.trim();
  if (frames_ >= kFramesTooMany) {
    const Readers::Pause pause(core_.readers);
    if (!empty_log(kPauseMs)) next_move_ = frames_ + kFramesToTryAgain;
    return;
  }
  int in_log = 0;
  int moved = 0;
  const int code =
      sqlite3_wal_checkpoint_v2(connection_->get(), "main", SQLITE_CHECKPOINT_PASSIVE, &in_log, &moved);
  ++moves_;
  next_move_ = frames_ + kFramesToMove;
  if (code != SQLITE_OK && code != SQLITE_BUSY)
    note(error_of(connection_->get(), code, "move the log into the database"));
}

Status Writer::stop(int64_t deadline_ns) {
  Lock lock(mutex_);
  if (is_taken_ && owner_ == std::this_thread::get_id() && holder_ == nullptr) return own_turn();
  is_closing_ = true;
  for (;;) {
    if (!is_taken_) {
      if (waiting_->empty() && waiting_async_->empty()) break;
      is_taken_ = true;
      owner_ = std::this_thread::get_id();
      std::vector<Request*> batch = take_batch();
      lock.unlock();
      run_batch(std::move(batch));
      lock.lock();
      pass_on(lock);
      lock.lock();
      continue;
    }
    // A transaction of this very thread would wait in vain.
    const bool is_own = holder_ != nullptr && owner_ == std::this_thread::get_id();
    if (is_own || steady_ns() >= deadline_ns) {
      // Again and again: between two statements nothing is there to end.
      if (holder_ != nullptr)
        holder_->expires_ns = 0;
      else
        interrupt();
    }
    reclaim(lock);
    if (is_taken_) idle_.wait_for(lock, kStopSlice);
  }
  is_taken_ = true;  // for good
  return {};
}

void Writer::close() {
  if (connection_ != nullptr && !is_broken_ && !core_.in_memory() && empty_log(kCloseMs))
    sqlite3_db_config(connection_->get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
  replace_connection(nullptr);
  Lock lock(mutex_);
  if (!finished_.empty()) schedule_drain();
  if (!finished_.empty() && !is_draining_) {
    // No worker is to be had, and there is no later call to take them along.
    is_draining_ = true;
    lock.unlock();
    drain();
    lock.lock();
  }
  while (is_draining_ && drainer_ != std::this_thread::get_id()) idle_.wait(lock);
}

bool Writer::is_telling() {
  const std::lock_guard lock(mutex_);
  return is_draining_ && drainer_ == std::this_thread::get_id();
}

DatabaseStats Writer::stats() {
  DatabaseStats stats;
  stats.commits = commits_;
  stats.group_commits = group_commits_;
  stats.strict_commits = strict_commits_;
  stats.rollbacks = rollbacks_;
  stats.checkpoints = moves_;
  const std::lock_guard lock(mutex_);
  stats.writer_queue = static_cast<int64_t>(waiting_->size() + waiting_async_->size());
  return stats;
}

}  // namespace tessera::store
