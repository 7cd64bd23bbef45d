// The one connection that writes, and the queue in front of it.
//
// Whoever finds the writer free leads: it runs its own work and that of all who came meanwhile, each in a
// savepoint, in one commit. A turn is the writer alone, for a transaction or for care. Work and turns are
// taken in the order of their arrival.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <vector>

#include "base/executor.hpp"
#include "store/connection.hpp"
#include "store/database.hpp"

namespace tessera::store {

class Core;

/// A transaction that holds the writer. Others end it when it holds it for too long.
struct Holder {
  virtual ~Holder() = default;
  /// Gives statements back and rolls back; with `mutex` held.
  virtual void take_away() = 0;

  std::mutex mutex;  // held during each of its calls
  std::atomic<bool> is_overdue{false};
  std::atomic<int64_t> expires_ns{0};
};

/// Work that waits, borrowed from its caller.
class WorkRef {
 public:
  template <class Work>
    requires(!std::is_same_v<std::remove_cv_t<Work>, WorkRef>)
  explicit WorkRef(Work& work)
      : context_(&work), call_([](const void* context, WriteScope& scope) -> Status {
          return (*static_cast<const Work*>(context))(scope);
        }) {}
  Status operator()(WriteScope& scope) const { return call_(context_, scope); }

 private:
  const void* context_;
  Status (*call_)(const void*, WriteScope&);
};

struct WorkOptions {
  bool strict = false;
  bool single_statement = false;  // undoes itself when it fails, so it needs no savepoint
  bool repeatable = false;        // may run again when another's failure took its commit along
  bool alone = false;             // may roll back what others wrote
  int64_t deadline_ns = kNoDeadline;
  const Cancel* cancel = nullptr;
};

/// After a commit.
void run_hooks(const std::vector<std::function<void()>>& hooks);

class Writer {
 public:
  explicit Writer(Core& core);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  Status open();
  /// Refuses new work, runs what waits, ends what still runs at the deadline. STATE from inside that work.
  Status stop(int64_t deadline_ns);
  /// After stop(): empties the log, closes, and waits for running callbacks except from inside one.
  void close();
  /// True inside a callback of run_async().
  bool is_telling();

  Status run(WorkRef work, const WorkOptions& options);
  /// Without `options.cancel`, which would not live long enough.
  Status run_async(const WorkOptions& options, std::function<Status(WriteScope&)> work,
                   std::function<void(Status)> done);

  /// The writer alone until give_turn(). A deadline takes the place of the busy timeout. `bound`: this
  /// thread's further writes are STATE until then.
  Status take_turn(const WorkOptions& options, bool bound);
  void give_turn();

  // With the turn held:
  /// The connection, opened anew after an error, and durable as `strict` asks.
  Result<Connection*> prepare(bool strict);
  /// Writes what the log's mark does not know yet; before anything is written.
  Status mark_log();
  Status begin(bool strict);
  Status commit(bool strict);
  void roll_back();
  /// Notes what a finished call met, and in the log's mark what it left there.
  void settle(const Status& status);
  Status empty_log(int busy_timeout_ms);
  /// Closes the connection; open() makes a new one.
  void disconnect() { replace_connection(nullptr); }
  void hold(std::shared_ptr<Holder> holder);

  /// Ends the statement that runs on the writer. Any thread.
  void interrupt();
  Connection* connection() { return connection_.get(); }
  DatabaseStats stats();

 private:
  struct Request;
  struct AsyncRequest;
  class Queue;
  class Drain;
  class Alarm;
  using Lock = std::unique_lock<std::mutex>;

  Status admit() const;
  Status wait(Lock& lock, Request& request);
  void lead(Lock& lock, Request& mine);
  void pass_on(Lock& lock);
  Request* next() const;
  std::vector<Request*> take_batch();
  void run_batch(std::vector<Request*> batch);
  std::vector<Request*> run_once(const std::vector<Request*>& batch);
  Status run_one(Request& request, bool in_savepoint);
  void finish(const std::vector<Request*>& batch);
  void reclaim(Lock& lock);
  void schedule_drain();
  void drain();
  int64_t deadline_of(const Request& request) const;
  Error missed_deadline(const Request& request) const;
  int64_t next_deadline() const;
  void ring_at(int64_t due_ns);
  void on_alarm();
  void undo();
  void note(const Status& status);
  void move_log();
  void replace_connection(std::unique_ptr<Connection> connection);

  Core& core_;

  // Guarded by mutex_.
  std::mutex mutex_;
  std::condition_variable idle_;
  std::unique_ptr<Queue> waiting_;  // callers, and turns
  std::unique_ptr<Queue> waiting_async_;
  std::vector<std::unique_ptr<AsyncRequest>> finished_;  // to be told
  uint64_t sequence_ = 0;
  bool is_taken_ = false;
  bool is_closing_ = false;
  bool is_draining_ = false;
  int64_t held_since_ns_ = 0;     // by holder_
  int64_t alarm_ns_ = INT64_MAX;  // when the next one rings
  std::thread::id owner_;
  std::thread::id drainer_;
  std::shared_ptr<Holder> holder_;
  std::unique_ptr<Drain> drain_;

  // Of whoever has the writer; the pointer changes under its mutex, for others interrupt it.
  std::mutex connection_mutex_;
  std::unique_ptr<Connection> connection_;
  uint64_t epoch_ = 0;
  bool is_broken_ = false;
  bool is_strict_ = false;
  bool is_crowded_ = false;       // the last commit was of several callers
  bool has_logged_ = false;       // the commit under way wrote frames
  std::optional<bool> unmarked_;  // the mark does not know the last commit, which was strict or not
  int64_t frames_ = 0;
  int64_t next_move_ = 0;
  std::atomic<int64_t> commits_{0}, group_commits_{0}, strict_commits_{0}, rollbacks_{0}, moves_{0};
};

}  // namespace tessera::store
