/// @file tessera/cpp/store.hpp  The encrypted store: SQL, transactions, settings, keys and care.
#ifndef TESSERA_CPP_STORE_HPP
#define TESSERA_CPP_STORE_HPP

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/cpp/cache.hpp"
#include "tessera/cpp/log.hpp"
#include "tessera/cpp/outbox.hpp"
#include "tessera/cpp/progress.hpp"
#include "tessera/cpp/sealed.hpp"
#include "tessera/cpp/store_config.hpp"
#include "tessera/cpp/transaction.hpp"
#include "tessera/store_care.h"

namespace tessera::inline v1 {

/// One step of a schema.  @since 1.1
struct Migration {
  std::string_view name;  ///< Unique.
  std::string_view sql;   ///< One or more statements without parameters.
};

/// What another database is.  @since 1.1
enum class ImportKind : std::int32_t {
  kTessera = TSR_IMPORT_TESSERA,      ///< A store or a backup of one, with its slots beside it.
  kPlain = TSR_IMPORT_PLAIN,          ///< Plain SQLite.
  kSqlcipher = TSR_IMPORT_SQLCIPHER,  ///< SQLCipher 1 to 4, by `passphrase`, or by `app_key` as the raw key.
};

/// A setting that was read.  @threads any  @since 1.1
class Setting {
 public:
  /// For the facade's own use.
  explicit Setting(RowSet rows) noexcept : rows_(std::move(rows)) {}

  ValueType type() const { return rows_[0][0].type(); }
  /// As Value::get().
  template <typename T>
  T get() const {
    return rows_[0].template get<T>(0);
  }

 private:
  RowSet rows_;
};

/// Hears of a key that was put or removed, after the commit, on a thread of the library. An exception that it
/// throws ends the registration.  @since 1.1
using Changed = std::function<void(std::string_view key)>;

namespace detail {

inline tsr_status forward_change(void* user, tsr_str key) noexcept {
  try {
    (*static_cast<const Changed*>(user))({key.data, key.len});
    return TSR_OK;
  } catch (...) {
    return TSR_E_CALLBACK;
  }
}

inline void free_changed(void* user) noexcept { delete static_cast<Changed*>(user); }

inline std::vector<tsr_migration> to_c(std::span<const Migration> steps) {
  std::vector<tsr_migration> given;
  for (const Migration& step : steps) given.push_back({borrow(step.name), borrow(step.sql)});
  return given;
}

}  // namespace detail

/// The encrypted store of one user. Move-only; what was acknowledged stays also without close().
///
/// @code
/// tessera::Store store = tessera::Store::open({.path = "~/.local/share/player/app.tdb"});
/// store.transaction([&](tessera::Transaction& tx) {
///   tx.execute("insert into people(name, age) values (?, ?)", "ana", 31);
/// });
/// @endcode
/// @threads any  @since 1.1
class Store {
 public:
  using Owner = detail::Handle<tsr_store, &tsr_store_free>;

  /// For the facade's own use.
  explicit Store(Owner owner) noexcept : owner_(std::move(owner)) {}

  /// Opens a store, and makes it when it is not there.
  /// @errors ErrorCode::kArg, kCrypto (WRONG_KEY, HARDWARE_CHANGED, ...), kCorrupt (DAMAGED, ROLLED_BACK,
  /// ...), kNotFound, kUnsupported, kBusy (STORE_LOCKED), kIo, kPermission; the reason is in Error::detail()
  /// @threads any  @blocks disk  @since 1.1
  static Store open(const StoreConfig& config, const Secrets& secrets = {}) {
    return try_open(config, secrets).value();
  }
  static Expected<Store> try_open(const StoreConfig& config, const Secrets& secrets = {}) noexcept {
    const std::string json = config.to_json();
    const tsr_store_secrets given = secrets.to_c();
    return detail::obtain_as<Store, Store::Owner>([&](auto** out, tsr_error** error) {
      return tsr_store_open(detail::borrow(json), &given, out, error);
    });
  }

  /// open() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  static Operation open_async(const StoreConfig& config, const Secrets& secrets, Completion<Store> done) {
    return try_open_async(config, secrets, std::move(done)).value();
  }
  static Expected<Operation> try_open_async(const StoreConfig& config, const Secrets& secrets,
                                            Completion<Store> done) noexcept {
    const std::string json = config.to_json();
    const tsr_store_secrets given = secrets.to_c();
    return detail::start_op<Store, &detail::take_as<Store, &tsr_op_store>>(std::move(done), [&](auto... op) {
      return tsr_store_open_async(detail::borrow(json), &given, op...);
    });
  }

  /// The same store seen by one tenant.
  /// @errors ErrorCode::kArg, kState, kForked  @threads any  @since 1.1
  Store for_tenant(std::string_view tenant) const { return try_for_tenant(tenant).value(); }
  Expected<Store> try_for_tenant(std::string_view tenant) const noexcept {
    return detail::obtain_as<Store, Owner>([&](auto** out, tsr_error** error) {
      return tsr_store_with_tenant(owner_.get(), detail::borrow(tenant), out, error);
    });
  }

  /// Declares for good that `column` of `table` says whose row it is: SQL that touches it needs for_tenant().
  /// @errors ErrorCode::kArg, kNotFound, kState, kIo, kForked  @threads any  @blocks disk  @since 1.1
  void declare_tenant(std::string_view table, std::string_view column) {
    try_declare_tenant(table, column).value();
  }
  Expected<void> try_declare_tenant(std::string_view table, std::string_view column) noexcept {
    return detail::run([&](tsr_error** error) {
      return tsr_store_declare_tenant(owner_.get(), detail::borrow(table), detail::borrow(column), error);
    });
  }

  /// declare_tenant() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation declare_tenant_async(std::string_view table, std::string_view column, Completion<void> done) {
    return try_declare_tenant_async(table, column, std::move(done)).value();
  }
  Expected<Operation> try_declare_tenant_async(std::string_view table, std::string_view column,
                                               Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_store_declare_tenant_async(owner_.get(), detail::borrow(table), detail::borrow(column),
                                            op...);
    });
  }

  /// Runs one statement; one that writes is committed before the return.
  /// @errors ErrorCode::kArg (the SQL or a parameter), kState (closed, a constraint, TENANT_REQUIRED), kBusy,
  /// kTimeout, kCorrupt, kDiskFull, kIo, kForked
  /// @threads any  @blocks disk  @since 1.1
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
      return tsr_store_execute(owner_.get(), detail::borrow(sql), given.values(), given.size(),
                               given.options(), &changes.count, &changes.row_id, error);
    });
    if (!done) return done.error();
    return changes;
  }

  /// execute() in the background, with copies of the arguments; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  template <SqlArgument... Arguments>
  Operation execute_async(Completion<Changes> done, std::string_view sql, const Arguments&... arguments) {
    return try_execute_async(std::move(done), SqlOptions{}, sql, arguments...).value();
  }
  template <SqlArgument... Arguments>
  Expected<Operation> try_execute_async(Completion<Changes> done, const SqlOptions& options,
                                        std::string_view sql, const Arguments&... arguments) noexcept {
    const detail::Arguments<Arguments...> given(options, arguments...);
    return detail::start_op<Changes, &detail::take_changes>(std::move(done), [&](auto... op) {
      return tsr_store_execute_async(owner_.get(), detail::borrow(sql), given.values(), given.size(),
                                     given.options(), op...);
    });
  }

  /// Runs one statement once for each `width` values, all in one transaction.
  /// @errors as execute()  @threads any  @blocks disk  @since 1.1
  Changes execute_many(std::string_view sql, std::span<const Value> values, std::size_t width,
                       const SqlOptions& options = {}) {
    return try_execute_many(sql, values, width, options).value();
  }
  Expected<Changes> try_execute_many(std::string_view sql, std::span<const Value> values, std::size_t width,
                                     const SqlOptions& options = {}) noexcept {
    const tsr_sql_opts opts = options.to_c();
    Changes changes;
    auto done = detail::run([&](tsr_error** error) {
      return tsr_store_execute_many(owner_.get(), detail::borrow(sql), detail::to_c(values), width,
                                    detail::rounds(values, width), &opts, &changes.count, error);
    });
    if (!done) return done.error();
    return changes;
  }

  /// execute_many() in the background, with copies; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation execute_many_async(std::string_view sql, std::span<const Value> values, std::size_t width,
                               Completion<Changes> done, const SqlOptions& options = {}) {
    return try_execute_many_async(sql, values, width, std::move(done), options).value();
  }
  Expected<Operation> try_execute_many_async(std::string_view sql, std::span<const Value> values,
                                             std::size_t width, Completion<Changes> done,
                                             const SqlOptions& options = {}) noexcept {
    const tsr_sql_opts opts = options.to_c();
    return detail::start_op<Changes, &detail::take_changes>(std::move(done), [&](auto... op) {
      return tsr_store_execute_many_async(owner_.get(), detail::borrow(sql), detail::to_c(values), width,
                                          detail::rounds(values, width), &opts, op...);
    });
  }

  /// Runs several statements without arguments in one transaction.
  /// @errors as execute()  @threads any  @blocks disk  @since 1.1
  void execute_script(std::string_view sql, const SqlOptions& options = {}) {
    try_execute_script(sql, options).value();
  }
  Expected<void> try_execute_script(std::string_view sql, const SqlOptions& options = {}) noexcept {
    const tsr_sql_opts opts = options.to_c();
    return detail::run([&](tsr_error** error) {
      return tsr_store_execute_script(owner_.get(), detail::borrow(sql), &opts, error);
    });
  }

  /// execute_script() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation execute_script_async(std::string_view sql, const SqlOptions& options, Completion<void> done) {
    return try_execute_script_async(sql, options, std::move(done)).value();
  }
  Expected<Operation> try_execute_script_async(std::string_view sql, const SqlOptions& options,
                                               Completion<void> done) noexcept {
    const tsr_sql_opts opts = options.to_c();
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_store_execute_script_async(owner_.get(), detail::borrow(sql), &opts, op...);
    });
  }

  /// Reads one statement's rows as they come. They see every write acknowledged before.
  /// @errors ErrorCode::kArg (the SQL or a parameter), kState (closed, a constraint, TENANT_REQUIRED), kBusy,
  /// kTimeout, kCorrupt, kDiskFull, kIo, kForked
  /// @threads any  @blocks disk  @since 1.1
  template <SqlArgument... Arguments>
  Rows query(std::string_view sql, const Arguments&... arguments) const {
    return query(SqlOptions{}, sql, arguments...);
  }
  template <SqlArgument... Arguments>
  Rows query(const SqlOptions& options, std::string_view sql, const Arguments&... arguments) const {
    return try_query(options, sql, arguments...).value();
  }
  template <SqlArgument... Arguments>
  Expected<Rows> try_query(std::string_view sql, const Arguments&... arguments) const noexcept {
    return try_query(SqlOptions{}, sql, arguments...);
  }
  template <SqlArgument... Arguments>
  Expected<Rows> try_query(const SqlOptions& options, std::string_view sql,
                           const Arguments&... arguments) const noexcept {
    const detail::Arguments<Arguments...> given(options, arguments...);
    return detail::obtain_as<Rows, Rows::Owner>([&](auto** out, tsr_error** error) {
      return tsr_store_query(owner_.get(), detail::borrow(sql), given.values(), given.size(), given.options(),
                             out, error);
    });
  }

  /// query() in the background, with copies of the arguments; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  template <SqlArgument... Arguments>
  Operation query_async(Completion<Rows> done, std::string_view sql, const Arguments&... arguments) const {
    return try_query_async(std::move(done), SqlOptions{}, sql, arguments...).value();
  }
  template <SqlArgument... Arguments>
  Expected<Operation> try_query_async(Completion<Rows> done, const SqlOptions& options, std::string_view sql,
                                      const Arguments&... arguments) const noexcept {
    const detail::Arguments<Arguments...> given(options, arguments...);
    return detail::start_op<Rows, &detail::take_as<Rows, &tsr_op_rows>>(std::move(done), [&](auto... op) {
      return tsr_store_query_async(owner_.get(), detail::borrow(sql), given.values(), given.size(),
                                   given.options(), op...);
    });
  }

  /// Reads all rows of one statement.
  /// @errors ErrorCode::kArg (the SQL or a parameter), kState (closed, a constraint, TENANT_REQUIRED), kBusy,
  /// kTimeout, kCorrupt, kDiskFull, kIo, kForked
  /// @threads any  @blocks disk  @since 1.1
  template <SqlArgument... Arguments>
  RowSet query_all(std::string_view sql, const Arguments&... arguments) const {
    return query_all(SqlOptions{}, sql, arguments...);
  }
  template <SqlArgument... Arguments>
  RowSet query_all(const SqlOptions& options, std::string_view sql, const Arguments&... arguments) const {
    return try_query_all(options, sql, arguments...).value();
  }
  template <SqlArgument... Arguments>
  Expected<RowSet> try_query_all(std::string_view sql, const Arguments&... arguments) const noexcept {
    return try_query_all(SqlOptions{}, sql, arguments...);
  }
  template <SqlArgument... Arguments>
  Expected<RowSet> try_query_all(const SqlOptions& options, std::string_view sql,
                                 const Arguments&... arguments) const noexcept {
    const detail::Arguments<Arguments...> given(options, arguments...);
    return detail::obtain_as<RowSet, RowSet::Owner>([&](auto** out, tsr_error** error) {
      return tsr_store_query_all(owner_.get(), detail::borrow(sql), given.values(), given.size(),
                                 given.options(), out, error);
    });
  }

  /// query_all() in the background, with copies of the arguments; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  template <SqlArgument... Arguments>
  Operation query_all_async(Completion<RowSet> done, std::string_view sql,
                            const Arguments&... arguments) const {
    return try_query_all_async(std::move(done), SqlOptions{}, sql, arguments...).value();
  }
  template <SqlArgument... Arguments>
  Expected<Operation> try_query_all_async(Completion<RowSet> done, const SqlOptions& options,
                                          std::string_view sql,
                                          const Arguments&... arguments) const noexcept {
    const detail::Arguments<Arguments...> given(options, arguments...);
    return detail::start_op<RowSet, &detail::take_as<RowSet, &tsr_op_rowset>>(
        std::move(done), [&](auto... op) {
          return tsr_store_query_all_async(owner_.get(), detail::borrow(sql), given.values(), given.size(),
                                           given.options(), op...);
        });
  }

  /// Starts a write transaction; other writers wait.
  /// @errors ErrorCode::kState (this thread holds one), kBusy, kIo, kForked  @threads any  @blocks disk
  /// @since 1.1
  Transaction begin(const TransactionOptions& options = {}) { return try_begin(options).value(); }
  Expected<Transaction> try_begin(const TransactionOptions& options = {}) noexcept {
    const tsr_tx_opts opts = options.to_c();
    return detail::obtain_as<Transaction, Transaction::Owner>(
        [&](auto** out, tsr_error** error) { return tsr_tx_begin(owner_.get(), &opts, out, error); });
  }

  /// begin() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation begin_async(const TransactionOptions& options, Completion<Transaction> done) {
    return try_begin_async(options, std::move(done)).value();
  }
  Expected<Operation> try_begin_async(const TransactionOptions& options,
                                      Completion<Transaction> done) noexcept {
    const tsr_tx_opts opts = options.to_c();
    return detail::start_op<Transaction, &detail::take_as<Transaction, &tsr_op_tx>>(
        std::move(done), [&](auto... op) { return tsr_tx_begin_async(owner_.get(), &opts, op...); });
  }

  /// Runs `work` in a transaction: commits when it returns, rolls back when it throws.
  /// @errors as begin() and Transaction::commit(), and what `work` throws  @threads any  @blocks disk
  /// @since 1.1
  template <std::invocable<Transaction&> Work>
  void transaction(Work&& work, const TransactionOptions& options = {}) {
    Transaction tx = begin(options);
    std::forward<Work>(work)(tx);
    tx.commit();
  }

  /// Brings the schema up to the last step: rows (name, state).
  /// @errors ErrorCode::kArg (a step's SQL), kState (MIGRATION_CHANGED), kUnsupported (NEWER_SCHEMA), kIo,
  /// kForked  @threads any  @blocks disk  @since 1.1
  RowSet migrate(std::span<const Migration> steps, bool dry_run = false) {
    return try_migrate(steps, dry_run).value();
  }
  Expected<RowSet> try_migrate(std::span<const Migration> steps, bool dry_run = false) noexcept {
    const std::vector<tsr_migration> given = detail::to_c(steps);
    return detail::obtain_as<RowSet, RowSet::Owner>([&](auto** out, tsr_error** error) {
      return tsr_store_migrate(owner_.get(), given.data(), given.size(),
                               dry_run ? std::uint32_t{TSR_MIGRATE_DRY_RUN} : 0, out, error);
    });
  }

  /// migrate() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation migrate_async(std::span<const Migration> steps, bool dry_run, Completion<RowSet> done) {
    return try_migrate_async(steps, dry_run, std::move(done)).value();
  }
  Expected<Operation> try_migrate_async(std::span<const Migration> steps, bool dry_run,
                                        Completion<RowSet> done) noexcept {
    const std::vector<tsr_migration> given = detail::to_c(steps);
    return detail::start_op<RowSet, &detail::take_as<RowSet, &tsr_op_rowset>>(
        std::move(done), [&](auto... op) {
          return tsr_store_migrate_async(owner_.get(), given.data(), given.size(),
                                         dry_run ? std::uint32_t{TSR_MIGRATE_DRY_RUN} : 0, op...);
        });
  }

  /// Writes one setting.
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked  @threads any  @blocks disk  @since 1.1
  void put(std::string_view key, const Value& value, const SqlOptions& options = {}) {
    try_put(key, value, options).value();
  }
  Expected<void> try_put(std::string_view key, const Value& value, const SqlOptions& options = {}) noexcept {
    const tsr_sql_opts opts = options.to_c();
    return detail::run([&](tsr_error** error) {
      return tsr_store_put(owner_.get(), detail::borrow(key), value.c(), &opts, error);
    });
  }

  /// put() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation put_async(std::string_view key, const Value& value, const SqlOptions& options,
                      Completion<void> done) {
    return try_put_async(key, value, options, std::move(done)).value();
  }
  Expected<Operation> try_put_async(std::string_view key, const Value& value, const SqlOptions& options,
                                    Completion<void> done) noexcept {
    const tsr_sql_opts opts = options.to_c();
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_store_put_async(owner_.get(), detail::borrow(key), value.c(), &opts, op...);
    });
  }

  /// Reads one setting; nothing when there is none.
  /// @errors ErrorCode::kArg, kState, kIo, kForked  @threads any  @blocks disk  @since 1.1
  std::optional<Setting> get(std::string_view key) const { return try_get(key).value(); }
  Expected<std::optional<Setting>> try_get(std::string_view key) const noexcept {
    return detail::if_found<Setting>(
        detail::obtain_as<RowSet, RowSet::Owner>([&](auto** out, tsr_error** error) {
          return tsr_store_get(owner_.get(), detail::borrow(key), out, error);
        }));
  }

  /// get() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation get_async(std::string_view key, Completion<std::optional<Setting>> done) const {
    return try_get_async(key, std::move(done)).value();
  }
  Expected<Operation> try_get_async(std::string_view key,
                                    Completion<std::optional<Setting>> done) const noexcept {
    return detail::start_op<std::optional<Setting>, &detail::take_found<Setting>>(
        std::move(done),
        [&](auto... op) { return tsr_store_get_async(owner_.get(), detail::borrow(key), op...); });
  }

  /// Removes one setting.
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked, kNotFound  @threads any  @blocks disk
  /// @since 1.1
  void remove(std::string_view key, const SqlOptions& options = {}) { try_remove(key, options).value(); }
  Expected<void> try_remove(std::string_view key, const SqlOptions& options = {}) noexcept {
    const tsr_sql_opts opts = options.to_c();
    return detail::run(
        [&](tsr_error** error) { return tsr_store_remove(owner_.get(), detail::borrow(key), &opts, error); });
  }

  /// remove() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation remove_async(std::string_view key, const SqlOptions& options, Completion<void> done) {
    return try_remove_async(key, options, std::move(done)).value();
  }
  Expected<Operation> try_remove_async(std::string_view key, const SqlOptions& options,
                                       Completion<void> done) noexcept {
    const tsr_sql_opts opts = options.to_c();
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_store_remove_async(owner_.get(), detail::borrow(key), &opts, op...);
    });
  }

  /// Settings whose keys begin with `prefix`, in key order: rows (key, value).
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked  @threads any  @blocks disk  @since 1.1
  RowSet list(std::string_view prefix = {}) const { return try_list(prefix).value(); }
  Expected<RowSet> try_list(std::string_view prefix = {}) const noexcept {
    return detail::obtain_as<RowSet, RowSet::Owner>([&](auto** out, tsr_error** error) {
      return tsr_store_list(owner_.get(), detail::borrow(prefix), out, error);
    });
  }

  /// list() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation list_async(std::string_view prefix, Completion<RowSet> done) const {
    return try_list_async(prefix, std::move(done)).value();
  }
  Expected<Operation> try_list_async(std::string_view prefix, Completion<RowSet> done) const noexcept {
    return detail::start_op<RowSet, &detail::take_as<RowSet, &tsr_op_rowset>>(
        std::move(done),
        [&](auto... op) { return tsr_store_list_async(owner_.get(), detail::borrow(prefix), op...); });
  }

  /// Watches the settings whose keys begin with `prefix`.
  /// @errors ErrorCode::kArg, kState, kForked  @threads any  @since 1.1
  [[nodiscard]] Subscription watch(std::string_view prefix, Changed changed) {
    return try_watch(prefix, std::move(changed)).value();
  }
  Expected<Subscription> try_watch(std::string_view prefix, Changed changed) noexcept {
    auto user = std::make_unique<Changed>(std::move(changed));
    return detail::obtain_as<Subscription, Subscription::Owner>([&](auto** out, tsr_error** error) {
      return tsr_store_watch(owner_.get(), detail::borrow(prefix), &detail::forward_change, user.release(),
                             &detail::free_changed, out, error);
    });
  }

  /// A space of the cache. Must not outlive this.  @threads any  @since 1.1
  Cache cache(std::string space) const noexcept { return {owner_.get(), std::move(space)}; }

  /// Must not outlive this.  @threads any  @since 1.1
  Outbox outbox() const noexcept { return Outbox(owner_.get()); }

  /// What opens the store: rows (slot, type, name, kdf, created_ms, opened).
  /// @errors ErrorCode::kState, kForked  @threads any  @since 1.1
  RowSet slots() const { return try_slots().value(); }
  Expected<RowSet> try_slots() const noexcept {
    return detail::obtain_as<RowSet, RowSet::Owner>(
        [&](auto** out, tsr_error** error) { return tsr_store_slots(owner_.get(), out, error); });
  }

  /// Adds a way in. There may be several passphrases and application keys, and one slot of each other type.
  /// The data is not touched.
  /// @errors ErrorCode::kArg, kState, kCrypto, kUnsupported (no keystore), kIo, kForked  @threads any @blocks
  /// cpu  @since 1.1
  void add_slot(SlotType type, const Secrets& secrets = {}) { try_add_slot(type, secrets).value(); }
  Expected<void> try_add_slot(SlotType type, const Secrets& secrets = {}) noexcept {
    const tsr_store_secrets given = secrets.to_c();
    return detail::run([&](tsr_error** error) {
      return tsr_store_add_slot(owner_.get(), static_cast<std::int32_t>(type), &given, error);
    });
  }

  /// add_slot() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation add_slot_async(SlotType type, const Secrets& secrets, Completion<void> done) {
    return try_add_slot_async(type, secrets, std::move(done)).value();
  }
  Expected<Operation> try_add_slot_async(SlotType type, const Secrets& secrets,
                                         Completion<void> done) noexcept {
    const tsr_store_secrets given = secrets.to_c();
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_store_add_slot_async(owner_.get(), static_cast<std::int32_t>(type), &given, op...);
    });
  }

  /// Removes a way in; never the last one.
  /// @errors ErrorCode::kNotFound, kState, kIo, kForked  @threads any  @blocks disk  @since 1.1
  void remove_slot(std::int64_t slot) { try_remove_slot(slot).value(); }
  Expected<void> try_remove_slot(std::int64_t slot) noexcept {
    return detail::run([&](tsr_error** error) { return tsr_store_remove_slot(owner_.get(), slot, error); });
  }

  /// remove_slot() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation remove_slot_async(std::int64_t slot, Completion<void> done) {
    return try_remove_slot_async(slot, std::move(done)).value();
  }
  Expected<Operation> try_remove_slot_async(std::int64_t slot, Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(
        std::move(done), [&](auto... op) { return tsr_store_remove_slot_async(owner_.get(), slot, op...); });
  }

  /// Wraps the data key anew under another passphrase; after a leak use rotate_data_key().
  /// @errors ErrorCode::kArg, kCrypto, kState, kIo, kForked  @threads any  @blocks cpu  @since 1.1
  void change_passphrase(std::string_view old_passphrase, std::string_view new_passphrase) {
    try_change_passphrase(old_passphrase, new_passphrase).value();
  }
  Expected<void> try_change_passphrase(std::string_view old_passphrase,
                                       std::string_view new_passphrase) noexcept {
    return detail::run([&](tsr_error** error) {
      return tsr_store_change_passphrase(owner_.get(), old_passphrase.data(), old_passphrase.size(),
                                         new_passphrase.data(), new_passphrase.size(), error);
    });
  }

  /// change_passphrase() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation change_passphrase_async(std::string_view old_passphrase, std::string_view new_passphrase,
                                    Completion<void> done) {
    return try_change_passphrase_async(old_passphrase, new_passphrase, std::move(done)).value();
  }
  Expected<Operation> try_change_passphrase_async(std::string_view old_passphrase,
                                                  std::string_view new_passphrase,
                                                  Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_store_change_passphrase_async(owner_.get(), old_passphrase.data(), old_passphrase.size(),
                                               new_passphrase.data(), new_passphrase.size(), op...);
    });
  }

  /// Makes a recovery key, in the place of an earlier one, and gives it this once.
  /// @errors ErrorCode::kState, kIo, kForked  @threads any  @blocks disk  @since 1.1
  std::string create_recovery_key() { return try_create_recovery_key().value(); }
  Expected<std::string> try_create_recovery_key() noexcept {
    return detail::obtain_text([&](tsr_buf* out, tsr_error** error) {
      return tsr_store_create_recovery_key(owner_.get(), out, error);
    });
  }

  /// create_recovery_key() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation create_recovery_key_async(Completion<std::string> done) {
    return try_create_recovery_key_async(std::move(done)).value();
  }
  Expected<Operation> try_create_recovery_key_async(Completion<std::string> done) noexcept {
    return detail::start_op<std::string, &detail::take_text>(std::move(done), [&](auto... op) {
      return tsr_store_create_recovery_key_async(owner_.get(), op...);
    });
  }

  /// Whether a recovery key was made.  @threads any  @since 1.1
  bool has_recovery_key() const noexcept { return tsr_store_has_recovery_key(owner_.get()) != 0; }

  /// The weakest way in; nothing once closed.  @threads any  @since 1.1
  std::optional<SlotType> protection() const noexcept {
    const std::int32_t weakest = tsr_store_protection(owner_.get());
    return weakest == 0 ? std::nullopt : std::optional(static_cast<SlotType>(weakest));
  }

  /// Wraps the device slot anew for the hardware as it is now.
  /// @errors ErrorCode::kNotFound (no device slot), kState, kIo, kForked  @threads any  @blocks cpu
  /// @since 1.1
  void rebind_device() { try_rebind_device().value(); }
  Expected<void> try_rebind_device() noexcept {
    return detail::run([&](tsr_error** error) { return tsr_store_rebind_device(owner_.get(), error); });
  }

  /// rebind_device() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation rebind_device_async(Completion<void> done) {
    return try_rebind_device_async(std::move(done)).value();
  }
  Expected<Operation> try_rebind_device_async(Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(
        std::move(done), [&](auto... op) { return tsr_store_rebind_device_async(owner_.get(), op...); });
  }

  /// Encrypts everything anew under another data key. Slots stay when they need no secret or theirs is given;
  /// others go with `drop_slots`, else ErrorCode::kState.
  /// @errors ErrorCode::kArg, kState, kCrypto, kCancelled, kBusy, kIo, kDiskFull, kForked  @threads any
  /// @blocks disk  @since 1.1
  void rotate_data_key(const Secrets& secrets = {}, bool drop_slots = false, const Progress& progress = {}) {
    try_rotate_data_key(secrets, drop_slots, progress).value();
  }
  Expected<void> try_rotate_data_key(const Secrets& secrets = {}, bool drop_slots = false,
                                     const Progress& progress = {}) noexcept {
    const tsr_store_secrets given = secrets.to_c();
    const detail::ProgressOptions box(progress, drop_slots ? std::uint32_t{TSR_ROTATE_DROP_SLOTS} : 0);
    return detail::run(
        [&](tsr_error** error) { return tsr_store_rotate_data_key(owner_.get(), &given, box.get(), error); });
  }

  /// rotate_data_key() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation rotate_data_key_async(const Secrets& secrets, bool drop_slots, Completion<void> done,
                                  Progress progress = {}) {
    return try_rotate_data_key_async(secrets, drop_slots, std::move(done), std::move(progress)).value();
  }
  Expected<Operation> try_rotate_data_key_async(const Secrets& secrets, bool drop_slots,
                                                Completion<void> done, Progress progress = {}) noexcept {
    const tsr_store_secrets given = secrets.to_c();
    auto kept = std::make_shared<detail::ProgressBox>(std::move(progress));
    const tsr_care_opts opts = kept->options(drop_slots ? std::uint32_t{TSR_ROTATE_DROP_SLOTS} : 0);
    done = detail::keep(std::move(kept), std::move(done));
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_store_rotate_data_key_async(owner_.get(), &given, &opts, op...);
    });
  }

  /// The data key as SQLCipher's raw key, for tools that open the file themselves. Kept in the audit log.
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked  @threads any  @blocks disk  @since 1.1
  std::string export_data_key(std::string_view reason) { return try_export_data_key(reason).value(); }
  Expected<std::string> try_export_data_key(std::string_view reason) noexcept {
    return detail::obtain_text([&](tsr_buf* out, tsr_error** error) {
      return tsr_store_export_data_key(owner_.get(), detail::borrow(reason), out, error);
    });
  }

  /// export_data_key() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation export_data_key_async(std::string_view reason, Completion<std::string> done) {
    return try_export_data_key_async(reason, std::move(done)).value();
  }
  Expected<Operation> try_export_data_key_async(std::string_view reason,
                                                Completion<std::string> done) noexcept {
    return detail::start_op<std::string, &detail::take_text>(std::move(done), [&](auto... op) {
      return tsr_store_export_data_key_async(owner_.get(), detail::borrow(reason), op...);
    });
  }

  /// Copies the store while it is used, with its slots beside the copy.
  /// @errors ErrorCode::kArg, kState, kCancelled, kCorrupt, kIo, kDiskFull, kForked  @threads any  @blocks
  /// disk  @since 1.1
  void backup(std::string_view path, const Progress& progress = {}) { try_backup(path, progress).value(); }
  Expected<void> try_backup(std::string_view path, const Progress& progress = {}) noexcept {
    const detail::ProgressOptions box(progress);
    return detail::run([&](tsr_error** error) {
      return tsr_store_backup(owner_.get(), detail::borrow(path), box.get(), error);
    });
  }

  /// backup() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation backup_async(std::string_view path, Completion<void> done, Progress progress = {}) {
    return try_backup_async(path, std::move(done), std::move(progress)).value();
  }
  Expected<Operation> try_backup_async(std::string_view path, Completion<void> done,
                                       Progress progress = {}) noexcept {
    auto kept = std::make_shared<detail::ProgressBox>(std::move(progress));
    const tsr_care_opts opts = kept->options();
    done = detail::keep(std::move(kept), std::move(done));
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_store_backup_async(owner_.get(), detail::borrow(path), &opts, op...);
    });
  }

  /// Gives the space of deleted rows back.
  /// @errors ErrorCode::kArg, kState, kCancelled, kCorrupt, kIo, kDiskFull, kForked  @threads any  @blocks
  /// disk  @since 1.1
  void compact(const Progress& progress = {}) { try_compact(progress).value(); }
  Expected<void> try_compact(const Progress& progress = {}) noexcept {
    const detail::ProgressOptions box(progress);
    return detail::run([&](tsr_error** error) { return tsr_store_compact(owner_.get(), box.get(), error); });
  }

  /// compact() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation compact_async(Completion<void> done, Progress progress = {}) {
    return try_compact_async(std::move(done), std::move(progress)).value();
  }
  Expected<Operation> try_compact_async(Completion<void> done, Progress progress = {}) noexcept {
    auto kept = std::make_shared<detail::ProgressBox>(std::move(progress));
    const tsr_care_opts opts = kept->options();
    done = detail::keep(std::move(kept), std::move(done));
    return detail::start_op<void, &detail::take_void>(
        std::move(done), [&](auto... op) { return tsr_store_compact_async(owner_.get(), &opts, op...); });
  }

  /// Copies everything into a new store under the given secrets.
  /// @errors ErrorCode::kArg, kState, kCancelled, kCorrupt, kIo, kDiskFull, kForked  @threads any  @blocks
  /// disk  @since 1.1
  void export_to(std::string_view path, const Secrets& secrets, const Progress& progress = {}) {
    try_export_to(path, secrets, progress).value();
  }
  Expected<void> try_export_to(std::string_view path, const Secrets& secrets,
                               const Progress& progress = {}) noexcept {
    const tsr_store_secrets given = secrets.to_c();
    const detail::ProgressOptions box(progress);
    return detail::run([&](tsr_error** error) {
      return tsr_store_export(owner_.get(), detail::borrow(path), &given, box.get(), error);
    });
  }

  /// export_to() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation export_to_async(std::string_view path, const Secrets& secrets, Completion<void> done,
                            Progress progress = {}) {
    return try_export_to_async(path, secrets, std::move(done), std::move(progress)).value();
  }
  Expected<Operation> try_export_to_async(std::string_view path, const Secrets& secrets,
                                          Completion<void> done, Progress progress = {}) noexcept {
    const tsr_store_secrets given = secrets.to_c();
    auto kept = std::make_shared<detail::ProgressBox>(std::move(progress));
    const tsr_care_opts opts = kept->options();
    done = detail::keep(std::move(kept), std::move(done));
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_store_export_async(owner_.get(), detail::borrow(path), &given, &opts, op...);
    });
  }

  /// Writes the application's tables into a plain SQLite file. The reason is kept in the audit log first.
  /// @errors ErrorCode::kArg, kState, kCancelled, kCorrupt, kIo, kDiskFull, kForked  @threads any  @blocks
  /// disk  @since 1.1
  void export_plain(std::string_view path, std::string_view reason, const Progress& progress = {}) {
    try_export_plain(path, reason, progress).value();
  }
  Expected<void> try_export_plain(std::string_view path, std::string_view reason,
                                  const Progress& progress = {}) noexcept {
    const detail::ProgressOptions box(progress);
    return detail::run([&](tsr_error** error) {
      return tsr_store_export_plain(owner_.get(), detail::borrow(path), detail::borrow(reason), box.get(),
                                    error);
    });
  }

  /// export_plain() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation export_plain_async(std::string_view path, std::string_view reason, Completion<void> done,
                               Progress progress = {}) {
    return try_export_plain_async(path, reason, std::move(done), std::move(progress)).value();
  }
  Expected<Operation> try_export_plain_async(std::string_view path, std::string_view reason,
                                             Completion<void> done, Progress progress = {}) noexcept {
    auto kept = std::make_shared<detail::ProgressBox>(std::move(progress));
    const tsr_care_opts opts = kept->options();
    done = detail::keep(std::move(kept), std::move(done));
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_store_export_plain_async(owner_.get(), detail::borrow(path), detail::borrow(reason), &opts,
                                          op...);
    });
  }

  /// Puts a copy of another database in the place of the store's content.
  /// @errors ErrorCode::kArg, kState, kCancelled, kCorrupt, kIo, kDiskFull, kForked, kCrypto, kNotFound
  /// @threads any  @blocks disk  @since 1.1
  void import_from(std::string_view path, ImportKind import_kind, const Secrets& secrets = {},
                   const Progress& progress = {}) {
    try_import_from(path, import_kind, secrets, progress).value();
  }
  Expected<void> try_import_from(std::string_view path, ImportKind import_kind, const Secrets& secrets = {},
                                 const Progress& progress = {}) noexcept {
    const tsr_store_secrets given = secrets.to_c();
    const detail::ProgressOptions box(progress);
    return detail::run([&](tsr_error** error) {
      return tsr_store_import(owner_.get(), detail::borrow(path), static_cast<std::int32_t>(import_kind),
                              &given, box.get(), error);
    });
  }

  /// import_from() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation import_from_async(std::string_view path, ImportKind import_kind, const Secrets& secrets,
                              Completion<void> done, Progress progress = {}) {
    return try_import_from_async(path, import_kind, secrets, std::move(done), std::move(progress)).value();
  }
  Expected<Operation> try_import_from_async(std::string_view path, ImportKind import_kind,
                                            const Secrets& secrets, Completion<void> done,
                                            Progress progress = {}) noexcept {
    const tsr_store_secrets given = secrets.to_c();
    auto kept = std::make_shared<detail::ProgressBox>(std::move(progress));
    const tsr_care_opts opts = kept->options();
    done = detail::keep(std::move(kept), std::move(done));
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_store_import_async(owner_.get(), detail::borrow(path),
                                    static_cast<std::int32_t>(import_kind), &given, &opts, op...);
    });
  }

  /// Reads every page and checks it: rows (problem), none when the store is sound.
  /// @errors ErrorCode::kArg, kState, kCancelled, kCorrupt, kIo, kDiskFull, kForked  @threads any  @blocks
  /// disk  @since 1.1
  RowSet check(const Progress& progress = {}) { return try_check(progress).value(); }
  Expected<RowSet> try_check(const Progress& progress = {}) noexcept {
    const detail::ProgressOptions box(progress);
    return detail::obtain_as<RowSet, RowSet::Owner>(
        [&](auto** out, tsr_error** error) { return tsr_store_check(owner_.get(), box.get(), out, error); });
  }

  /// check() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation check_async(Completion<RowSet> done, Progress progress = {}) {
    return try_check_async(std::move(done), std::move(progress)).value();
  }
  Expected<Operation> try_check_async(Completion<RowSet> done, Progress progress = {}) noexcept {
    auto kept = std::make_shared<detail::ProgressBox>(std::move(progress));
    const tsr_care_opts opts = kept->options();
    done = detail::keep(std::move(kept), std::move(done));
    return detail::start_op<RowSet, &detail::take_as<RowSet, &tsr_op_rowset>>(
        std::move(done), [&](auto... op) { return tsr_store_check_async(owner_.get(), &opts, op...); });
  }

  /// Sizes and counters as JSON.
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked  @threads any  @blocks disk  @since 1.1
  std::string stats() const { return try_stats().value(); }
  Expected<std::string> try_stats() const noexcept {
    return detail::obtain_text(
        [&](tsr_buf* out, tsr_error** error) { return tsr_store_stats(owner_.get(), out, error); });
  }

  /// stats() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation stats_async(Completion<std::string> done) const {
    return try_stats_async(std::move(done)).value();
  }
  Expected<Operation> try_stats_async(Completion<std::string> done) const noexcept {
    return detail::start_op<std::string, &detail::take_text>(
        std::move(done), [&](auto... op) { return tsr_store_stats_async(owner_.get(), op...); });
  }

  /// What was exported in the clear: rows (at_ms, action, reason).
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked  @threads any  @blocks disk  @since 1.1
  RowSet audit() const { return try_audit().value(); }
  Expected<RowSet> try_audit() const noexcept {
    return detail::obtain_as<RowSet, RowSet::Owner>(
        [&](auto** out, tsr_error** error) { return tsr_store_audit(owner_.get(), out, error); });
  }

  /// audit() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation audit_async(Completion<RowSet> done) const { return try_audit_async(std::move(done)).value(); }
  Expected<Operation> try_audit_async(Completion<RowSet> done) const noexcept {
    return detail::start_op<RowSet, &detail::take_as<RowSet, &tsr_op_rowset>>(
        std::move(done), [&](auto... op) { return tsr_store_audit_async(owner_.get(), op...); });
  }

  /// Reads what can be read of a damaged store into JSON lines, in the clear, and moves the damaged files
  /// aside: one row (tables, rows, pages_read, pages_damaged, damaged_tables).
  /// @errors ErrorCode::kArg, kState, kCancelled, kCorrupt, kIo, kDiskFull, kForked, kCrypto, kNotFound
  /// @threads any  @blocks disk  @since 1.1
  static RowSet salvage(const StoreConfig& config, const Secrets& secrets, std::string_view path,
                        const Progress& progress = {}) {
    return try_salvage(config, secrets, path, progress).value();
  }
  static Expected<RowSet> try_salvage(const StoreConfig& config, const Secrets& secrets,
                                      std::string_view path, const Progress& progress = {}) noexcept {
    const std::string json = config.to_json();
    const tsr_store_secrets given = secrets.to_c();
    const detail::ProgressOptions box(progress);
    return detail::obtain_as<RowSet, RowSet::Owner>([&](auto** out, tsr_error** error) {
      return tsr_store_salvage(detail::borrow(json), &given, detail::borrow(path), box.get(), out, error);
    });
  }

  /// salvage() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  static Operation salvage_async(const StoreConfig& config, const Secrets& secrets, std::string_view path,
                                 Completion<RowSet> done, Progress progress = {}) {
    return try_salvage_async(config, secrets, path, std::move(done), std::move(progress)).value();
  }
  static Expected<Operation> try_salvage_async(const StoreConfig& config, const Secrets& secrets,
                                               std::string_view path, Completion<RowSet> done,
                                               Progress progress = {}) noexcept {
    const std::string json = config.to_json();
    const tsr_store_secrets given = secrets.to_c();
    auto kept = std::make_shared<detail::ProgressBox>(std::move(progress));
    const tsr_care_opts opts = kept->options();
    done = detail::keep(std::move(kept), std::move(done));
    return detail::start_op<RowSet, &detail::take_as<RowSet, &tsr_op_rowset>>(
        std::move(done), [&](auto... op) {
          return tsr_store_salvage_async(detail::borrow(json), &given, detail::borrow(path), &opts, op...);
        });
  }

  /// Destroys a store for good.
  /// @errors ErrorCode::kArg, kNotFound, kBusy (open), kIo  @threads any  @blocks disk  @since 1.1
  static void erase(const StoreConfig& config) { try_erase(config).value(); }
  static Expected<void> try_erase(const StoreConfig& config) noexcept {
    const std::string json = config.to_json();
    return detail::run([&](tsr_error** error) { return tsr_store_erase(detail::borrow(json), error); });
  }

  /// erase() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  static Operation erase_async(const StoreConfig& config, Completion<void> done) {
    return try_erase_async(config, std::move(done)).value();
  }
  static Expected<Operation> try_erase_async(const StoreConfig& config, Completion<void> done) noexcept {
    const std::string json = config.to_json();
    return detail::start_op<void, &detail::take_void>(
        std::move(done), [&](auto... op) { return tsr_store_erase_async(detail::borrow(json), op...); });
  }

  /// Writes a whole encrypted file.
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked  @threads any  @blocks disk  @since 1.1
  void put_sealed(std::string_view path, std::string_view content) { try_put_sealed(path, content).value(); }
  Expected<void> try_put_sealed(std::string_view path, std::string_view content) noexcept {
    return detail::run([&](tsr_error** error) {
      return tsr_sealed_put(owner_.get(), detail::borrow(path), content.data(), content.size(), error);
    });
  }

  /// put_sealed() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation put_sealed_async(std::string_view path, std::string_view content, Completion<void> done) {
    return try_put_sealed_async(path, content, std::move(done)).value();
  }
  Expected<Operation> try_put_sealed_async(std::string_view path, std::string_view content,
                                           Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_sealed_put_async(owner_.get(), detail::borrow(path), content.data(), content.size(), op...);
    });
  }

  /// Reads a whole encrypted file, 1 GiB at most.
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked, kNotFound, kCorrupt, kCrypto, kLimit  @threads
  /// any  @blocks disk  @since 1.1
  std::string get_sealed(std::string_view path) const { return try_get_sealed(path).value(); }
  Expected<std::string> try_get_sealed(std::string_view path) const noexcept {
    return detail::obtain_text([&](tsr_buf* out, tsr_error** error) {
      return tsr_sealed_get(owner_.get(), detail::borrow(path), out, error);
    });
  }

  /// get_sealed() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation get_sealed_async(std::string_view path, Completion<std::string> done) const {
    return try_get_sealed_async(path, std::move(done)).value();
  }
  Expected<Operation> try_get_sealed_async(std::string_view path,
                                           Completion<std::string> done) const noexcept {
    return detail::start_op<std::string, &detail::take_text>(std::move(done), [&](auto... op) {
      return tsr_sealed_get_async(owner_.get(), detail::borrow(path), op...);
    });
  }

  /// Reads an encrypted log, oldest record first: rows (record, problem).
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked, kNotFound  @threads any  @blocks disk
  /// @since 1.1
  RowSet read_sealed_log(std::string_view path) const { return try_read_sealed_log(path).value(); }
  Expected<RowSet> try_read_sealed_log(std::string_view path) const noexcept {
    return detail::obtain_as<RowSet, RowSet::Owner>([&](auto** out, tsr_error** error) {
      return tsr_sealed_log_read(owner_.get(), detail::borrow(path), out, error);
    });
  }

  /// read_sealed_log() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation read_sealed_log_async(std::string_view path, Completion<RowSet> done) const {
    return try_read_sealed_log_async(path, std::move(done)).value();
  }
  Expected<Operation> try_read_sealed_log_async(std::string_view path,
                                                Completion<RowSet> done) const noexcept {
    return detail::start_op<RowSet, &detail::take_as<RowSet, &tsr_op_rowset>>(
        std::move(done),
        [&](auto... op) { return tsr_sealed_log_read_async(owner_.get(), detail::borrow(path), op...); });
  }

  /// Starts an encrypted file, or goes on with an unfinished one.
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kCorrupt, kCrypto, kForked  @threads any  @blocks disk
  /// @since 1.1
  SealedWriter create_sealed(std::string_view path, bool resume = false) {
    return try_create_sealed(path, resume).value();
  }
  Expected<SealedWriter> try_create_sealed(std::string_view path, bool resume = false) noexcept {
    std::int64_t offset = 0;
    Expected<SealedWriter::Owner> writer =
        detail::obtain<SealedWriter::Owner>([&](auto** out, tsr_error** error) {
          return tsr_sealed_create(owner_.get(), detail::borrow(path),
                                   resume ? std::uint32_t{TSR_SEALED_RESUME} : 0, out, &offset, error);
        });
    if (!writer) return writer.error();
    return SealedWriter(*std::move(writer), offset);
  }

  /// Opens an encrypted file; a truncated one is found here.
  /// @errors ErrorCode::kNotFound, kCorrupt, kCrypto, kUnsupported, kIo, kForked  @threads any  @blocks disk
  /// @since 1.1
  SealedReader open_sealed(std::string_view path) const { return try_open_sealed(path).value(); }
  Expected<SealedReader> try_open_sealed(std::string_view path) const noexcept {
    return detail::obtain_as<SealedReader, SealedReader::Owner>([&](auto** out, tsr_error** error) {
      return tsr_sealed_open(owner_.get(), detail::borrow(path), out, error);
    });
  }

  /// Opens an encrypted log for appending.
  /// @errors ErrorCode::kBusy (open already), kIo, kForked  @threads any  @blocks disk  @since 1.1
  SealedLog open_sealed_log(std::string_view path, const LogLimits& limits = {}) {
    return try_open_sealed_log(path, limits).value();
  }
  Expected<SealedLog> try_open_sealed_log(std::string_view path, const LogLimits& limits = {}) noexcept {
    return detail::obtain_as<SealedLog, SealedLog::Owner>([&](auto** out, tsr_error** error) {
      return tsr_sealed_log_open(owner_.get(), detail::borrow(path), limits.max_file_bytes, limits.max_files,
                                 out, error);
    });
  }

  /// Sends log records of at least `level` to `sink` until the Subscription ends.
  /// @errors ErrorCode::kForked  @threads any  @since 1.1
  [[nodiscard]] Subscription on_log(LogLevel level, LogSink sink) {
    return try_on_log(level, std::move(sink)).value();
  }
  Expected<Subscription> try_on_log(LogLevel level, LogSink sink) noexcept {
    return detail::attach_sink(&tsr_store_on_log, owner_.get(), level, std::move(sink));
  }

  /// Waits up to `timeout` for running calls, interrupts the rest and closes; later calls give
  /// ErrorCode::kState. Again is fine.
  /// @errors ErrorCode::kTimeout, kIo, kForked  @threads any  @blocks disk  @since 1.1
  void close(std::chrono::milliseconds timeout = kCloseTimeout) { try_close(timeout).value(); }
  Expected<void> try_close(std::chrono::milliseconds timeout = kCloseTimeout) noexcept {
    return detail::run(
        [&](tsr_error** error) { return tsr_store_close(owner_.get(), detail::to_timeout(timeout), error); });
  }

  /// close() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation close_async(std::chrono::milliseconds timeout, Completion<void> done) {
    return try_close_async(timeout, std::move(done)).value();
  }
  Expected<Operation> try_close_async(std::chrono::milliseconds timeout, Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_store_close_async(owner_.get(), detail::to_timeout(timeout), op...);
    });
  }

 private:
  Owner owner_;
};

}  // namespace tessera::inline v1

#endif
