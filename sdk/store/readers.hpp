// The pool of read-only connections. Taking a free one costs an atomic exchange.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "store/connection.hpp"
#include "store/database.hpp"

namespace tessera::store {

class Core;

struct Reader {
  std::atomic<bool> busy{false};
  std::atomic<bool> is_open{false};
  std::atomic<bool> stepping{false};  // inside SQLite: close() waits for that, not for idle rows
  std::unique_ptr<Connection> connection;
  uint64_t epoch = 0;
};

class Readers {
 public:
  static constexpr size_t kMost = 16;

  explicit Readers(Core& core) : core_(core) {}
  /// An open connection. BUSY when all are in use until the busy timeout; TIMEOUT, CANCELLED.
  Result<Reader*> acquire(int64_t deadline_ns, const Cancel* cancel);
  /// `broken`: it met a read error and is opened anew next time.
  void release(Reader& reader, bool broken);

  /// Keeps new readers away while the log is emptied, for as long as it lives.
  class Pause {
   public:
    explicit Pause(Readers& readers) : readers_(readers) { readers_.paused_.store(true); }
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;
    ~Pause() {
      readers_.paused_.store(false);
      readers_.wake(true);
    }

   private:
    Readers& readers_;
  };

  /// While paused: closes all, BUSY when one is still in use at `deadline_ns`.
  Status close_idle(int64_t deadline_ns);
  /// Closes those that are kept for a load that has passed.
  void trim();
  /// Interrupts what still runs at `deadline_ns` and closes all; those that idle rows hold close with them.
  void close(int64_t deadline_ns);
  /// Adds the page cache's hits and misses of those that are free now.
  void count_cache(DatabaseStats* stats);
  int64_t open_count() const;
  int64_t busy_count() const;

 private:
  Reader* try_take();
  Reader* try_take_unpaused();
  Status prepare(Reader& reader);
  void wake(bool all);
  size_t limit() const;

  Core& core_;
  std::array<Reader, kMost> readers_;
  std::atomic<int> waiting_{0};
  std::atomic<bool> paused_{false};
  std::atomic<int64_t> crowded_at_ns_{0};  // when more than the kept ones were last needed
  std::mutex mutex_;                       // opening and closing of connections; waiting
  std::condition_variable freed_;
};

}  // namespace tessera::store
