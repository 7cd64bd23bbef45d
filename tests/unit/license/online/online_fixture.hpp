// A machine with a licence service behind a transport that the test scripts.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

#include "../installation.hpp"
#include "base/log.hpp"
#include "fault_files.hpp"
#include "license/online/online_license.hpp"
#include "temp_dir.hpp"

namespace tessera::license_test {

/// Answers by a function of the test, on the caller's thread.
class ScriptedTransport final : public LicenseTransport {
 public:
  struct Call {
    std::string method, path, body, nonce, token;
  };
  using Script = std::function<Result<ServiceAnswer>(const Call&)>;

  Result<ServiceAnswer> call(const ServiceRequest& request) override {
    const Call call{std::string(request.method), std::string(request.path), std::string(request.body),
                    std::string(request.nonce), std::string(as_text(request.account_token))};
    {
      const std::lock_guard lock(mutex_);
      calls_.push_back(call);
      changed_.notify_all();
    }
    return script(call);
  }
  void stop() override { is_stopped = true; }

  std::vector<Call> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  void wait_for(size_t count) {
    std::unique_lock lock(mutex_);
    const auto came = [&] { return calls_.size() >= count; };
    BOOST_REQUIRE_MESSAGE(changed_.wait_for(lock, std::chrono::seconds(60), came), "no call came");
  }

  Script script = [](const Call&) -> Result<ServiceAnswer> {
    return Error{ErrorCode::kNETWORK, "http", "no network", {}};
  };
  std::atomic<bool> is_stopped = false;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Call> calls_;
};

inline ServiceAnswer good(std::string body) { return {200, std::move(body), std::nullopt}; }

struct OnlineMachine {
  explicit OnlineMachine(const std::string& folder_name = "data") {
    config.product = Vendor::kProduct;
    config.trusted_keys = {vendor.root().public_key()};
    config.key_location = KeyLocation::kFile;
    config.memory_dir = folder / "memory";
    config.data_dir = folder / folder_name;
  }
  OnlineMachine(const OnlineMachine&) = delete;

  void open(const OnlineConfig& online_config = {}) {
    online = nullptr;
    service = require(LicenseService::open(
        config, {.clock = &clock, .random = &random, .files = &disk, .probe = &probe, .logger = &logger}));
    online = std::make_shared<OnlineLicense>(
        online_config,
        OnlinePorts{.license = service.get(), .transport = used, .random = &random, .logger = &logger});
  }
  /// The service answers as it should: a licence of `spec` to each request, and a time document.
  void serve(const Json& spec) {
    transport.script = [this, spec](const ScriptedTransport::Call& call) -> Result<ServiceAnswer> {
      return good(answer_to(call, spec));
    };
  }
  std::string answer_to(const ScriptedTransport::Call& call, const Json& spec) const {
    std::string out = keys + "\n";
    if (call.path == "/activate" || call.path == "/renew") return out + vendor.license(call.body, spec);
    if (call.path == "/sync" || call.path == "/time") return out + vendor.time(call.body);
    if (call.path == "/lease") return out + vendor.lease(call.body, "L1");
    if (call.path == "/deactivate")
      return out + vendor.time(call.body.substr(call.body.find('\n') + 1,
                                                call.body.rfind('\n') - call.body.find('\n') - 1));
    return out + vendor.crl({{"seq", 1}, {"days", 7}});
  }
  /// Opens it and activates `spec`.
  void activate(const Json& spec) {
    open();
    serve(spec);
    require(online->activate({}));
  }
  Verdict verdict() { return *require(service->check()); }
  Code check() { return verdict().code; }
  void pass(int64_t span_ms) {
    clock.pass(span_ms);
    truth.pass(span_ms);
  }
  Bytes stored() { return require(disk.read(config.data_dir + "/license.state", 1 << 20)); }

  test::TempDir folder;
  test::FakeClock clock, truth;
  test::FakeRandom random;
  Vendor vendor{truth};
  const std::string keys = vendor.key_set();  // one number, one set
  test::FaultFiles disk;
  test::FakeProbe probe;
  Logger logger;
  LicenseConfig config;
  ScriptedTransport transport;
  LicenseTransport* used = &transport;
  std::unique_ptr<LicenseService> service;
  std::shared_ptr<OnlineLicense> online;
};

inline const Json& synced_spec() {
  thread_local const Json spec{{"sku", "pro"},
                               {"license_id", "L1"},
                               {"days", 365},
                               {"sync", {{"every_s", 86'400}}},
                               {"grace", {{"sync_s", 86'400}}}};
  return spec;
}

}  // namespace tessera::license_test
