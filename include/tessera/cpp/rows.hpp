/// @file tessera/cpp/rows.hpp  Rows as they are read.
#ifndef TESSERA_CPP_ROWS_HPP
#define TESSERA_CPP_ROWS_HPP

#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "tessera/cpp/operation.hpp"
#include "tessera/cpp/value.hpp"
#include "tessera/store.h"

namespace tessera::inline v1 {

/// Rows as they are read. Move-only; holds its store open for reading.
///
/// @code
/// for (const tessera::Row row : store.query("select name from people where age > ?", 30))
///   std::cout << row.get<std::string>("name") << '\n';
/// @endcode
/// @threads one-at-a-time, except interrupt()  @since 1.1
class Rows {
 public:
  using Owner = detail::Handle<tsr_rows, &tsr_rows_free>;

  /// For the facade's own use.
  explicit Rows(Owner owner) noexcept : owner_(std::move(owner)) {}

  std::size_t column_count() const noexcept { return tsr_rows_column_count(owner_.get()); }
  std::string_view column(std::size_t index) const noexcept {
    const tsr_str name = tsr_rows_column(owner_.get(), index);
    return {name.data, name.len};
  }

  /// The next row, valid until the next call; nothing after the last one.
  /// @errors ErrorCode::kState, kTimeout, kCancelled (interrupted), kCorrupt, kIo, kForked  @threads
  /// one-at-a-time
  /// @blocks disk  @since 1.1
  std::optional<Row> next() { return try_next().value(); }
  Expected<std::optional<Row>> try_next() noexcept {
    const tsr_value* cells = nullptr;
    Expected<void> done =
        detail::run([&](tsr_error** error) { return tsr_rows_next(owner_.get(), &cells, error); });
    if (!done) return done.error();
    if (cells == nullptr) return std::optional<Row>();
    return std::optional<Row>(
        Row(cells, column_count(), owner_.get(), [](const void* owner, std::size_t index) {
          return tsr_rows_column(static_cast<const tsr_rows*>(owner), index);
        }));
  }

  /// Copies the next rows, `max_rows` at most.
  /// @errors as next()  @threads one-at-a-time  @blocks disk  @since 1.1
  RowSet fetch(std::size_t max_rows) { return try_fetch(max_rows).value(); }
  Expected<RowSet> try_fetch(std::size_t max_rows) noexcept {
    return detail::obtain_as<RowSet, RowSet::Owner>(
        [&](auto** out, tsr_error** error) { return tsr_rows_fetch(owner_.get(), max_rows, out, error); });
  }

  /// fetch() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads one-at-a-time  @since 1.1
  Operation fetch_async(std::size_t max_rows, Completion<RowSet> done) {
    return try_fetch_async(max_rows, std::move(done)).value();
  }
  Expected<Operation> try_fetch_async(std::size_t max_rows, Completion<RowSet> done) noexcept {
    return detail::start_op<RowSet, &detail::take_as<RowSet, &tsr_op_rowset>>(
        std::move(done), [&](auto... op) { return tsr_rows_fetch_async(owner_.get(), max_rows, op...); });
  }

  /// Ends a running call with ErrorCode::kCancelled, and every later one.  @threads any  @since 1.1
  void interrupt() noexcept { tsr_rows_interrupt(owner_.get()); }

  /// Reads each row once.
  class Iterator {
   public:
    using value_type = Row;
    using difference_type = std::ptrdiff_t;
    explicit Iterator(Rows* rows) : rows_(rows), row_(rows->next()) {}
    const Row& operator*() const { return *row_; }
    const Row* operator->() const { return &*row_; }
    Iterator& operator++() {
      row_ = rows_->next();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const noexcept { return !row_; }

   private:
    Rows* rows_;
    std::optional<Row> row_;
  };
  Iterator begin() { return Iterator(this); }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  Owner owner_;
};

}  // namespace tessera::inline v1

#endif
