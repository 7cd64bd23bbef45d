#include "license/service.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <utility>
#include <vector>

#include "license/import.hpp"
#include "license/install.hpp"
#include "license/snapshot.hpp"
#include "license/state_file.hpp"

namespace tessera {
namespace {

constexpr std::string_view kArea = "license";
constexpr int64_t kLockTimeoutMs = 5000;
constexpr int64_t kSettleLockTimeoutMs = 250;  // bookkeeping gives way to whoever holds the state
constexpr int64_t kMarkIntervalMs = int64_t{60} * 60 * 1000;
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
    const Work work(*this);
    // A folder that may not be made is told by the first call that writes: judging a file needs none.
    if (Status made = make_directories(config_.data_dir);
        !made.ok() && made.error().code != ErrorCode::kPERMISSION)
      return made;
    map_counter();
    probe();
    reload();
    static_cast<void>(settle(kSettleLockTimeoutMs));  // logged; the verdict stands without it
    return {};
  }

  Result<VerdictPtr> check() {
    bool changed_elsewhere = false;
    {
      const std::lock_guard guard(publish_mutex_);
      TSR_RETURN_IF_ERROR(check_open());
      changed_elsewhere = counter_->load() != seen_counter_;
      if (!changed_elsewhere) return current_verdict();
    }
    // Whoever holds the work lock is about to publish; until then the known verdict stands.
    if (const Work work(*this, std::try_to_lock); work.is_held()) reload();
    const std::lock_guard guard(publish_mutex_);
    return current_verdict();
  }

  std::optional<bool> is_current(const Verdict* known) {
    const std::lock_guard guard(publish_mutex_);
    if (closed_ || counter_->load() != seen_counter_ || !is_same_tick(ports_.clock->tick()))
      return std::nullopt;
    return verdict_.get() == known;
  }

  Result<VerdictPtr> refresh() {
    const Work work(*this);
    TSR_RETURN_IF_ERROR(check_open_now());
    probe();
    map_counter();
    reload();
    static_cast<void>(settle(kLockTimeoutMs));
    return evaluate();
  }

  Result<VerdictPtr> import_bundle(std::string_view bundle) {
    const Work work(*this);
    TSR_RETURN_IF_ERROR(check_open_now());
    const Status stored = change_state(kLockTimeoutMs, [&](LicenseState* state) -> Status {
      TSR_ASSIGN_OR_RETURN(const ImportResult result,
                           import_documents(bundle, context(), memory_, wall_ms(), state));
      time_proven_ = result.time_proven;
      memory_.floor_ms = result.memory_floor_ms;
      if (time_proven_) pull_back_meters(effective_now(*state), state);
      return {};
    });
    time_proven_ = false;
    if (!stored) {
      log(LogLevel::kWarn, "import_refused", stored.error().text);
      return stored.error();
    }
    VerdictPtr verdict = evaluate();
    log(LogLevel::kInfo, "import_done", license_code_text(verdict->code));
    return verdict;
  }

  Result<VerdictPtr> verify_bundle(std::string_view bundle) {
    std::shared_ptr<const Snapshot> snapshot;
    std::shared_ptr<const DeviceFactors> device;
    Now now{};
    {
      const std::lock_guard guard(publish_mutex_);
      TSR_RETURN_IF_ERROR(check_open());
      snapshot = snapshot_;
      device = device_;
      now = {wall_ms(), std::max(snapshot->floor_ms, run_floor_ms_)};
    }
    auto verdict = judge_bundle(bundle, {&config_, device.get(), kReleaseMs}, *snapshot, now);
    if (verdict) return std::make_shared<const Verdict>(std::move(*verdict));
    return std::make_shared<const Verdict>(
        denial(license_code_of(verdict.error()), verdict.error().text, now));
  }

  Result<VerdictPtr> start_trial(std::string_view token) {
    const Work work(*this);
    TSR_RETURN_IF_ERROR(check_open_now());
    TSR_RETURN_IF_ERROR(change_state(kLockTimeoutMs, [&](LicenseState* state) {
      return tessera::start_trial(token, snapshot_of(*state), context(), memory_, wall_ms(), state);
    }));
    return evaluate();
  }

  Result<std::string> request(const ActivationRequestOptions& options) {
    return change_and_return([&](LicenseState* state) {
      return make_request(options, snapshot_of(*state), context(), effective_now(*state), *ports_.random,
                          state);
    });
  }

  Result<std::string> deactivate() {
    auto proof = change_and_return([&](LicenseState* state) {
      return make_deactivation(snapshot_of(*state), context(), effective_now(*state), state);
    });
    if (proof) ports_.logger->write(LogLevel::kInfo, kArea, "deactivated", "the licence was given back");
    return proof;
  }

  Result<MeterReading> meter_add(std::string_view name, int64_t amount) {
    return change_and_return([&](LicenseState* state) {
      const Verdict verdict = judge(snapshot_of(*state), context(), wall_ms(), floor_now(*state));
      return add_to_meter(name, amount, verdict, state);
    });
  }

  Status close(int64_t timeout_ms) {
    {
      const std::lock_guard guard(publish_mutex_);
      closed_ = true;
    }
    const auto start = std::chrono::steady_clock::now();
    const Work work(*this, std::chrono::milliseconds(timeout_ms));
    if (!work.is_held())
      return Error{
          ErrorCode::kBUSY, "license", "a call on this licence is still at work; close it again", {}};
    if (is_settled_) return {};
    const auto waited = std::chrono::steady_clock::now() - start;
    const int64_t waited_ms = std::chrono::duration_cast<std::chrono::milliseconds>(waited).count();
    const Status settled = settle(std::max<int64_t>(timeout_ms - waited_ms, 0));
    is_settled_ = settled.ok();
    return settled;
  }

 private:
  struct Record {
    LogLevel level;
    std::string_view event;  // a literal
    std::string message;
  };

  /// Holds the work lock. Sinks get what was logged when it is free again, so that they may call back.
  class Work {
   public:
    template <class... How>
    explicit Work(Impl& impl, How... how) : impl_(impl), lock_(impl.work_mutex_, how...) {}
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    ~Work() {
      if (!is_held()) return;
      const std::vector<Record> records = std::exchange(impl_.records_, {});
      lock_.unlock();
      try {
        for (const Record& record : records)
          impl_.ports_.logger->write(record.level, kArea, record.event, record.message);
      } catch (...) {  // NOLINT(bugprone-empty-catch): a record is lost, the work is done
      }
    }
    bool is_held() const { return lock_.owns_lock(); }

   private:
    Impl& impl_;
    std::unique_lock<std::timed_mutex> lock_;
  };

  // --- Called with publish_mutex_ held. Memory only, so that a check never waits for a disk. ---

  Status check_open() const {
    if (closed_)
      return Error{ErrorCode::kSTATE, "license", "the licence handle is closed; open a new one", {}};
    return {};
  }

  bool is_same_tick(int64_t tick) const { return tick != 0 && tick == last_tick_; }

  /// The known verdict, evaluated again when time moved past what it was made for.
  VerdictPtr current_verdict() {
    const int64_t tick = ports_.clock->tick();
    if (is_same_tick(tick)) return verdict_;
    last_tick_ = tick;
    const int64_t now_ms = wall_ms();
    const int64_t boot_ms = ports_.clock->boot_ms();
    const int64_t due_ms = last_wall_ms_ + (boot_ms - last_boot_ms_);  // where the wall clock should be
    const bool is_steady = now_ms > due_ms - kClockJumpMs && now_ms < due_ms + kClockJumpMs;
    // A clock that was set back doesn't tell how far this run has come; boot time does.
    const bool is_outrun =
        verdict_->effective_time_ms > last_wall_ms_ && boot_ms - last_boot_ms_ >= kClockJumpMs;
    const bool is_due = verdict_->next_check_ms != 0 && std::max(now_ms, due_ms) >= verdict_->next_check_ms;
    if (!is_steady || is_outrun || is_due) publish_verdict(now_ms, boot_ms);
    return verdict_;
  }

  void publish_verdict(int64_t now_ms, int64_t boot_ms) {
    if (verdict_) advance_run_floor(boot_ms - last_boot_ms_);
    last_wall_ms_ = now_ms;
    last_boot_ms_ = boot_ms;
    const int64_t floor_ms = std::max(snapshot_->floor_ms, run_floor_ms_);
    verdict_ = std::make_shared<const Verdict>(judge(*snapshot_, context(), now_ms, floor_ms));
  }

  /// While we run, boot time tells how far the wall clock must have come at least. Like the mark it follows a
  /// clock that jumped ahead only so far.
  void advance_run_floor(int64_t elapsed_ms) {
    const int64_t believed_ms = std::min(last_wall_ms_, snapshot_->floor_ms + kMarkStepMs);
    run_floor_ms_ = std::max(run_floor_ms_, believed_ms) + elapsed_ms;
  }

  void forget_run() {
    run_floor_ms_ = 0;
    last_wall_ms_ = wall_ms();
    last_boot_ms_ = ports_.clock->boot_ms();
  }

  // --- Called with work_mutex_ held; they take publish_mutex_ only to publish. ---

  /// For the sinks, once the work is done.
  void log(LogLevel level, std::string_view event, std::string_view message) {
    records_.push_back({level, event, std::string(message)});
  }

  Status check_open_now() {
    const std::lock_guard guard(publish_mutex_);
    return check_open();
  }

  VerdictPtr evaluate() {
    const std::lock_guard guard(publish_mutex_);
    publish_verdict(wall_ms(), ports_.clock->boot_ms());
    return verdict_;
  }

  void publish(Snapshot snapshot, uint64_t counter) {
    const std::lock_guard guard(publish_mutex_);
    // Where a document proved the time, here or in another process, this run no longer knows better.
    if (snapshot_ && snapshot_->has_state && snapshot.state.proofs > snapshot_->state.proofs) forget_run();
    snapshot_ = std::make_shared<const Snapshot>(std::move(snapshot));
    seen_counter_ = counter;
    publish_verdict(wall_ms(), ports_.clock->boot_ms());
  }

  void map_counter() {
    if (counter_ && counter_->current()) return;
    std::shared_ptr<SharedCounter> counter = SharedCounter::open(config_.data_dir + "/license.gen");
    const std::lock_guard guard(publish_mutex_);
    counter_ = std::move(counter);
  }

  void probe() {
    auto device = ports_.probe->probe();
    if (!device) return log(LogLevel::kWarn, "probe_failed", device.error().text);
    const std::lock_guard guard(publish_mutex_);
    device_ = std::move(*device);
  }

  /// Rereads the state. A passing failure keeps what is known; only a first read shows it.
  void reload() {
    const uint64_t counter = counter_->load();
    // In the order opposite to writing, or a write in between would look like a restored state.
    memory_ = memory_file_.load();
    auto state = state_file_.load();
    if (state && *state) return publish(take_snapshot(std::move(**state), context(), memory_), counter);
    if (state) return publish(empty_snapshot(context(), memory_, std::nullopt), counter);
    log(LogLevel::kWarn, "state_unreadable", state.error().text);
    if (snapshot_ && snapshot_->has_state && !repairable(state.error())) return publish(*snapshot_, counter);
    publish(empty_snapshot(context(), memory_, as_store_problem(state.error())), counter);
  }

  /// Runs `change` on the newest state under the folder's lock and stores the result; on an error nothing
  /// changes.
  template <class Change>
  Status change_state(int64_t timeout_ms, Change change, bool may_create = true) {
    TSR_RETURN_IF_ERROR(make_directories(config_.data_dir));
    TSR_ASSIGN_OR_RETURN(const FileLock lock,
                         FileLock::acquire(config_.data_dir + "/license.lock", timeout_ms));
    auto loaded = state_file_.load();
    const bool damaged = !loaded && repairable(loaded.error());
    if (!loaded && !(damaged && may_create)) return std::move(loaded).error();
    if (loaded && !*loaded && !may_create) return {};
    LicenseState state = loaded && *loaded ? std::move(**loaded) : new_installation(*ports_.random);
    memory_ = memory_file_.load();
    notice_rollback(memory_, &state);
    TSR_RETURN_IF_ERROR(change(&state));
    update_mark(&state);
    pull_back_starts(&state);
    if (damaged) TSR_RETURN_IF_ERROR(state_file_.set_aside());
    ++state.generation;
    TSR_RETURN_IF_ERROR(state_file_.store(state));
    map_counter();
    counter_->increment();
    remember(state);
    reload();
    return {};
  }

  template <class Change>
  auto change_and_return(Change change) -> decltype(change(nullptr)) {
    const Work work(*this);
    TSR_RETURN_IF_ERROR(check_open_now());
    decltype(change(nullptr)) made = Error{};
    TSR_RETURN_IF_ERROR(change_state(kLockTimeoutMs, [&](LicenseState* state) -> Status {
      made = change(state);
      if (!made) return made.error();
      return {};
    }));
    return made;
  }

  /// Writes the second place. Losing it costs detection, not the licence, so a failure is only logged.
  void remember(const LicenseState& state) {
    const Snapshot written = snapshot_of(state);
    const int64_t floor_ms = std::max(state.signed_floor_ms, state.mark_ms);
    const int64_t now_ms = effective_now(state);
    const Status stored = memory_file_.update([&](DeviceMemory& memory) {
      if (time_proven_) memory.floor_ms = std::min(memory.floor_ms, memory_.floor_ms);
      memory.floor_ms = std::max(memory.floor_ms, floor_ms);
      memory.installations[written.install_key_id] = {state.generation, now_ms};
      if (state.trial) memory.trials.insert(state.trial->id);
      for (const Tombstone& tombstone : state.tombstones) memory.tombstones.insert(tombstone.license_id);
      if (written.license) remember_rebind(written.license->claims.id, state.rebind_since_ms, memory);
    });
    if (!stored) log(LogLevel::kWarn, "memory_not_written", stored.error().text);
  }

  /// Deleting the state must not start the grace of a licence anew.
  static void remember_rebind(const std::string& license_id, int64_t since_ms, DeviceMemory& memory) {
    if (since_ms == 0) {
      memory.rebinds.erase(license_id);
      return;
    }
    int64_t& first_ms = memory.rebinds.try_emplace(license_id, since_ms).first->second;
    first_ms = std::min(first_ms, since_ms);
  }

  /// Bookkeeping that time brings: the clock mark, when drift began, a rollback that was seen. It never
  /// starts a new state where there is none or a damaged one.
  Status settle(int64_t timeout_ms) {
    if (!snapshot_->has_state) return {};
    LicenseState wanted = snapshot_->state;
    bool moved = update_mark(&wanted);
    moved = update_drift(*snapshot_, &wanted) || moved;  // in this order: each must run
    moved = pull_back_starts(&wanted) || moved;
    if (!moved && !snapshot_->rollback_noticed) return {};
    const Status stored = change_state(
        timeout_ms,
        [this](LicenseState* state) -> Status {
          update_drift(snapshot_of(*state), state);
          return {};
        },
        /*may_create=*/false);
    if (!stored) log(LogLevel::kWarn, "mark_not_written", stored.error().text);
    return stored;
  }

  /// True when it changed `*state`, here and below.
  bool update_mark(LicenseState* state) const {
    const int64_t boot_ms = ports_.clock->boot_ms();
    const bool hour_passed =
        boot_ms < state->mark_boot_ms || boot_ms - state->mark_boot_ms >= kMarkIntervalMs;
    if (!hour_passed && state->mark_ms != 0) return false;
    const int64_t known_ms = std::max({state->mark_ms, state->signed_floor_ms, kReleaseMs});
    // It starts from a time that is known to be true: the wall clock alone could name any year.
    const int64_t next_ms = state->mark_ms == 0 ? known_ms : std::min(wall_ms(), known_ms + kMarkStepMs);
    if (next_ms <= state->mark_ms) return false;
    state->mark_ms = next_ms;
    state->mark_boot_ms = boot_ms;
    return true;
  }

  bool update_drift(const Snapshot& snapshot, LicenseState* state) {
    const auto differs = hardware_differs(snapshot);
    if (!differs || *differs == (state->drift_since_ms != 0)) return false;
    state->drift_since_ms = *differs ? effective_now(*state) : 0;
    return true;
  }

  /// Whether the machine isn't, or can't be seen to be, the one of the licence; nothing when that names none.
  std::optional<bool> hardware_differs(const Snapshot& snapshot) const {
    if (snapshot.match) return snapshot.match->outcome != MatchOutcome::kOk;
    if (!snapshot.license || snapshot.license->claims.legacy_hwid.empty()) return std::nullopt;
    return device_ == nullptr || device_->legacy_digest().empty();
  }

  /// What began while the clock ran ahead began by now at the latest; else it would never end.
  bool pull_back_starts(LicenseState* state) {
    const int64_t now_ms = effective_now(*state);
    bool moved = false;
    const auto pull_back = [&](int64_t& start_ms) {
      if (start_ms <= now_ms + kClockToleranceMs) return;
      start_ms = now_ms;
      moved = true;
    };
    pull_back(state->drift_since_ms);
    pull_back(state->rebind_since_ms);
    if (state->trial) pull_back(state->trial->started_ms);
    return moved;
  }

  Snapshot snapshot_of(const LicenseState& state) { return take_snapshot(state, context(), memory_); }

  /// What was written down or this process has already seen.
  int64_t floor_now(const LicenseState& state) {
    const std::lock_guard guard(publish_mutex_);
    const int64_t run_floor_ms = time_proven_ ? 0 : run_floor_ms_;
    return std::max(clock_floor(state, memory_, kReleaseMs), run_floor_ms);
  }
  /// The time for new records.
  int64_t effective_now(const LicenseState& state) { return std::max(wall_ms(), floor_now(state)); }

  // --- No lock needed, or whichever guards what they touch. ---

  int64_t wall_ms() const { return ports_.clock->wall_ms(); }
  LicenseContext context() const { return {&config_, device_.get(), kReleaseMs}; }

  const LicenseConfig config_;
  const LicensePorts ports_;

  /// Serialises everything that touches files. Taken before publish_mutex_.
  std::timed_mutex work_mutex_;
  std::vector<Record> records_;
  bool is_settled_ = false;
  StateFile state_file_;
  MemoryFile memory_file_;
  DeviceMemory memory_;       // as last read
  bool time_proven_ = false;  // by the import under way

  /// Guards what a check reads; held only for memory work.
  std::mutex publish_mutex_;
  // Written with both locks held, so that the holder of either may read.
  std::shared_ptr<SharedCounter> counter_;
  std::shared_ptr<const DeviceFactors> device_;
  std::shared_ptr<const Snapshot> snapshot_;
  // Read and written with publish_mutex_ held.
  VerdictPtr verdict_;
  uint64_t seen_counter_ = 0;
  int64_t last_wall_ms_ = 0;
  int64_t last_boot_ms_ = 0;
  int64_t last_tick_ = 0;  // of the last look at the clock
  int64_t run_floor_ms_ = 0;
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
std::optional<bool> LicenseService::is_current(const Verdict* known) { return impl_->is_current(known); }
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
