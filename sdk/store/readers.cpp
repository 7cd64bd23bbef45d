#include "store/readers.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "store/connection_state.hpp"
#include "store/core.hpp"
#include "store/errors.hpp"

namespace tessera::store {
namespace {

constexpr int64_t kIdleLifeNs = 5'000'000'000;
constexpr std::chrono::milliseconds kWaitSlice{10};

/// Spreads threads over the readers, so that each finds its statements and pages where it was before.
size_t own_place() {
  static constinit std::atomic<size_t> threads{0};
  static constinit thread_local size_t place = SIZE_MAX;
  if (place == SIZE_MAX) place = threads.fetch_add(1, std::memory_order_relaxed);
  return place;
}

bool take(Reader& reader) {
  return !reader.busy.load(std::memory_order_relaxed) && !reader.busy.exchange(true);
}

}  // namespace

size_t Readers::limit() const {
  return static_cast<size_t>(std::clamp<int>(core_.config.max_readers, 1, static_cast<int>(kMost)));
}

Reader* Readers::try_take() {
  const size_t most = limit();
  const size_t kept = static_cast<size_t>(std::clamp<int>(core_.config.readers, 1, static_cast<int>(most)));
  const size_t first = own_place() % kept;
  for (size_t step = 0; step < kept; ++step) {
    Reader& reader = readers_[(first + step) % kept];
    if (take(reader)) return &reader;
  }
  crowded_at_ns_.store(steady_ns(), std::memory_order_relaxed);
  for (size_t place = kept; place < most; ++place)
    if (take(readers_[place])) return &readers_[place];
  return nullptr;
}

/// Whoever pauses sees the reader as busy, or this sees the pause.
Reader* Readers::try_take_unpaused() {
  if (paused_.load(std::memory_order_relaxed)) return nullptr;
  Reader* const reader = try_take();
  if (reader == nullptr || !paused_.load()) return reader;
  reader->busy.store(false);
  return nullptr;
}

Status Readers::prepare(Reader& reader) {
  if (!reader.is_open.load(std::memory_order_relaxed)) {
    TSR_ASSIGN_OR_RETURN(auto connection, core_.connect(Role::kReader));
    const std::lock_guard lock(mutex_);
    reader.connection = std::move(connection);
    reader.epoch = 0;
    reader.is_open.store(true, std::memory_order_relaxed);
  }
  return core_.refresh(*reader.connection, &reader.epoch);
}

Result<Reader*> Readers::acquire(int64_t deadline_ns, const Cancel* cancel) {
  Reader* reader = try_take_unpaused();
  if (reader == nullptr) {
    const int64_t busy_ns = core_.busy_deadline();
    waiting_.fetch_add(1);
    std::unique_lock lock(mutex_);
    for (;;) {
      reader = try_take_unpaused();
      const int64_t left_ns = std::min(busy_ns, deadline_ns) - steady_ns();
      const bool is_cancelled = cancel != nullptr && cancel->cancelled();
      if (reader != nullptr || core_.closed() || is_cancelled || left_ns <= 0) break;
      freed_.wait_for(lock,
                      std::min<std::chrono::nanoseconds>(kWaitSlice, std::chrono::nanoseconds(left_ns)));
    }
    waiting_.fetch_sub(1);
  }
  if (reader == nullptr) {
    TSR_RETURN_IF_ERROR(core_.usable());
    TSR_RETURN_IF_ERROR(check_limit(deadline_ns, cancel, "the query"));
    return store_error(ErrorCode::kBUSY, "READERS",
                       "all readers of the store are in use; read rows to their end or free them");
  }
  reader->stepping.store(true);
  const Status ready = core_.closed() ? core_.usable() : prepare(*reader);
  if (ready) return reader;
  release(*reader, true);
  return ready.error();
}

void Readers::release(Reader& reader, bool broken) {
  if (broken || core_.closed()) {
    const std::lock_guard lock(mutex_);
    reader.connection.reset();
    reader.is_open.store(false, std::memory_order_relaxed);
  }
  reader.stepping.store(false, std::memory_order_relaxed);
  reader.busy.store(false);
  if (waiting_.load() != 0) wake(false);
}

void Readers::wake(bool all) {
  const std::lock_guard lock(mutex_);
  if (all)
    freed_.notify_all();
  else
    freed_.notify_one();
}

void Readers::trim() {
  if (steady_ns() - crowded_at_ns_.load(std::memory_order_relaxed) < kIdleLifeNs) return;
  const auto kept = static_cast<size_t>(std::max(core_.config.readers, 1));
  for (size_t place = kept; place < kMost; ++place) {
    Reader& reader = readers_[place];
    if (reader.is_open.load(std::memory_order_relaxed) && take(reader)) release(reader, true);
  }
}

Status Readers::close_idle(int64_t deadline_ns) {
  for (;;) {
    bool is_used = false;
    for (Reader& reader : readers_) {
      if (take(reader))
        release(reader, true);
      else
        is_used = true;
    }
    if (!is_used) return {};
    if (steady_ns() >= deadline_ns)
      return store_error(ErrorCode::kBUSY, "READERS",
                         "the store is being read; read rows to their end or free them, then try again");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void Readers::close(int64_t deadline_ns) {
  // core_.closed() holds already: nobody takes a reader for long any more.
  for (;;) {
    bool is_stepping = false;
    for (Reader& reader : readers_) {
      if (take(reader)) {
        release(reader, false);
        continue;
      }
      is_stepping = is_stepping || reader.stepping.load();
    }
    if (!is_stepping) return;
    if (steady_ns() >= deadline_ns) {
      // Again and again: between two statements of a reader nothing is there to end.
      const std::lock_guard lock(mutex_);
      for (Reader& reader : readers_)
        if (reader.connection != nullptr) sqlite3_interrupt(reader.connection->get());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void Readers::count_cache(DatabaseStats* stats) {
  for (Reader& reader : readers_) {
    if (!reader.is_open.load(std::memory_order_relaxed) || !take(reader)) continue;
    if (reader.connection != nullptr) {
      int now = 0;
      int highest = 0;
      sqlite3* const database = reader.connection->get();
      sqlite3_db_status(database, SQLITE_DBSTATUS_CACHE_HIT, &now, &highest, 0);
      stats->cache_hits += now;
      sqlite3_db_status(database, SQLITE_DBSTATUS_CACHE_MISS, &now, &highest, 0);
      stats->cache_misses += now;
    }
    release(reader, false);
  }
}

int64_t Readers::open_count() const {
  return std::count_if(readers_.begin(), readers_.end(),
                       [](const Reader& one) { return one.is_open.load(); });
}

int64_t Readers::busy_count() const {
  return std::count_if(readers_.begin(), readers_.end(), [](const Reader& one) { return one.busy.load(); });
}

}  // namespace tessera::store
