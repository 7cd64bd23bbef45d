/// @file tessera/cpp/outbox.hpp  Requests that survive, in a durable queue inside the store.
#ifndef TESSERA_CPP_OUTBOX_HPP
#define TESSERA_CPP_OUTBOX_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tessera/cpp/sql.hpp"
#include "tessera/cpp/time.hpp"
#include "tessera/outbox.h"

namespace tessera::inline v1 {

/// Where an item stands.  @since 1.1
enum class OutboxState : std::int32_t {
  kPending = TSR_OUTBOX_PENDING,
  kLeased = TSR_OUTBOX_LEASED,
  kAmbiguous = TSR_OUTBOX_AMBIGUOUS,
  kDead = TSR_OUTBOX_DEAD,
};

/// A request to keep. Borrows everything for the call.  @since 1.1
struct OutboxItem {
  std::string_view topic{};  ///< Required: the application's name for the kind of work.
  std::string_view url{};    ///< Required, without a user's name or password.
  std::string_view method = "POST";
  std::string_view body{};
  std::string_view headers_json{};     ///< {"name": "value"} without credentials.
  std::string_view ordering_key{};     ///< Items of one key go one after another, whatever their topics.
  std::string_view idempotency_key{};  ///< Empty: a new UUID.
  std::int32_t priority = 0;           ///< Higher goes first, and is dropped last.
  std::optional<TimePoint> not_before{};

  tsr_outbox_item to_c() const noexcept {
    tsr_outbox_item item;
    tsr_outbox_item_init(&item, sizeof item);
    item.priority = priority;
    item.topic = detail::borrow(topic);
    item.method = detail::borrow(method);
    item.url = detail::borrow(url);
    item.headers_json = detail::borrow_if_any(headers_json);
    item.ordering_key = detail::borrow_if_any(ordering_key);
    item.idempotency_key = detail::borrow_if_any(idempotency_key);
    item.body = body.data();
    item.body_len = body.size();
    if (not_before) item.not_before_ms = not_before->time_since_epoch().count();
    return item;
  }
};

/// Why an item was not delivered.  @since 1.1
struct Failure {
  std::string_view reason{};
  bool permanent = false;                   ///< It would fail again.
  std::chrono::milliseconds retry_after{};  ///< When the receiver said when.
};

/// The store's outbox; see outbox.h. A view: it must not outlive its Store.
///
/// @code
/// for (const tessera::Row row : store.outbox().lease("sales", 10)) deliver(row);
/// @endcode
/// @threads any  @since 1.1
class Outbox {
 public:
  /// For the facade's own use.
  explicit Outbox(tsr_store* store) noexcept : store_(store) {}

  /// Keeps a request; it survives a power cut once this returns. Gives its id.
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked, kLimit  @threads any  @blocks disk  @since 1.1
  std::string enqueue(const OutboxItem& item) { return try_enqueue(item).value(); }
  Expected<std::string> try_enqueue(const OutboxItem& item) noexcept {
    const tsr_outbox_item given = item.to_c();
    return detail::obtain_text(
        [&](tsr_buf* out, tsr_error** error) { return tsr_outbox_enqueue(store_, &given, out, error); });
  }

  /// enqueue() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation enqueue_async(const OutboxItem& item, Completion<std::string> done) {
    return try_enqueue_async(item, std::move(done)).value();
  }
  Expected<Operation> try_enqueue_async(const OutboxItem& item, Completion<std::string> done) noexcept {
    const tsr_outbox_item given = item.to_c();
    return detail::start_op<std::string, &detail::take_text>(
        std::move(done), [&](auto... op) { return tsr_outbox_enqueue_async(store_, &given, op...); });
  }

  /// Takes items that are due; empty `topic`: every topic. Rows as outbox.h says.
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked  @threads any  @blocks disk  @since 1.1
  RowSet lease(std::string_view topic, std::size_t max_items) { return try_lease(topic, max_items).value(); }
  Expected<RowSet> try_lease(std::string_view topic, std::size_t max_items) noexcept {
    return detail::obtain_as<RowSet, RowSet::Owner>([&](auto** out, tsr_error** error) {
      return tsr_outbox_lease(store_, detail::borrow_if_any(topic), max_items, out, error);
    });
  }

  /// lease() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation lease_async(std::string_view topic, std::size_t max_items, Completion<RowSet> done) {
    return try_lease_async(topic, max_items, std::move(done)).value();
  }
  Expected<Operation> try_lease_async(std::string_view topic, std::size_t max_items,
                                      Completion<RowSet> done) noexcept {
    return detail::start_op<RowSet, &detail::take_as<RowSet, &tsr_op_rowset>>(
        std::move(done), [&](auto... op) {
          return tsr_outbox_lease_async(store_, detail::borrow_if_any(topic), max_items, op...);
        });
  }

  /// The item was delivered; it goes.
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked, kNotFound  @threads any  @blocks disk
  /// @since 1.1
  void complete(std::string_view id, std::int64_t attempt) { try_complete(id, attempt).value(); }
  Expected<void> try_complete(std::string_view id, std::int64_t attempt) noexcept {
    return detail::run(
        [&](tsr_error** error) { return tsr_outbox_complete(store_, detail::borrow(id), attempt, error); });
  }

  /// complete() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation complete_async(std::string_view id, std::int64_t attempt, Completion<void> done) {
    return try_complete_async(id, attempt, std::move(done)).value();
  }
  Expected<Operation> try_complete_async(std::string_view id, std::int64_t attempt,
                                         Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_outbox_complete_async(store_, detail::borrow(id), attempt, op...);
    });
  }

  /// The item was not delivered; it is tried again later, or goes to the dead letters.
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked, kNotFound  @threads any  @blocks disk
  /// @since 1.1
  void fail(std::string_view id, std::int64_t attempt, const Failure& failure) {
    try_fail(id, attempt, failure).value();
  }
  Expected<void> try_fail(std::string_view id, std::int64_t attempt, const Failure& failure) noexcept {
    return detail::run([&](tsr_error** error) {
      return tsr_outbox_fail(store_, detail::borrow(id), attempt, detail::borrow(failure.reason),
                             failure.permanent ? std::uint32_t{TSR_OUTBOX_PERMANENT} : 0,
                             failure.retry_after.count(), error);
    });
  }

  /// fail() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation fail_async(std::string_view id, std::int64_t attempt, const Failure& failure,
                       Completion<void> done) {
    return try_fail_async(id, attempt, failure, std::move(done)).value();
  }
  Expected<Operation> try_fail_async(std::string_view id, std::int64_t attempt, const Failure& failure,
                                     Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_outbox_fail_async(store_, detail::borrow(id), attempt, detail::borrow(failure.reason),
                                   failure.permanent ? std::uint32_t{TSR_OUTBOX_PERMANENT} : 0,
                                   failure.retry_after.count(), op...);
    });
  }

  /// Keeps a lease longer.
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked, kNotFound  @threads any  @blocks disk
  /// @since 1.1
  void extend(std::string_view id, std::int64_t attempt, std::chrono::milliseconds lease) {
    try_extend(id, attempt, lease).value();
  }
  Expected<void> try_extend(std::string_view id, std::int64_t attempt,
                            std::chrono::milliseconds lease) noexcept {
    return detail::run([&](tsr_error** error) {
      return tsr_outbox_extend(store_, detail::borrow(id), attempt, lease.count(), error);
    });
  }

  /// extend() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation extend_async(std::string_view id, std::int64_t attempt, std::chrono::milliseconds lease,
                         Completion<void> done) {
    return try_extend_async(id, attempt, lease, std::move(done)).value();
  }
  Expected<Operation> try_extend_async(std::string_view id, std::int64_t attempt,
                                       std::chrono::milliseconds lease, Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_outbox_extend_async(store_, detail::borrow(id), attempt, lease.count(), op...);
    });
  }

  /// Makes a dead or ambiguous item due again.
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked, kNotFound  @threads any  @blocks disk
  /// @since 1.1
  void retry(std::string_view id) { try_retry(id).value(); }
  Expected<void> try_retry(std::string_view id) noexcept {
    return detail::run(
        [&](tsr_error** error) { return tsr_outbox_retry(store_, detail::borrow(id), error); });
  }

  /// retry() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation retry_async(std::string_view id, Completion<void> done) {
    return try_retry_async(id, std::move(done)).value();
  }
  Expected<Operation> try_retry_async(std::string_view id, Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_outbox_retry_async(store_, detail::borrow(id), op...);
    });
  }

  /// Removes an item in any state.
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked, kNotFound  @threads any  @blocks disk
  /// @since 1.1
  void remove(std::string_view id) { try_remove(id).value(); }
  Expected<void> try_remove(std::string_view id) noexcept {
    return detail::run(
        [&](tsr_error** error) { return tsr_outbox_remove(store_, detail::borrow(id), error); });
  }

  /// remove() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation remove_async(std::string_view id, Completion<void> done) {
    return try_remove_async(id, std::move(done)).value();
  }
  Expected<Operation> try_remove_async(std::string_view id, Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_outbox_remove_async(store_, detail::borrow(id), op...);
    });
  }

  /// Consent was revoked: removes every item of a topic and says how many.
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked  @threads any  @blocks disk  @since 1.1
  std::int64_t revoke(std::string_view topic) { return try_revoke(topic).value(); }
  Expected<std::int64_t> try_revoke(std::string_view topic) noexcept {
    std::int64_t count = 0;
    auto done = detail::run(
        [&](tsr_error** error) { return tsr_outbox_revoke(store_, detail::borrow(topic), &count, error); });
    if (!done) return done.error();
    return count;
  }

  /// revoke() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation revoke_async(std::string_view topic, Completion<std::int64_t> done) {
    return try_revoke_async(topic, std::move(done)).value();
  }
  Expected<Operation> try_revoke_async(std::string_view topic, Completion<std::int64_t> done) noexcept {
    return detail::start_op<std::int64_t, &detail::take_count>(std::move(done), [&](auto... op) {
      return tsr_outbox_revoke_async(store_, detail::borrow(topic), op...);
    });
  }

  /// Items in one state, or in all, oldest first.
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked  @threads any  @blocks disk  @since 1.1
  RowSet list(std::optional<OutboxState> state, std::size_t max_items) const {
    return try_list(state, max_items).value();
  }
  Expected<RowSet> try_list(std::optional<OutboxState> state, std::size_t max_items) const noexcept {
    return detail::obtain_as<RowSet, RowSet::Owner>([&](auto** out, tsr_error** error) {
      return tsr_outbox_list(store_, state ? static_cast<std::int32_t>(*state) : -1, max_items, out, error);
    });
  }

  /// list() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation list_async(std::optional<OutboxState> state, std::size_t max_items,
                       Completion<RowSet> done) const {
    return try_list_async(state, max_items, std::move(done)).value();
  }
  Expected<Operation> try_list_async(std::optional<OutboxState> state, std::size_t max_items,
                                     Completion<RowSet> done) const noexcept {
    return detail::start_op<RowSet, &detail::take_as<RowSet, &tsr_op_rowset>>(
        std::move(done), [&](auto... op) {
          return tsr_outbox_list_async(store_, state ? static_cast<std::int32_t>(*state) : -1, max_items,
                                       op...);
        });
  }

  /// One row of depth and counters; see outbox.h.
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked  @threads any  @blocks disk  @since 1.1
  RowSet counts() const { return try_counts().value(); }
  Expected<RowSet> try_counts() const noexcept {
    return detail::obtain_as<RowSet, RowSet::Owner>(
        [&](auto** out, tsr_error** error) { return tsr_outbox_counts(store_, out, error); });
  }

  /// counts() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation counts_async(Completion<RowSet> done) const { return try_counts_async(std::move(done)).value(); }
  Expected<Operation> try_counts_async(Completion<RowSet> done) const noexcept {
    return detail::start_op<RowSet, &detail::take_as<RowSet, &tsr_op_rowset>>(
        std::move(done), [&](auto... op) { return tsr_outbox_counts_async(store_, op...); });
  }

 private:
  tsr_store* store_;
};

}  // namespace tessera::inline v1

#endif
