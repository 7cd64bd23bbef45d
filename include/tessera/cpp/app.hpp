/// @file tessera/cpp/app.hpp  One handle for an application: opens the areas from one configuration.
///
/// @code
/// tessera::App app = tessera::App::open({
///     .product = "player", .data_dir = "~/.local/share/player", .trusted_keys = {kRootKey}});
/// const tessera::Verdict verdict = app.license().check();
/// if (!verdict.usable()) { std::cerr << verdict.explain(); return 2; }
/// @endcode
#ifndef TESSERA_CPP_APP_HPP
#define TESSERA_CPP_APP_HPP

#include <chrono>
#include <string>
#include <utility>

#include "tessera/app.h"
#include "tessera/cpp/license.hpp"
#include "tessera/cpp/store.hpp"

namespace tessera::inline v1 {

/// The application's Tessera. Move-only; what is obtained from it keeps it alive, and its destructor writes
/// nothing.  @threads any  @since 1.0
class App {
 public:
  using Owner = detail::Handle<tsr_app, &tsr_app_free>;

  /// For the facade's own use.
  explicit App(Owner owner) noexcept : owner_(std::move(owner)) {}

  /// Reads and evaluates the licence state. No network, no thread.
  /// @errors as License::open()  @threads any  @blocks disk  @since 1.0
  static App open(const AppConfig& config) { return try_open(config).value(); }
  static App open(const JsonText& config) { return try_open(config).value(); }
  static Expected<App> try_open(const AppConfig& config) noexcept { return open_json(config.to_json()); }
  static Expected<App> try_open(const JsonText& config) noexcept { return open_json(config.to_json()); }

  /// open() in the background; see Completion.
  /// @errors ErrorCode::kArg, kBusy  @threads any  @since 1.0
  static Operation open_async(const AppConfig& config, Completion<App> done) {
    return try_open_async(config, std::move(done)).value();
  }
  static Operation open_async(const JsonText& config, Completion<App> done) {
    return try_open_async(config, std::move(done)).value();
  }
  static Expected<Operation> try_open_async(const AppConfig& config, Completion<App> done) noexcept {
    return open_json_async(config.to_json(), std::move(done));
  }
  static Expected<Operation> try_open_async(const JsonText& config, Completion<App> done) noexcept {
    return open_json_async(config.to_json(), std::move(done));
  }

  /// The application's licence, a handle of its own.
  /// @errors ErrorCode::kState (closed), kForked  @threads any  @since 1.0
  License license() const { return try_license().value(); }
  Expected<License> try_license() const noexcept {
    return detail::obtain_as<License, License::Owner>(
        [&](tsr_license** out, tsr_error** error) { return tsr_app_license(owner_.get(), out, error); });
  }

  /// The application's store: opened by the first call, which may need secrets, and shared by the next ones.
  /// @errors as Store::open(), kState (closed), kForked  @threads any  @blocks disk  @since 1.1
  Store store(const Secrets& secrets = {}) const { return try_store(secrets).value(); }
  Expected<Store> try_store(const Secrets& secrets = {}) const noexcept {
    const tsr_store_secrets given = secrets.to_c();
    return detail::obtain_as<Store, Store::Owner>(
        [&](auto** out, tsr_error** error) { return tsr_app_store(owner_.get(), &given, out, error); });
  }

  /// store() in the background; see Completion.
  /// @errors ErrorCode::kArg, kForked, kBusy  @threads any  @since 1.1
  Operation store_async(const Secrets& secrets, Completion<Store> done) const {
    return try_store_async(secrets, std::move(done)).value();
  }
  Expected<Operation> try_store_async(const Secrets& secrets, Completion<Store> done) const noexcept {
    const tsr_store_secrets given = secrets.to_c();
    return detail::start_op<Store, &detail::take_as<Store, &tsr_op_store>>(
        std::move(done), [&](auto... op) { return tsr_app_store_async(owner_.get(), &given, op...); });
  }

  /// Sends log records of every area of at least `level` to `sink` until the Subscription ends.
  /// @errors ErrorCode::kForked  @threads any  @since 1.0
  [[nodiscard]] Subscription on_log(LogLevel level, LogSink sink) {
    return try_on_log(level, std::move(sink)).value();
  }
  Expected<Subscription> try_on_log(LogLevel level, LogSink sink) noexcept {
    return detail::attach_sink(&tsr_app_on_log, owner_.get(), level, std::move(sink));
  }

  /// Closes every area; later calls, also through handles obtained from the app, give ErrorCode::kState.
  /// Again is fine.
  /// @errors ErrorCode::kForked, kBusy, kIo  @threads any  @blocks disk  @since 1.0
  void close(std::chrono::milliseconds timeout = kCloseTimeout) { try_close(timeout).value(); }
  Expected<void> try_close(std::chrono::milliseconds timeout = kCloseTimeout) noexcept {
    return detail::run(
        [&](tsr_error** error) { return tsr_app_close(owner_.get(), detail::to_timeout(timeout), error); });
  }

  /// close() in the background; see Completion.
  /// @errors ErrorCode::kForked, kBusy  @threads any  @since 1.0
  Operation close_async(std::chrono::milliseconds timeout, Completion<void> done) {
    return try_close_async(timeout, std::move(done)).value();
  }
  Expected<Operation> try_close_async(std::chrono::milliseconds timeout, Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_app_close_async(owner_.get(), detail::to_timeout(timeout), op...);
    });
  }

 private:
  static Expected<App> open_json(const std::string& json) {
    return detail::obtain_as<App, Owner>(
        [&](tsr_app** out, tsr_error** error) { return tsr_app_open(detail::borrow(json), out, error); });
  }
  static Expected<Operation> open_json_async(const std::string& json, Completion<App> done) {
    return detail::start_op<App, &detail::take_as<App, &tsr_op_app>>(
        std::move(done), [&](auto... op) { return tsr_app_open_async(detail::borrow(json), op...); });
  }

  Owner owner_;
};

}  // namespace tessera::inline v1

#endif
