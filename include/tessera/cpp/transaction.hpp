/// @file tessera/cpp/transaction.hpp  Write transactions of the store.
#ifndef TESSERA_CPP_TRANSACTION_HPP
#define TESSERA_CPP_TRANSACTION_HPP

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "tessera/cpp/outbox.hpp"
#include "tessera/cpp/rows.hpp"
#include "tessera/cpp/sql.hpp"

namespace tessera::inline v1 {

/// A write transaction, or a savepoint inside one. Move-only; the destructor rolls back what was not
/// committed.
/// @threads one-at-a-time, the thread that began it unless TransactionOptions say otherwise  @since 1.1
class Transaction {
 public:
  using Owner = detail::Handle<tsr_tx, &tsr_tx_free>;

  /// For the facade's own use.
  explicit Transaction(Owner owner) noexcept : owner_(std::move(owner)) {}

  /// A transaction inside this one, which refuses calls while the inner one lives.
  /// @errors as execute()  @threads one-at-a-time  @blocks disk  @since 1.1
  Transaction nest() { return try_nest().value(); }
  Expected<Transaction> try_nest() noexcept {
    return detail::obtain_as<Transaction, Owner>(
        [&](auto** out, tsr_error** error) { return tsr_tx_nest(owner_.get(), out, error); });
  }

  /// Runs `work` in a transaction inside this one: commits when it returns, rolls back when it throws.
  /// @errors as execute(), and what `work` throws  @threads one-at-a-time  @blocks disk  @since 1.1
  template <std::invocable<Transaction&> Work>
  void transaction(Work&& work) {
    Transaction inner = nest();
    std::forward<Work>(work)(inner);
    inner.commit();
  }

  /// As Store::execute(), inside the transaction.
  /// @errors ErrorCode::kArg (the SQL or a parameter), kState (closed, a constraint, TENANT_REQUIRED), kBusy,
  /// kTimeout, kCorrupt, kDiskFull, kIo, kForked
  /// @threads one-at-a-time  @blocks disk  @since 1.1
  template <SqlArgument... Arguments>
  Changes execute(std::string_view sql, const Arguments&... arguments) {
    return execute(SqlOptions{}, sql, arguments...);
  }
  template <SqlArgument... Arguments>
  Changes execute(const SqlOptions& options, std::string_view sql, const Arguments&... arguments) {
    return try_execute(options, sql, arguments...).value();
  }
  template <SqlArgument... Arguments>
  Expected<Changes> try_execute(std::string_view sql, const Arguments&... arguments) noexcept {
    return try_execute(SqlOptions{}, sql, arguments...);
  }
  template <SqlArgument... Arguments>
  Expected<Changes> try_execute(const SqlOptions& options, std::string_view sql,
                                const Arguments&... arguments) noexcept {
    const detail::Arguments<Arguments...> given(options, arguments...);
    Changes changes;
    auto done = detail::run([&](tsr_error** error) {
      return tsr_tx_execute(owner_.get(), detail::borrow(sql), given.values(), given.size(), given.options(),
                            &changes.count, &changes.row_id, error);
    });
    if (!done) return done.error();
    return changes;
  }

  /// execute() in the background, with copies of the arguments; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads one-at-a-time  @since 1.1
  template <SqlArgument... Arguments>
  Operation execute_async(Completion<Changes> done, std::string_view sql, const Arguments&... arguments) {
    return try_execute_async(std::move(done), SqlOptions{}, sql, arguments...).value();
  }
  template <SqlArgument... Arguments>
  Expected<Operation> try_execute_async(Completion<Changes> done, const SqlOptions& options,
                                        std::string_view sql, const Arguments&... arguments) noexcept {
    const detail::Arguments<Arguments...> given(options, arguments...);
    return detail::start_op<Changes, &detail::take_changes>(std::move(done), [&](auto... op) {
      return tsr_tx_execute_async(owner_.get(), detail::borrow(sql), given.values(), given.size(),
                                  given.options(), op...);
    });
  }

  /// Runs one statement once for each `width` values, all in one transaction.
  /// @errors as execute()  @threads one-at-a-time  @blocks disk  @since 1.1
  Changes execute_many(std::string_view sql, std::span<const Value> values, std::size_t width) {
    return try_execute_many(sql, values, width).value();
  }
  Expected<Changes> try_execute_many(std::string_view sql, std::span<const Value> values,
                                     std::size_t width) noexcept {
    Changes changes;
    auto done = detail::run([&](tsr_error** error) {
      return tsr_tx_execute_many(owner_.get(), detail::borrow(sql), detail::to_c(values), width,
                                 detail::rounds(values, width), &changes.count, error);
    });
    if (!done) return done.error();
    return changes;
  }

  /// execute_many() in the background, with copies; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads one-at-a-time  @since 1.1
  Operation execute_many_async(std::string_view sql, std::span<const Value> values, std::size_t width,
                               Completion<Changes> done) {
    return try_execute_many_async(sql, values, width, std::move(done)).value();
  }
  Expected<Operation> try_execute_many_async(std::string_view sql, std::span<const Value> values,
                                             std::size_t width, Completion<Changes> done) noexcept {
    return detail::start_op<Changes, &detail::take_changes>(std::move(done), [&](auto... op) {
      return tsr_tx_execute_many_async(owner_.get(), detail::borrow(sql), detail::to_c(values), width,
                                       detail::rounds(values, width), op...);
    });
  }

  /// As Store::query(), inside the transaction, whose end ends the rows.
  /// @errors ErrorCode::kArg (the SQL or a parameter), kState (closed, a constraint, TENANT_REQUIRED), kBusy,
  /// kTimeout, kCorrupt, kDiskFull, kIo, kForked
  /// @threads one-at-a-time  @blocks disk  @since 1.1
  template <SqlArgument... Arguments>
  Rows query(std::string_view sql, const Arguments&... arguments) {
    return query(SqlOptions{}, sql, arguments...);
  }
  template <SqlArgument... Arguments>
  Rows query(const SqlOptions& options, std::string_view sql, const Arguments&... arguments) {
    return try_query(options, sql, arguments...).value();
  }
  template <SqlArgument... Arguments>
  Expected<Rows> try_query(std::string_view sql, const Arguments&... arguments) noexcept {
    return try_query(SqlOptions{}, sql, arguments...);
  }
  template <SqlArgument... Arguments>
  Expected<Rows> try_query(const SqlOptions& options, std::string_view sql,
                           const Arguments&... arguments) noexcept {
    const detail::Arguments<Arguments...> given(options, arguments...);
    return detail::obtain_as<Rows, Rows::Owner>([&](auto** out, tsr_error** error) {
      return tsr_tx_query(owner_.get(), detail::borrow(sql), given.values(), given.size(), given.options(),
                          out, error);
    });
  }

  /// query() in the background, with copies of the arguments; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads one-at-a-time  @since 1.1
  template <SqlArgument... Arguments>
  Operation query_async(Completion<Rows> done, std::string_view sql, const Arguments&... arguments) {
    return try_query_async(std::move(done), SqlOptions{}, sql, arguments...).value();
  }
  template <SqlArgument... Arguments>
  Expected<Operation> try_query_async(Completion<Rows> done, const SqlOptions& options, std::string_view sql,
                                      const Arguments&... arguments) noexcept {
    const detail::Arguments<Arguments...> given(options, arguments...);
    return detail::start_op<Rows, &detail::take_as<Rows, &tsr_op_rows>>(std::move(done), [&](auto... op) {
      return tsr_tx_query_async(owner_.get(), detail::borrow(sql), given.values(), given.size(),
                                given.options(), op...);
    });
  }

  /// As Store::query_all(), inside the transaction.
  /// @errors ErrorCode::kArg (the SQL or a parameter), kState (closed, a constraint, TENANT_REQUIRED), kBusy,
  /// kTimeout, kCorrupt, kDiskFull, kIo, kForked
  /// @threads one-at-a-time  @blocks disk  @since 1.1
  template <SqlArgument... Arguments>
  RowSet query_all(std::string_view sql, const Arguments&... arguments) {
    return query_all(SqlOptions{}, sql, arguments...);
  }
  template <SqlArgument... Arguments>
  RowSet query_all(const SqlOptions& options, std::string_view sql, const Arguments&... arguments) {
    return try_query_all(options, sql, arguments...).value();
  }
  template <SqlArgument... Arguments>
  Expected<RowSet> try_query_all(std::string_view sql, const Arguments&... arguments) noexcept {
    return try_query_all(SqlOptions{}, sql, arguments...);
  }
  template <SqlArgument... Arguments>
  Expected<RowSet> try_query_all(const SqlOptions& options, std::string_view sql,
                                 const Arguments&... arguments) noexcept {
    const detail::Arguments<Arguments...> given(options, arguments...);
    return detail::obtain_as<RowSet, RowSet::Owner>([&](auto** out, tsr_error** error) {
      return tsr_tx_query_all(owner_.get(), detail::borrow(sql), given.values(), given.size(),
                              given.options(), out, error);
    });
  }

  /// query_all() in the background, with copies of the arguments; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads one-at-a-time  @since 1.1
  template <SqlArgument... Arguments>
  Operation query_all_async(Completion<RowSet> done, std::string_view sql, const Arguments&... arguments) {
    return try_query_all_async(std::move(done), SqlOptions{}, sql, arguments...).value();
  }
  template <SqlArgument... Arguments>
  Expected<Operation> try_query_all_async(Completion<RowSet> done, const SqlOptions& options,
                                          std::string_view sql, const Arguments&... arguments) noexcept {
    const detail::Arguments<Arguments...> given(options, arguments...);
    return detail::start_op<RowSet, &detail::take_as<RowSet, &tsr_op_rowset>>(
        std::move(done), [&](auto... op) {
          return tsr_tx_query_all_async(owner_.get(), detail::borrow(sql), given.values(), given.size(),
                                        given.options(), op...);
        });
  }

  /// As Store::put(), inside the transaction.
  /// @errors as execute()  @threads one-at-a-time  @blocks disk  @since 1.1
  void put(std::string_view key, const Value& value) { try_put(key, value).value(); }
  Expected<void> try_put(std::string_view key, const Value& value) noexcept {
    return detail::run(
        [&](tsr_error** error) { return tsr_tx_put(owner_.get(), detail::borrow(key), value.c(), error); });
  }

  /// put() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads one-at-a-time  @since 1.1
  Operation put_async(std::string_view key, const Value& value, Completion<void> done) {
    return try_put_async(key, value, std::move(done)).value();
  }
  Expected<Operation> try_put_async(std::string_view key, const Value& value,
                                    Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_tx_put_async(owner_.get(), detail::borrow(key), value.c(), op...);
    });
  }

  /// As Store::remove(), inside the transaction.
  /// @errors as execute(), kNotFound  @threads one-at-a-time  @blocks disk  @since 1.1
  void remove(std::string_view key) { try_remove(key).value(); }
  Expected<void> try_remove(std::string_view key) noexcept {
    return detail::run(
        [&](tsr_error** error) { return tsr_tx_remove(owner_.get(), detail::borrow(key), error); });
  }

  /// remove() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads one-at-a-time  @since 1.1
  Operation remove_async(std::string_view key, Completion<void> done) {
    return try_remove_async(key, std::move(done)).value();
  }
  Expected<Operation> try_remove_async(std::string_view key, Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_tx_remove_async(owner_.get(), detail::borrow(key), op...);
    });
  }

  /// As Outbox::enqueue(), inside the transaction.
  /// @errors as execute(), kLimit  @threads one-at-a-time  @blocks disk  @since 1.1
  std::string enqueue(const OutboxItem& item) { return try_enqueue(item).value(); }
  Expected<std::string> try_enqueue(const OutboxItem& item) noexcept {
    const tsr_outbox_item given = item.to_c();
    return detail::obtain_text(
        [&](tsr_buf* out, tsr_error** error) { return tsr_tx_enqueue(owner_.get(), &given, out, error); });
  }

  /// enqueue() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads one-at-a-time  @since 1.1
  Operation enqueue_async(const OutboxItem& item, Completion<std::string> done) {
    return try_enqueue_async(item, std::move(done)).value();
  }
  Expected<Operation> try_enqueue_async(const OutboxItem& item, Completion<std::string> done) noexcept {
    const tsr_outbox_item given = item.to_c();
    return detail::start_op<std::string, &detail::take_text>(
        std::move(done), [&](auto... op) { return tsr_tx_enqueue_async(owner_.get(), &given, op...); });
  }

  /// Commits; the transaction ends, also when this fails.
  /// @errors as execute()  @threads one-at-a-time  @blocks disk  @since 1.1
  void commit() { try_commit().value(); }
  Expected<void> try_commit() noexcept {
    return detail::run([&](tsr_error** error) { return tsr_tx_commit(owner_.get(), error); });
  }

  /// commit() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads one-at-a-time  @since 1.1
  Operation commit_async(Completion<void> done) { return try_commit_async(std::move(done)).value(); }
  Expected<Operation> try_commit_async(Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(
        std::move(done), [&](auto... op) { return tsr_tx_commit_async(owner_.get(), op...); });
  }

  /// Undoes everything; the transaction ends. Again is fine.
  /// @errors ErrorCode::kState, kIo, kForked  @threads one-at-a-time  @blocks disk  @since 1.1
  void rollback() { try_rollback().value(); }
  Expected<void> try_rollback() noexcept {
    return detail::run([&](tsr_error** error) { return tsr_tx_rollback(owner_.get(), error); });
  }

  /// rollback() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads one-at-a-time  @since 1.1
  Operation rollback_async(Completion<void> done) { return try_rollback_async(std::move(done)).value(); }
  Expected<Operation> try_rollback_async(Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(
        std::move(done), [&](auto... op) { return tsr_tx_rollback_async(owner_.get(), op...); });
  }

 private:
  Owner owner_;
};

/// Options of Store::begin() and Store::transaction().  @since 1.1
struct TransactionOptions {
  Commit commit = Commit::kDefault;
  std::chrono::milliseconds timeout{};  ///< How long to wait for the writer; 0: as the store is configured.
  bool any_thread = false;              ///< Calls may come from several threads, one at a time.

  tsr_tx_opts to_c() const noexcept {
    tsr_tx_opts opts;
    tsr_tx_opts_init(&opts, sizeof opts);
    opts.flags = any_thread ? std::uint32_t{TSR_TX_ANY_THREAD} : 0;
    opts.commit = static_cast<std::int32_t>(commit);
    opts.timeout_ms = timeout.count();
    return opts;
  }
};

}  // namespace tessera::inline v1

#endif
