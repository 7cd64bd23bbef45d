/// @file tessera/cpp/license.hpp  Is this application licensed on this machine, and why.
///
/// @code
/// tessera::License license = tessera::License::open(
///     {.product = "player", .data_dir = "~/.local/share/player", .trusted_keys = {kRootKey}});
/// if (!license.check()) license.import_bundle(read_file("player.lic"));
/// @endcode
#ifndef TESSERA_CPP_LICENSE_HPP
#define TESSERA_CPP_LICENSE_HPP

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "tessera/cpp/config.hpp"
#include "tessera/cpp/json_text.hpp"
#include "tessera/cpp/log.hpp"
#include "tessera/cpp/operation.hpp"
#include "tessera/cpp/verdict.hpp"

namespace tessera::inline v1 {

/// What License::request() takes.  @since 1.0
struct RequestOptions {
  std::string_view license_key{};  ///< The customer's licence key (XXXXX-...), if any. Borrowed for the call.
  std::string_view note{};         ///< Free text for the issuer, at most 256 bytes. Borrowed for the call.
};

/// Use of a metered entitlement in the current period.  @since 1.0
struct MeterReading {
  std::int64_t used;
  std::int64_t limit;
};

/// The licence of one product in one data folder. Move-only; the destructor writes nothing.
/// @threads any  @since 1.0
class License {
 public:
  using Owner = detail::Handle<tsr_license, &tsr_license_free>;

  /// For the facade's own use.
  explicit License(Owner owner) noexcept : owner_(std::move(owner)) {}

  /// Reads the state file, probes the hardware and evaluates. A missing or damaged state is not an error: the
  /// verdict says so and the next import repairs it.
  /// @errors ErrorCode::kArg, kIo, kPermission, kDiskFull, kLicense (HW_CUSTOM_INVALID)
  /// @threads any  @blocks disk  @since 1.0
  static License open(const AppConfig& config) { return try_open(config).value(); }
  static License open(const JsonText& config) { return try_open(config).value(); }
  static Expected<License> try_open(const AppConfig& config) noexcept { return open_json(config.to_json()); }
  static Expected<License> try_open(const JsonText& config) noexcept { return open_json(config.to_json()); }

  /// open() in the background; see Completion.
  /// @errors ErrorCode::kArg, kBusy  @threads any  @since 1.0
  static Operation open_async(const AppConfig& config, Completion<License> done) {
    return try_open_async(config, std::move(done)).value();
  }
  static Operation open_async(const JsonText& config, Completion<License> done) {
    return try_open_async(config, std::move(done)).value();
  }
  static Expected<Operation> try_open_async(const AppConfig& config, Completion<License> done) noexcept {
    return open_json_async(config.to_json(), std::move(done));
  }
  static Expected<Operation> try_open_async(const JsonText& config, Completion<License> done) noexcept {
    return open_json_async(config.to_json(), std::move(done));
  }

  /// The current verdict: a memory read that never writes and never waits.
  /// @errors ErrorCode::kState (closed), kForked  @threads any  @since 1.0
  Verdict check() const { return try_check().value(); }
  Expected<Verdict> try_check() const noexcept {
    return detail::obtain_as<Verdict, Verdict::Owner>(
        [&](tsr_verdict** out, tsr_error** error) { return tsr_license_check(owner_.get(), out, error); });
  }

  /// Whether check() would give this very verdict again; false when it would fail.  @threads any  @since 1.0
  bool is_current(const Verdict& verdict) const noexcept {
    return tsr_license_is_current(owner_.get(), verdict.owner_.get()) != 0;
  }

  /// Probes the hardware again, rereads the state and moves the clock mark on; for start-up and about hourly.
  /// @errors ErrorCode::kState, kForked, kBusy, kIo  @threads any  @blocks disk  @since 1.0
  Verdict refresh() { return try_refresh().value(); }
  Expected<Verdict> try_refresh() noexcept {
    return detail::obtain_as<Verdict, Verdict::Owner>(
        [&](tsr_verdict** out, tsr_error** error) { return tsr_license_refresh(owner_.get(), out, error); });
  }

  /// refresh() in the background; see Completion.
  /// @errors ErrorCode::kArg, kForked, kBusy  @threads any  @since 1.0
  Operation refresh_async(Completion<Verdict> done) { return try_refresh_async(std::move(done)).value(); }
  Expected<Operation> try_refresh_async(Completion<Verdict> done) noexcept {
    return start_verdict(std::move(done),
                         [&](auto... op) { return tsr_license_refresh_async(owner_.get(), op...); });
  }

  /// Verifies the bytes of a `.lic` file, or of one token, and stores all of it or nothing.
  /// @errors ErrorCode::kLicense (why it was refused), kState, kForked, kBusy, kIo, kPermission, kDiskFull
  /// @threads any  @blocks disk  @since 1.0
  Verdict import_bundle(std::string_view bundle) { return try_import_bundle(bundle).value(); }
  Expected<Verdict> try_import_bundle(std::string_view bundle) noexcept {
    return detail::obtain_as<Verdict, Verdict::Owner>([&](tsr_verdict** out, tsr_error** error) {
      return tsr_license_import(owner_.get(), bundle.data(), bundle.size(), out, error);
    });
  }

  /// import_bundle() in the background, with a copy of `bundle`; see Completion.
  /// @errors ErrorCode::kArg, kForked, kBusy  @threads any  @since 1.0
  Operation import_bundle_async(std::string_view bundle, Completion<Verdict> done) {
    return try_import_bundle_async(bundle, std::move(done)).value();
  }
  Expected<Operation> try_import_bundle_async(std::string_view bundle, Completion<Verdict> done) noexcept {
    return start_verdict(std::move(done), [&](auto... op) {
      return tsr_license_import_async(owner_.get(), bundle.data(), bundle.size(), op...);
    });
  }

  /// Judges the bytes of a `.lic` file on this machine and stores nothing. A bad document is no error: the
  /// verdict says what is wrong with it.
  /// @errors ErrorCode::kState, kForked  @threads any  @blocks cpu  @since 1.0
  Verdict verify_bundle(std::string_view bundle) const { return try_verify_bundle(bundle).value(); }
  Expected<Verdict> try_verify_bundle(std::string_view bundle) const noexcept {
    return detail::obtain_as<Verdict, Verdict::Owner>([&](tsr_verdict** out, tsr_error** error) {
      return tsr_license_verify(owner_.get(), bundle.data(), bundle.size(), out, error);
    });
  }

  /// verify_bundle() in the background, with a copy of `bundle`; see Completion.
  /// @errors ErrorCode::kArg, kForked, kBusy  @threads any  @since 1.0
  Operation verify_bundle_async(std::string_view bundle, Completion<Verdict> done) const {
    return try_verify_bundle_async(bundle, std::move(done)).value();
  }
  Expected<Operation> try_verify_bundle_async(std::string_view bundle,
                                              Completion<Verdict> done) const noexcept {
    return start_verdict(std::move(done), [&](auto... op) {
      return tsr_license_verify_async(owner_.get(), bundle.data(), bundle.size(), op...);
    });
  }

  /// An activation request for the issuer, one compact JWS; also the way to renew or rebind.
  /// @errors ErrorCode::kLicense (LICENSE_KEY_INVALID, HW_NO_COMPONENTS), kState, kForked, kBusy, kIo
  /// @threads any  @blocks disk  @since 1.0
  std::string request(const RequestOptions& options = {}) { return try_request(options).value(); }
  Expected<std::string> try_request(const RequestOptions& options = {}) noexcept {
    const tsr_request_opts opts = to_opts(options);
    return detail::obtain_text([&](tsr_buf* out, tsr_error** error) {
      return tsr_license_request(owner_.get(), &opts, out, error);
    });
  }

  /// request() in the background, with a copy of `options`; see Completion.
  /// @errors ErrorCode::kArg, kForked, kBusy  @threads any  @since 1.0
  Operation request_async(const RequestOptions& options, Completion<std::string> done) {
    return try_request_async(options, std::move(done)).value();
  }
  Expected<Operation> try_request_async(const RequestOptions& options,
                                        Completion<std::string> done) noexcept {
    const tsr_request_opts opts = to_opts(options);
    return detail::start_op<std::string, &detail::take_text>(
        std::move(done), [&](auto... op) { return tsr_license_request_async(owner_.get(), &opts, op...); });
  }

  /// Starts the trial that the issuer's token grants and binds it to this machine.
  /// @errors ErrorCode::kLicense (TRIAL_USED, ...), kState, kForked, kBusy, kIo
  /// @threads any  @blocks disk  @since 1.0
  Verdict start_trial(std::string_view token) { return try_start_trial(token).value(); }
  Expected<Verdict> try_start_trial(std::string_view token) noexcept {
    return detail::obtain_as<Verdict, Verdict::Owner>([&](tsr_verdict** out, tsr_error** error) {
      return tsr_license_start_trial(owner_.get(), token.data(), token.size(), out, error);
    });
  }

  /// start_trial() in the background, with a copy of `token`; see Completion.
  /// @errors ErrorCode::kArg, kForked, kBusy  @threads any  @since 1.0
  Operation start_trial_async(std::string_view token, Completion<Verdict> done) {
    return try_start_trial_async(token, std::move(done)).value();
  }
  Expected<Operation> try_start_trial_async(std::string_view token, Completion<Verdict> done) noexcept {
    return start_verdict(std::move(done), [&](auto... op) {
      return tsr_license_start_trial_async(owner_.get(), token.data(), token.size(), op...);
    });
  }

  /// Gives the licence back for good and returns a signed proof for the issuer; again, the same proof.
  /// @errors ErrorCode::kLicense (NO_LICENSE), kState, kForked, kBusy, kIo  @threads any  @blocks disk
  /// @since 1.0
  std::string deactivate() { return try_deactivate().value(); }
  Expected<std::string> try_deactivate() noexcept {
    return detail::obtain_text(
        [&](tsr_buf* out, tsr_error** error) { return tsr_license_deactivate(owner_.get(), out, error); });
  }

  /// deactivate() in the background; see Completion.
  /// @errors ErrorCode::kArg, kForked, kBusy  @threads any  @since 1.0
  Operation deactivate_async(Completion<std::string> done) {
    return try_deactivate_async(std::move(done)).value();
  }
  Expected<Operation> try_deactivate_async(Completion<std::string> done) noexcept {
    return detail::start_op<std::string, &detail::take_text>(
        std::move(done), [&](auto... op) { return tsr_license_deactivate_async(owner_.get(), op...); });
  }

  /// Uses `amount` of a metered entitlement, all or nothing; durable before it returns. 0 only reads.
  /// @errors ErrorCode::kArg, kLicense (METER_LIMIT, METER_UNKNOWN, or why the licence is not usable),
  /// kState, kForked, kBusy, kIo  @threads any  @blocks disk  @since 1.0
  MeterReading meter_add(std::string_view name, std::int64_t amount) {
    return try_meter_add(name, amount).value();
  }
  Expected<MeterReading> try_meter_add(std::string_view name, std::int64_t amount) noexcept {
    MeterReading reading{};
    const Expected<void> done = detail::run([&](tsr_error** error) {
      return tsr_license_meter_add(owner_.get(), detail::borrow(name), amount, &reading.used, &reading.limit,
                                   error);
    });
    if (!done) return done.error();
    return reading;
  }

  /// meter_add() in the background; see Completion.
  /// @errors ErrorCode::kArg, kForked, kBusy  @threads any  @since 1.0
  Operation meter_add_async(std::string_view name, std::int64_t amount, Completion<MeterReading> done) {
    return try_meter_add_async(name, amount, std::move(done)).value();
  }
  Expected<Operation> try_meter_add_async(std::string_view name, std::int64_t amount,
                                          Completion<MeterReading> done) noexcept {
    return detail::start_op<MeterReading, &take_meter>(std::move(done), [&](auto... op) {
      return tsr_license_meter_add_async(owner_.get(), detail::borrow(name), amount, op...);
    });
  }

  /// Sends log records of at least `level` to `sink` until the Subscription ends.
  /// @errors ErrorCode::kForked  @threads any  @since 1.0
  [[nodiscard]] Subscription on_log(LogLevel level, LogSink sink) {
    return try_on_log(level, std::move(sink)).value();
  }
  Expected<Subscription> try_on_log(LogLevel level, LogSink sink) noexcept {
    return detail::attach_sink(&tsr_license_on_log, owner_.get(), level, std::move(sink));
  }

  /// Stores the clock mark and ends the handle's work; later calls give ErrorCode::kState. Again is fine.
  /// @errors ErrorCode::kForked, kBusy (another process holds the state for `timeout`), kIo
  /// @threads any  @blocks disk  @since 1.0
  void close(std::chrono::milliseconds timeout = kCloseTimeout) { try_close(timeout).value(); }
  Expected<void> try_close(std::chrono::milliseconds timeout = kCloseTimeout) noexcept {
    return detail::run([&](tsr_error** error) {
      return tsr_license_close(owner_.get(), detail::to_timeout(timeout), error);
    });
  }

  /// close() in the background; see Completion.
  /// @errors ErrorCode::kArg, kForked, kBusy  @threads any  @since 1.0
  Operation close_async(std::chrono::milliseconds timeout, Completion<void> done) {
    return try_close_async(timeout, std::move(done)).value();
  }
  Expected<Operation> try_close_async(std::chrono::milliseconds timeout, Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_license_close_async(owner_.get(), detail::to_timeout(timeout), op...);
    });
  }

 private:
  static Expected<License> open_json(const std::string& json) {
    return detail::obtain_as<License, Owner>([&](tsr_license** out, tsr_error** error) {
      return tsr_license_open(detail::borrow(json), out, error);
    });
  }
  static Expected<Operation> open_json_async(const std::string& json, Completion<License> done) {
    return detail::start_op<License, &detail::take_as<License, &tsr_op_license>>(
        std::move(done), [&](auto... op) { return tsr_license_open_async(detail::borrow(json), op...); });
  }
  template <typename Start>
  static Expected<Operation> start_verdict(Completion<Verdict> done, Start&& start) {
    return detail::start_op<Verdict, &detail::take_as<Verdict, &tsr_op_verdict>>(std::move(done),
                                                                                 std::forward<Start>(start));
  }
  static Expected<MeterReading> take_meter(tsr_op* op) {
    MeterReading reading{};
    const Expected<void> done = detail::run(
        [&](tsr_error** error) { return tsr_op_meter(op, &reading.used, &reading.limit, error); });
    if (!done) return done.error();
    return reading;
  }
  static tsr_request_opts to_opts(const RequestOptions& options) noexcept {
    tsr_request_opts opts;
    tsr_request_opts_init(&opts, sizeof opts);
    opts.license_key = detail::borrow_if_any(options.license_key);
    opts.note = detail::borrow_if_any(options.note);
    return opts;
  }

  Owner owner_;
};

/// Header and claims of any Tessera document or RS256 token as JSON, WITHOUT verifying it; a `.lic` file
/// gives an array. For people and tools; never decide anything by it.
/// @errors ErrorCode::kLicense (TOKEN_MALFORMED, TOKEN_TOO_LARGE)  @threads any  @since 1.0
inline Expected<std::string> try_inspect(std::string_view document) noexcept {
  return detail::obtain_text([&](tsr_buf* out, tsr_error** error) {
    return tsr_document_inspect(document.data(), document.size(), out, error);
  });
}
inline std::string inspect(std::string_view document) { return try_inspect(document).value(); }

}  // namespace tessera::inline v1

#endif
