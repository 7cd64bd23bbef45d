/// @file tessera/cpp/value.hpp  Values that go into the store and come out of it, and copied rows.
#ifndef TESSERA_CPP_VALUE_HPP
#define TESSERA_CPP_VALUE_HPP

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/cpp/detail/call.hpp"
#include "tessera/cpp/detail/handle.hpp"
#include "tessera/value.h"

namespace tessera::inline v1 {

namespace detail {
template <typename T>
inline constexpr bool kIsOptional = false;
template <typename T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
}  // namespace detail

/// What a cell, a parameter or a setting holds.  @since 1.1
enum class ValueType : std::int32_t {
  kNull = TSR_VALUE_NULL,
  kInteger = TSR_VALUE_INTEGER,
  kReal = TSR_VALUE_REAL,
  kText = TSR_VALUE_TEXT,
  kBlob = TSR_VALUE_BLOB,
  kBool = TSR_VALUE_BOOL,
  kJson = TSR_VALUE_JSON,
};

/// A parameter or a cell. Borrows its text or bytes.  @threads any  @since 1.1
class Value {
 public:
  // Conversions are what makes execute("... ?, ?", 7, "blue") read well.
  // NOLINTBEGIN(google-explicit-constructor)
  constexpr Value(std::nullptr_t) noexcept {}
  constexpr Value(bool value) noexcept : value_{TSR_VALUE_BOOL, 0, value ? 1 : 0, 0, nullptr, 0} {}
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  constexpr Value(T value) noexcept
      : value_{TSR_VALUE_INTEGER, 0, static_cast<std::int64_t>(value), 0, nullptr, 0} {}
  constexpr Value(double value) noexcept : value_{TSR_VALUE_REAL, 0, 0, value, nullptr, 0} {}
  Value(std::string_view text) noexcept : value_{TSR_VALUE_TEXT, 0, 0, 0, text.data(), text.size()} {}
  Value(const std::string& text) noexcept : Value(std::string_view(text)) {}
  Value(const char* text) noexcept : Value(std::string_view(text)) {}
  Value(std::span<const std::byte> bytes) noexcept
      : value_{TSR_VALUE_BLOB, 0, 0, 0, bytes.data(), bytes.size()} {}
  Value(const std::vector<std::byte>& bytes) noexcept : Value(std::span<const std::byte>(bytes)) {}
  template <typename T>
    requires(!std::same_as<T, Value>)
  Value(const std::optional<T>& value) noexcept : Value(value ? Value(*value) : Value(nullptr)) {}
  // NOLINTEND(google-explicit-constructor)

  /// A JSON document, for settings.
  static Value json(std::string_view text) noexcept {
    Value value(text);
    value.value_.type = TSR_VALUE_JSON;
    return value;
  }

  ValueType type() const noexcept { return static_cast<ValueType>(value_.type); }
  bool is_null() const noexcept { return value_.type == TSR_VALUE_NULL; }

  /// As T: an integer, double, bool, std::string, std::string_view (borrowed), std::vector<std::byte>,
  /// std::span<const std::byte> (borrowed), or std::optional of one, which is empty for NULL. Numbers convert
  /// into each other when nothing is lost.
  /// @errors ErrorCode::kArg (another type, or out of range)  @threads any  @since 1.1
  template <typename T>
  T get() const {
    if constexpr (detail::kIsOptional<T>) {
      if (is_null()) return std::nullopt;
      return T(get<typename T::value_type>());
    } else if constexpr (std::same_as<T, bool>) {
      return number() != 0;
    } else if constexpr (std::integral<T>) {
      const std::int64_t wide = number();
      if (!std::in_range<T>(wide)) throw mismatch("an integer that is out of range");
      return static_cast<T>(wide);
    } else if constexpr (std::floating_point<T>) {
      if (value_.type == TSR_VALUE_REAL) return static_cast<T>(value_.real);
      return static_cast<T>(number());
    } else if constexpr (std::same_as<T, std::string> || std::same_as<T, std::string_view>) {
      if (value_.type != TSR_VALUE_TEXT && value_.type != TSR_VALUE_JSON) throw mismatch("no text");
      return T(static_cast<const char*>(value_.data), value_.len);
    } else {
      if (value_.type != TSR_VALUE_BLOB) throw mismatch("no blob");
      const auto* const first = static_cast<const std::byte*>(value_.data);
      return T(first, first + value_.len);
    }
  }

  /// For calls of the C ABI.
  const tsr_value* c() const noexcept { return &value_; }

 private:
  std::int64_t number() const {
    if (value_.type == TSR_VALUE_INTEGER || value_.type == TSR_VALUE_BOOL) return value_.integer;
    if (value_.type == TSR_VALUE_REAL && value_.real >= -kLimit && value_.real < kLimit &&
        static_cast<double>(static_cast<std::int64_t>(value_.real)) == value_.real) {
      return static_cast<std::int64_t>(value_.real);
    }
    throw mismatch("no integer");
  }
  static Error mismatch(const char* what) {
    return {ErrorCode::kArg, "facade", std::string("the value is ") + what, /*retryable=*/false, "{}"};
  }

  static constexpr double kLimit = 9223372036854775808.0;  // 2^63
  tsr_value value_{};
};
static_assert(sizeof(Value) == sizeof(tsr_value));

/// One row. Borrows it from Rows or a RowSet.  @threads one-at-a-time  @since 1.1
class Row {
 public:
  using NameOf = tsr_str (*)(const void* owner, std::size_t column);

  /// For the facade's own use.
  Row(const tsr_value* cells, std::size_t size, const void* owner, NameOf name_of) noexcept
      : cells_(cells), size_(size), owner_(owner), name_of_(name_of) {}

  std::size_t size() const noexcept { return size_; }

  /// Name of a column; empty when out of range.
  std::string_view name(std::size_t column) const noexcept {
    const tsr_str name = name_of_(owner_, column);
    return {name.data, name.len};
  }

  /// @errors ErrorCode::kArg (no such column)
  const Value& operator[](std::size_t column) const {
    if (column >= size_) throw unknown(std::to_string(column));
    return *reinterpret_cast<const Value*>(cells_ + column);
  }
  const Value& operator[](std::string_view column) const {
    for (std::size_t index = 0; index < size_; ++index) {
      if (name(index) == column) return (*this)[index];
    }
    throw unknown(column);
  }

  /// As Value::get().
  template <typename T>
  T get(std::size_t column) const {
    return (*this)[column].template get<T>();
  }
  template <typename T>
  T get(std::string_view column) const {
    return (*this)[column].template get<T>();
  }

 private:
  static Error unknown(std::string_view column) {
    return {ErrorCode::kArg, "facade", "the row has no column " + std::string(column), /*retryable=*/false,
            "{}"};
  }

  const tsr_value* cells_;
  std::size_t size_;
  const void* owner_;
  NameOf name_of_;
};

/// Copied rows. Move-only, immutable.  @threads any  @since 1.1
class RowSet {
 public:
  using Owner = detail::Handle<tsr_rowset, &tsr_rowset_free>;

  /// For the facade's own use.
  explicit RowSet(Owner owner) noexcept : owner_(std::move(owner)) {}

  std::size_t size() const noexcept { return tsr_rowset_count(owner_.get()); }
  bool empty() const noexcept { return size() == 0; }
  std::size_t column_count() const noexcept { return tsr_rowset_column_count(owner_.get()); }
  /// Whether Rows::fetch() left rows behind these.
  bool more() const noexcept { return tsr_rowset_more(owner_.get()) != 0; }

  /// @errors ErrorCode::kArg (out of range)
  Row operator[](std::size_t index) const {
    const tsr_value* const cells = tsr_rowset_row(owner_.get(), index);
    if (cells == nullptr) {
      throw Error{ErrorCode::kArg, "facade", "there is no row " + std::to_string(index), /*retryable=*/false,
                  "{}"};
    }
    return {cells, column_count(), owner_.get(), [](const void* owner, std::size_t column) {
              return tsr_rowset_column(static_cast<const tsr_rowset*>(owner), column);
            }};
  }

  /// Walks the rows.
  class Iterator {
   public:
    using value_type = Row;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Iterator(const RowSet* rows, std::size_t index) noexcept : rows_(rows), index_(index) {}
    Row operator*() const { return (*rows_)[index_]; }
    Iterator& operator++() noexcept {
      ++index_;
      return *this;
    }
    Iterator operator++(int) noexcept { return {rows_, index_++}; }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const RowSet* rows_ = nullptr;
    std::size_t index_ = 0;
  };
  Iterator begin() const noexcept { return {this, 0}; }
  Iterator end() const noexcept { return {this, size()}; }

 private:
  Owner owner_;
};

}  // namespace tessera::inline v1

#endif
