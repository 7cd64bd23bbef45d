// OnlineLicense: a licence and its service. Every call waits for the network, so none belongs on a thread
// that must not; the licence itself is judged without any of them.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "crypto/crypto.hpp"
#include "license/online/config.hpp"
#include "license/online/flight.hpp"
#include "license/online/schedule.hpp"
#include "license/online/transport.hpp"
#include "license/service.hpp"

namespace tessera {

struct OnlinePorts {
  LicenseService* license;
  LicenseTransport* transport;
  Random* random;
  Logger* logger;
};

struct ActivationOptions {
  std::string license_key;
  std::string note;
  ByteView account_token;  // borrowed for the call
};

/// Safe from any thread. A failure is NETWORK, TIMEOUT, UNTRUSTED or UNAVAILABLE with the licence code in its
/// detail when the service can't be had, and LICENSE when it, or its answer, is refused; the stored licence
/// stays as it is.
class OnlineLicense {
 public:
  using VerdictPtr = LicenseService::VerdictPtr;

  OnlineLicense(OnlineConfig config, const OnlinePorts& ports);

  Result<VerdictPtr> activate(const ActivationOptions& options);
  /// These three join one of the same kind that is under way. NO_LICENSE when there is nothing to confirm.
  Result<VerdictPtr> sync();
  Result<VerdictPtr> renew();
  Result<VerdictPtr> heartbeat();
  /// Gives the licence up first, and then tells the service; again tells it again.
  Result<VerdictPtr> deactivate();
  Result<VerdictPtr> confirm_clock();
  Result<VerdictPtr> fetch_lists();

  /// Does what is due and gives the time until something is. Never fails: a failure is logged, and tried
  /// again later.
  int64_t keep_fresh();
  /// Ends calls under way, and refuses what comes after.
  void stop() { ports_.transport->stop(); }

 private:
  struct Call {
    std::string_view name;  // in the log
    std::string_view path;
    Wanted wanted;
    bool confirms = false;  // its failure is told by verdicts
  };
  Result<VerdictPtr> ask(const Call& call, const ActivationOptions& options);
  Result<VerdictPtr> ask_for_installed(const Call& call);
  Result<VerdictPtr> validate(std::string_view name, ByteView account_token);
  Result<VerdictPtr> perform(const Call& call, ServiceRequest request);
  Result<VerdictPtr> exchange(const Call& call, const ServiceRequest& request);
  Status require_tessera() const;
  Result<VerdictPtr> contact(Contact what);

  const OnlineConfig config_;
  const OnlinePorts ports_;
  Flight<VerdictPtr> sync_, renew_, heartbeat_;
  std::mutex mutex_;
  ContactHistory history_;  // guarded by mutex_
};

}  // namespace tessera
