/// @file tessera/cpp/cache.hpp  Answers kept for a time, inside the store.
#ifndef TESSERA_CPP_CACHE_HPP
#define TESSERA_CPP_CACHE_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "tessera/cache.h"
#include "tessera/cpp/sql.hpp"
#include "tessera/cpp/time.hpp"

namespace tessera::inline v1 {

/// An answer from the cache.  @threads any  @since 1.1
class Cached {
 public:
  /// For the facade's own use.
  explicit Cached(RowSet rows) noexcept : rows_(std::move(rows)) {}

  std::string_view value() const {
    const Row row = rows_[0];
    const auto bytes = row.get<std::span<const std::byte>>(0);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  /// Known to have no value.
  bool negative() const { return rows_[0].get<bool>(1); }
  std::chrono::milliseconds expires_in() const {
    return std::chrono::milliseconds(rows_[0].get<std::int64_t>(2));
  }

 private:
  RowSet rows_;
};

/// What a Loader found.  @since 1.1
struct Loaded {
  std::string value{};
  std::chrono::milliseconds ttl{};
  bool negative = false;  ///< Known to have no value.
};

/// Finds the value of a key that the cache lacks. Runs on the thread that asked.  @since 1.1
using Loader = std::function<Loaded(std::string_view key)>;

namespace detail {

struct LoaderBox {
  const Loader* load;
  std::exception_ptr thrown;
};

inline tsr_status run_loader(void* user, tsr_str key, tsr_loaded* loaded) noexcept {
  auto& box = *static_cast<LoaderBox*>(user);
  try {
    const Loaded found = (*box.load)({key.data, key.len});
    return tsr_loaded_set(loaded, found.value.data(), found.value.size(), found.ttl.count(),
                          found.negative ? std::uint32_t{TSR_CACHE_NEGATIVE} : 0, nullptr);
  } catch (...) {
    box.thrown = std::current_exception();
    return TSR_E_CALLBACK;
  }
}

/// An expected absence as nothing.
template <typename T>
Expected<std::optional<T>> if_found(Expected<RowSet> rows) {
  if (rows) return std::optional<T>(T(*std::move(rows)));
  if (rows.error().code() == ErrorCode::kNotFound) return std::optional<T>();
  return rows.error();
}

template <typename T>
Expected<std::optional<T>> take_found(tsr_op* op) {
  return if_found<T>(take_as<RowSet, &tsr_op_rowset>(op));
}

}  // namespace detail

/// A space of the store's cache; see cache.h. A view: it must not outlive its Store.
///
/// @code
/// const auto page = store.cache("pages").get_or_load(url, [&](std::string_view key) {
///   return tessera::Loaded{.value = fetch(key), .ttl = 1h};
/// });
/// @endcode
/// @threads any  @since 1.1
class Cache {
 public:
  static constexpr std::chrono::milliseconds kLoadTimeout{60'000};

  /// For the facade's own use.
  Cache(tsr_store* store, std::string space) noexcept : store_(store), space_(std::move(space)) {}

  /// Keeps an answer for `ttl`, 10 % more or less.
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked, kLimit  @threads any  @blocks disk  @since 1.1
  void put(std::string_view key, std::string_view value, std::chrono::milliseconds ttl) {
    try_put(key, value, ttl).value();
  }
  Expected<void> try_put(std::string_view key, std::string_view value,
                         std::chrono::milliseconds ttl) noexcept {
    return detail::run([&](tsr_error** error) {
      return tsr_cache_put(store_, detail::borrow(space_), detail::borrow(key), value.data(), value.size(),
                           ttl.count(), 0, error);
    });
  }

  /// put() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation put_async(std::string_view key, std::string_view value, std::chrono::milliseconds ttl,
                      Completion<void> done) {
    return try_put_async(key, value, ttl, std::move(done)).value();
  }
  Expected<Operation> try_put_async(std::string_view key, std::string_view value,
                                    std::chrono::milliseconds ttl, Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_cache_put_async(store_, detail::borrow(space_), detail::borrow(key), value.data(),
                                 value.size(), ttl.count(), 0, op...);
    });
  }

  /// Remembers that the key has no value, for a minute at most.
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked  @threads any  @blocks disk  @since 1.1
  void put_negative(std::string_view key, std::chrono::milliseconds ttl) {
    try_put_negative(key, ttl).value();
  }
  Expected<void> try_put_negative(std::string_view key, std::chrono::milliseconds ttl) noexcept {
    return detail::run([&](tsr_error** error) {
      return tsr_cache_put(store_, detail::borrow(space_), detail::borrow(key), nullptr, 0, ttl.count(),
                           TSR_CACHE_NEGATIVE, error);
    });
  }

  /// put_negative() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation put_negative_async(std::string_view key, std::chrono::milliseconds ttl, Completion<void> done) {
    return try_put_negative_async(key, ttl, std::move(done)).value();
  }
  Expected<Operation> try_put_negative_async(std::string_view key, std::chrono::milliseconds ttl,
                                             Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_cache_put_async(store_, detail::borrow(space_), detail::borrow(key), nullptr, 0, ttl.count(),
                                 TSR_CACHE_NEGATIVE, op...);
    });
  }

  /// Reads an answer that has not expired; nothing when there is none.
  /// @errors ErrorCode::kArg, kState, kIo, kForked  @threads any  @blocks disk  @since 1.1
  std::optional<Cached> get(std::string_view key) const { return try_get(key).value(); }
  Expected<std::optional<Cached>> try_get(std::string_view key) const noexcept {
    return detail::if_found<Cached>(
        detail::obtain_as<RowSet, RowSet::Owner>([&](auto** out, tsr_error** error) {
          return tsr_cache_get(store_, detail::borrow(space_), detail::borrow(key), out, error);
        }));
  }

  /// get() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation get_async(std::string_view key, Completion<std::optional<Cached>> done) const {
    return try_get_async(key, std::move(done)).value();
  }
  Expected<Operation> try_get_async(std::string_view key,
                                    Completion<std::optional<Cached>> done) const noexcept {
    return detail::start_op<std::optional<Cached>, &detail::take_found<Cached>>(
        std::move(done), [&](auto... op) {
          return tsr_cache_get_async(store_, detail::borrow(space_), detail::borrow(key), op...);
        });
  }

  /// get(), or what `load` gives: it runs once for all that ask for the key meanwhile, who wait up to
  /// `timeout`. An exception that it throws comes out of the call that ran it; others get
  /// ErrorCode::kCallback.
  /// @errors ErrorCode::kCallback, kTimeout, kArg, kState, kIo, kForked  @threads any  @blocks callback
  /// @since 1.1
  Cached get_or_load(std::string_view key, const Loader& load,
                     std::chrono::milliseconds timeout = kLoadTimeout) {
    return try_get_or_load(key, load, timeout).value();
  }
  Expected<Cached> try_get_or_load(std::string_view key, const Loader& load,
                                   std::chrono::milliseconds timeout = kLoadTimeout) {
    detail::LoaderBox box{&load, {}};
    auto rows = detail::obtain_as<RowSet, RowSet::Owner>([&](auto** out, tsr_error** error) {
      return tsr_cache_load(store_, detail::borrow(space_), detail::borrow(key), &detail::run_loader, &box,
                            detail::to_timeout(timeout), out, error);
    });
    if (box.thrown) std::rethrow_exception(box.thrown);
    if (!rows) return rows.error();
    return Cached(*std::move(rows));
  }

  /// Forgets an answer.
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked  @threads any  @blocks disk  @since 1.1
  void remove(std::string_view key) { try_remove(key).value(); }
  Expected<void> try_remove(std::string_view key) noexcept {
    return detail::run([&](tsr_error** error) {
      return tsr_cache_remove(store_, detail::borrow(space_), detail::borrow(key), error);
    });
  }

  /// remove() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation remove_async(std::string_view key, Completion<void> done) {
    return try_remove_async(key, std::move(done)).value();
  }
  Expected<Operation> try_remove_async(std::string_view key, Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_cache_remove_async(store_, detail::borrow(space_), detail::borrow(key), op...);
    });
  }

  /// Forgets every answer of the space.
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked  @threads any  @blocks disk  @since 1.1
  void clear() { try_clear().value(); }
  Expected<void> try_clear() noexcept {
    return detail::run(
        [&](tsr_error** error) { return tsr_cache_clear(store_, detail::borrow(space_), error); });
  }

  /// clear() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation clear_async(Completion<void> done) { return try_clear_async(std::move(done)).value(); }
  Expected<Operation> try_clear_async(Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_cache_clear_async(store_, detail::borrow(space_), op...);
    });
  }

  /// One row (rows, bytes, hits, misses, evicted, expired, loads, joined_loads).
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked  @threads any  @blocks disk  @since 1.1
  RowSet stats() const { return try_stats().value(); }
  Expected<RowSet> try_stats() const noexcept {
    return detail::obtain_as<RowSet, RowSet::Owner>([&](auto** out, tsr_error** error) {
      return tsr_cache_stats(store_, detail::borrow(space_), out, error);
    });
  }

  /// stats() in the background; see Completion.
  /// @errors ErrorCode::kArg, kState, kForked, kBusy  @threads any  @since 1.1
  Operation stats_async(Completion<RowSet> done) const { return try_stats_async(std::move(done)).value(); }
  Expected<Operation> try_stats_async(Completion<RowSet> done) const noexcept {
    return detail::start_op<RowSet, &detail::take_as<RowSet, &tsr_op_rowset>>(
        std::move(done),
        [&](auto... op) { return tsr_cache_stats_async(store_, detail::borrow(space_), op...); });
  }

 private:
  tsr_store* store_;
  std::string space_;
};

}  // namespace tessera::inline v1

#endif
