/// @file tessera/cpp/sql.hpp  Arguments, options and outcome of SQL.
#ifndef TESSERA_CPP_SQL_HPP
#define TESSERA_CPP_SQL_HPP

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tessera/cpp/operation.hpp"
#include "tessera/cpp/value.hpp"
#include "tessera/store.h"

namespace tessera::inline v1 {

/// When a write counts as done.  @since 1.1
enum class Commit : std::int32_t {
  kDefault = TSR_COMMIT_DEFAULT,  ///< As the store is configured; kStrict unless it says otherwise.
  kRelaxed = TSR_COMMIT_RELAXED,  ///< Survives the end of the process; a power cut may take the last commits.
  kStrict = TSR_COMMIT_STRICT,    ///< Survives a power cut.
};

/// As configurations spell it.  @threads any  @since 1.1
constexpr std::string_view name(Commit commit) noexcept {
  return commit == Commit::kRelaxed ? "relaxed" : "strict";
}

/// Options of one call.  @since 1.1
struct SqlOptions {
  Commit commit = Commit::kDefault;
  std::chrono::milliseconds timeout{};  ///< 0: as the store is configured.

  tsr_sql_opts to_c() const noexcept {
    tsr_sql_opts opts;
    tsr_sql_opts_init(&opts, sizeof opts);
    opts.commit = static_cast<std::int32_t>(commit);
    opts.timeout_ms = timeout.count();
    return opts;
  }
};

/// An argument by name: query("... where id = :id", Named{"id", 7}).  @since 1.1
struct Named {
  std::string_view name;
  Value value;
};

/// Arguments whose number is known only at run time, instead of all others. Borrows them for the call.
/// @since 1.1
struct ArgumentList {
  std::span<const Value> values;
  std::span<const std::string_view> names{};  ///< One for each value; empty: by position.
};

/// What SQL takes: values by position, all of them Named, or one ArgumentList.  @since 1.1
template <typename T>
concept SqlArgument =
    std::same_as<T, Named> || std::same_as<T, ArgumentList> || std::convertible_to<const T&, Value>;

/// What a statement changed.  @since 1.1
struct Changes {
  std::int64_t count = 0;   ///< Rows.
  std::int64_t row_id = 0;  ///< Of the last inserted row.
};

namespace detail {

/// The arguments of a call as C takes them.
template <SqlArgument... T>
class Arguments {
 public:
  static constexpr bool kNamed = sizeof...(T) > 0 && (std::same_as<T, Named> && ...);
  static_assert(kNamed || (!std::same_as<T, Named> && ...), "arguments are all by name or all by position");

  explicit Arguments(const SqlOptions& options, const T&... arguments) noexcept
      : values_{value_of(arguments)...}, opts_(options.to_c()) {
    if constexpr (kNamed) {
      names_ = {borrow(arguments.name)...};
      opts_.names = names_.data();
    }
  }
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;
  const tsr_value* values() const noexcept { return values_.data(); }
  std::size_t size() const noexcept { return sizeof...(T); }
  const tsr_sql_opts* options() const noexcept { return &opts_; }

 private:
  static tsr_value value_of(const Named& argument) noexcept { return *argument.value.c(); }
  template <typename V>
  static tsr_value value_of(const V& argument) noexcept {
    return *Value(argument).c();
  }
  std::array<tsr_value, sizeof...(T)> values_;
  std::array<tsr_str, kNamed ? sizeof...(T) : 0> names_{};
  tsr_sql_opts opts_;
};

inline const tsr_value* to_c(std::span<const Value> values) noexcept {
  return values.empty() ? nullptr : values.front().c();
}

template <>
class Arguments<ArgumentList> {
 public:
  Arguments(const SqlOptions& options, const ArgumentList& list) noexcept
      : values_(list.values), opts_(options.to_c()) {
    if (list.names.empty()) return;
    // A name too few stays empty, so that the call is refused.
    names_.resize(values_.size());
    for (std::size_t index = 0; index < std::min(names_.size(), list.names.size()); ++index)
      names_[index] = borrow(list.names[index]);
    opts_.names = names_.data();
  }
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;
  const tsr_value* values() const noexcept { return to_c(values_); }
  std::size_t size() const noexcept { return values_.size(); }
  const tsr_sql_opts* options() const noexcept { return &opts_; }

 private:
  std::span<const Value> values_;
  std::vector<tsr_str> names_;
  tsr_sql_opts opts_;
};

/// How often a statement with `width` parameters runs; a rest that does not fill one counts, so that the call
/// is refused.
inline std::size_t rounds(std::span<const Value> values, std::size_t width) noexcept {
  return width == 0 || values.size() % width != 0 ? SIZE_MAX : values.size() / width;
}

inline Expected<Changes> take_changes(tsr_op* op) {
  Changes changes;
  Expected<void> done =
      run([&](tsr_error** error) { return tsr_op_changes(op, &changes.count, &changes.row_id, error); });
  if (!done) return done.error();
  return changes;
}

inline Expected<std::int64_t> take_count(tsr_op* op) {
  Expected<Changes> changes = take_changes(op);
  if (!changes) return changes.error();
  return changes->count;
}

}  // namespace detail

}  // namespace tessera::inline v1

#endif
