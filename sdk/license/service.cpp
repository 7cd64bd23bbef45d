#include "license/service.hpp"

#include <algorithm>
#include <mutex>

#include "license/import.hpp"
#include "license/install.hpp"
#include "license/snapshot.hpp"
#include "license/state_file.hpp"

namespace tessera {
namespace {

constexpr int64_t kLockTimeoutMs = 5000;
constexpr int64_t kSettleLockTimeoutMs = 250;  // bookkeeping gives way to whoever holds the state
constexpr int64_t kMarkIntervalMs = int64_t{60} * 60 * 1000;
constexpr int64_t kMarkStepMs =
    30 * kDaySeconds * 1000;  // a bogus future clock can't push the mark out of reach
constexpr int64_t kClockJumpMs = 60 * 1000;
constexpr int64_t kReleaseMs = int64_t{TESSERA_RELEASE_EPOCH} * 1000;

/// Failures of the state itself, which an import repairs by starting a new state.
bool repairable(const Error& error) {
  const LicenseCode code = license_code_of(error);
  return error.code == ErrorCode::kLICENSE &&
         (code == LicenseCode::kSTORE_CORRUPT || code == LicenseCode::kSTORE_KEY);
}

/// What a verdict says about a state that can't be read.
Error as_store_problem(const Error& error) {
  if (error.code == ErrorCode::kLICENSE) return error;
  return license_error(error.code == ErrorCode::kPERMISSION ? LicenseCode::kFILE_PERMISSION
                                                            : LicenseCode::kSTORE_IO);
}

}  // namespace

class LicenseService::Impl {
 public:
  Impl(LicenseConfig config, const LicensePorts& ports)
      : config_(std::move(config)),
        ports_(ports),
        state_file_(*ports.files, *ports.random, os_keystore(), config_),
        memory_file_(*ports.files, *ports.random, config_.memory_dir, config_.product) {}

  Status open() {
    const std::lock_guard guard(mutex_);
    TSR_RETURN_IF_ERROR(make_directories(config_.data_dir));
    counter_ = SharedCounter::open(config_.data_dir + "/license.gen");
    probe();
    reload();
    static_cast<void>(settle(kSettleLockTimeoutMs));  // logged; the verdict stands without it
    evaluate();
    return {};
  }

  Result<VerdictPtr> check() {
    const std::lock_guard guard(mutex_);
    TSR_RETURN_IF_ERROR(check_open());
    const int64_t wall_ms = ports_.clock->wall_ms();
    const int64_t boot_ms = ports_.clock->boot_ms();
    const uint64_t counter = counter_->load();
    if (counter != seen_counter_) {
      reload();
    } else if (wall_ms >= last_wall_ms_ &&
               (verdict_->next_check_ms == 0 || wall_ms < verdict_->next_check_ms) &&
               (wall_ms - last_wall_ms_) - (boot_ms - last_boot_ms_) < kClockJumpMs) {
      return verdict_;
    }
    evaluate();
    return verdict_;
  }

  Result<VerdictPtr> refresh() {
    const std::lock_guard guard(mutex_);
    TSR_RETURN_IF_ERROR(check_open());
    probe();
    if (!counter_->current()) counter_ = SharedCounter::open(config_.data_dir + "/license.gen");
    reload();
    static_cast<void>(settle(kLockTimeoutMs));
    evaluate();
    return verdict_;
  }

  Result<VerdictPtr> import_bundle(std::string_view bundle) {
    const std::lock_guard guard(mutex_);
    TSR_RETURN_IF_ERROR(check_open());
    bool time_proven = false;
    const Status stored = change_state(
        kLockTimeoutMs,
        [&](LicenseState* state) -> Status {
          TSR_ASSIGN_OR_RETURN(const ImportResult result,
                               import_documents(bundle, context_, memory_file_.load(), now_ms(), state));
          time_proven = result.time_proven;
          return {};
        },
        &time_proven);
    if (!stored) {
      log(LogLevel::kWarn, "import_refused", stored.error().text);
      return stored.error();
    }
    evaluate();
    log(LogLevel::kInfo, "import_done", license_code_text(verdict_->code));
    return verdict_;
  }

  Result<VerdictPtr> verify_bundle(std::string_view bundle) {
    const std::lock_guard guard(mutex_);
    TSR_RETURN_IF_ERROR(check_open());
    const int64_t wall_ms = now_ms();
    auto verdict = judge_bundle(bundle, context_, snapshot_, wall_ms);
    if (verdict) return std::make_shared<const Verdict>(std::move(*verdict));
    return std::make_shared<const Verdict>(
        denial(license_code_of(verdict.error()), verdict.error().text, {wall_ms, snapshot_.floor_ms}));
  }

  Result<VerdictPtr> start_trial(std::string_view token) {
    const std::lock_guard guard(mutex_);
    TSR_RETURN_IF_ERROR(check_open());
    TSR_RETURN_IF_ERROR(change_state(kLockTimeoutMs, [&](LicenseState* state) {
      return tessera::start_trial(token, snapshot_of(*state), context_, memory_file_.load(), now_ms(), state);
    }));
    evaluate();
    return verdict_;
  }

  Result<std::string> request(const ActivationRequestOptions& options) {
    return change_and_return([&](LicenseState* state) {
      return make_request(options, snapshot_of(*state), context_, effective_now(*state), *ports_.random,
                          state);
    });
  }

  Result<std::string> deactivate() {
    auto proof = change_and_return([&](LicenseState* state) {
      return make_deactivation(snapshot_of(*state), context_, effective_now(*state), state);
    });
    if (proof) log(LogLevel::kInfo, "deactivated", "the licence was given back");
    return proof;
  }

  Result<MeterReading> meter_add(std::string_view name, int64_t amount) {
    return change_and_return([&](LicenseState* state) {
      const Verdict verdict = judge(snapshot_of(*state), context_, now_ms());
      return add_to_meter(name, amount, verdict, state);
    });
  }

  Status close(int64_t timeout_ms) {
    const std::lock_guard guard(mutex_);
    if (closed_) return {};
    closed_ = true;
    return settle(timeout_ms);
  }

 private:
  // Everything below expects mutex_ to be held.

  Status check_open() const {
    if (closed_)
      return Error{ErrorCode::kSTATE, "license", "the licence handle is closed; open a new one", {}};
    return {};
  }

  /// Wall time that never falls behind what this process already saw while it ran.
  int64_t now_ms() const { return ports_.clock->wall_ms(); }
  int64_t effective_now(const LicenseState& state) const {
    return std::max({now_ms(), state.signed_floor_ms, state.mark_ms, run_floor_ms_});
  }

  void probe() {
    auto device = ports_.probe->probe();
    if (device) {
      device_ = std::move(*device);
    } else {
      log(LogLevel::kWarn, "probe_failed", device.error().text);
    }
    context_ = {&config_, device_.get(), kReleaseMs};
  }

  Snapshot snapshot_of(const LicenseState& state) {
    return take_snapshot(state, context_, memory_file_.load());
  }

  /// Rereads the state. A passing failure keeps what is known; only a first read shows it.
  void reload() {
    seen_counter_ = counter_->load();
    auto state = state_file_.load();
    const DeviceMemory memory = memory_file_.load();
    if (state && *state) {
      snapshot_ = take_snapshot(std::move(**state), context_, memory);
    } else if (state) {
      snapshot_ = empty_snapshot(context_, memory, std::nullopt);
    } else if (!snapshot_.has_state || repairable(state.error())) {
      log(LogLevel::kWarn, "state_unreadable", state.error().text);
      snapshot_ = empty_snapshot(context_, memory, as_store_problem(state.error()));
    } else {
      log(LogLevel::kWarn, "state_unreadable", state.error().text);
    }
  }

  void evaluate() {
    const int64_t wall_ms = now_ms();
    const int64_t boot_ms = ports_.clock->boot_ms();
    if (verdict_) run_floor_ms_ = std::max(run_floor_ms_, last_wall_ms_ + (boot_ms - last_boot_ms_));
    snapshot_.floor_ms = std::max(snapshot_.floor_ms, run_floor_ms_);
    last_wall_ms_ = wall_ms;
    last_boot_ms_ = boot_ms;
    verdict_ = std::make_shared<const Verdict>(judge(snapshot_, context_, wall_ms));
  }

  /// Runs `change` on the newest state under the folder's lock and stores the result; on an error nothing
  /// changes.
  template <class Change>
  Status change_state(int64_t timeout_ms, Change change, const bool* time_proven = nullptr) {
    TSR_ASSIGN_OR_RETURN(const FileLock lock,
                         FileLock::acquire(config_.data_dir + "/license.lock", timeout_ms));
    auto loaded = state_file_.load();
    const bool damaged = !loaded && repairable(loaded.error());
    if (!loaded && !damaged) return std::move(loaded).error();
    LicenseState state = loaded && *loaded ? std::move(**loaded) : new_installation(*ports_.random);
    TSR_RETURN_IF_ERROR(change(&state));
    if (damaged) TSR_RETURN_IF_ERROR(state_file_.set_aside());
    ++state.generation;
    TSR_RETURN_IF_ERROR(state_file_.store(state));
    if (!counter_->current()) counter_ = SharedCounter::open(config_.data_dir + "/license.gen");
    counter_->increment();
    remember(state, time_proven != nullptr && *time_proven);
    reload();
    return {};
  }

  template <class Change>
  auto change_and_return(Change change) -> decltype(change(nullptr)) {
    const std::lock_guard guard(mutex_);
    TSR_RETURN_IF_ERROR(check_open());
    decltype(change(nullptr)) made = Error{};
    TSR_RETURN_IF_ERROR(change_state(kLockTimeoutMs, [&](LicenseState* state) -> Status {
      made = change(state);
      if (!made) return made.error();
      return {};
    }));
    evaluate();
    return made;
  }

  /// Writes the second place. Losing it costs detection, not the licence, so a failure is only logged.
  void remember(const LicenseState& state, bool time_proven) {
    const std::string id = ed25519_thumbprint(state.install_key->public_key());
    const int64_t floor_ms = std::max(state.signed_floor_ms, state.mark_ms);
    const Status stored = memory_file_.update([&](DeviceMemory& memory) {
      memory.floor_ms = time_proven ? floor_ms : std::max(memory.floor_ms, floor_ms);
      memory.generations[id] = state.generation;
      if (state.trial) memory.trials.insert(state.trial->id);
    });
    if (!stored) log(LogLevel::kWarn, "memory_not_written", stored.error().text);
    if (time_proven) run_floor_ms_ = 0;
  }

  /// Bookkeeping that time brings: the clock mark, when drift began, a rollback that was seen.
  Status settle(int64_t timeout_ms) {
    if (!snapshot_.has_state) return {};
    LicenseState wanted = snapshot_.state;
    update_mark(&wanted);
    update_drift(&wanted);
    const LicenseState& known = snapshot_.state;
    const bool unchanged = wanted.mark_ms == known.mark_ms && wanted.drift_since_ms == known.drift_since_ms &&
                           (!known.rolled_back || rollback_stored_);
    if (unchanged) return {};
    const Status stored = change_state(timeout_ms, [&](LicenseState* state) -> Status {
      state->mark_ms = std::max(state->mark_ms, wanted.mark_ms);
      state->mark_boot_ms = wanted.mark_boot_ms;
      state->drift_since_ms = wanted.drift_since_ms;
      state->rolled_back = wanted.rolled_back;
      return {};
    });
    if (stored) {
      rollback_stored_ = wanted.rolled_back;
    } else {
      log(LogLevel::kWarn, "mark_not_written", stored.error().text);
    }
    return stored;
  }

  void update_mark(LicenseState* state) const {
    const int64_t boot_ms = ports_.clock->boot_ms();
    const bool hour_passed =
        boot_ms < state->mark_boot_ms || boot_ms - state->mark_boot_ms >= kMarkIntervalMs;
    const int64_t wall_ms = now_ms();
    if (!hour_passed && state->mark_ms != 0) return;
    const int64_t known_ms = std::max({state->mark_ms, state->signed_floor_ms, kReleaseMs});
    const int64_t next_ms = known_ms == 0 ? wall_ms : std::min(wall_ms, known_ms + kMarkStepMs);
    if (next_ms <= state->mark_ms) return;
    state->mark_ms = next_ms;
    state->mark_boot_ms = boot_ms;
  }

  void update_drift(LicenseState* state) const {
    if (!snapshot_.match) return;
    const bool differs = snapshot_.match->outcome != MatchOutcome::kOk;
    if (!differs) {
      state->drift_since_ms = 0;
    } else if (state->drift_since_ms == 0) {
      state->drift_since_ms = effective_now(*state);
    }
  }

  void log(LogLevel level, std::string_view event, std::string_view message) const {
    ports_.logger->write(level, "license", event, message);
  }

  const LicenseConfig config_;
  const LicensePorts ports_;

  std::mutex mutex_;
  // Guarded by mutex_.
  StateFile state_file_;
  MemoryFile memory_file_;
  std::unique_ptr<SharedCounter> counter_;
  std::shared_ptr<const DeviceFactors> device_;
  LicenseContext context_{};
  Snapshot snapshot_;
  VerdictPtr verdict_;
  uint64_t seen_counter_ = 0;
  int64_t last_wall_ms_ = 0;
  int64_t last_boot_ms_ = 0;
  int64_t run_floor_ms_ = 0;
  bool rollback_stored_ = false;
  bool closed_ = false;
};

LicenseService::LicenseService(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LicenseService::~LicenseService() = default;

Result<std::unique_ptr<LicenseService>> LicenseService::open(LicenseConfig config,
                                                             const LicensePorts& ports) {
  auto impl = std::make_unique<Impl>(std::move(config), ports);
  TSR_RETURN_IF_ERROR(impl->open());
  return std::unique_ptr<LicenseService>(new LicenseService(std::move(impl)));
}

Result<LicenseService::VerdictPtr> LicenseService::check() { return impl_->check(); }
Result<LicenseService::VerdictPtr> LicenseService::refresh() { return impl_->refresh(); }
Result<LicenseService::VerdictPtr> LicenseService::import_bundle(std::string_view bundle) {
  return impl_->import_bundle(bundle);
}
Result<LicenseService::VerdictPtr> LicenseService::verify_bundle(std::string_view bundle) {
  return impl_->verify_bundle(bundle);
}
Result<LicenseService::VerdictPtr> LicenseService::start_trial(std::string_view token) {
  return impl_->start_trial(token);
}
Result<std::string> LicenseService::request(const ActivationRequestOptions& options) {
  return impl_->request(options);
}
Result<std::string> LicenseService::deactivate() { return impl_->deactivate(); }
Result<MeterReading> LicenseService::meter_add(std::string_view name, int64_t amount) {
  return impl_->meter_add(name, amount);
}
Status LicenseService::close(int64_t timeout_ms) { return impl_->close(timeout_ms); }

}  // namespace tessera
