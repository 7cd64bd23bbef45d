#include "app/license_sync.hpp"

#include <mutex>
#include <utility>

#include "http/client/client.hpp"
#include "http/fields/retry_after.hpp"
#include "http/fields/url.hpp"

namespace tessera {
namespace {

constexpr int kAttempts = 2;
constexpr int64_t kLongestRetryAfterMs = 2'000;  // who waits hears of longer ones; the schedule keeps to them
constexpr std::string_view kRoute = "license";

Error stopped_error() {
  return {ErrorCode::kSTATE, "license", "the licence handle is closed; open a new one", {}};
}

class HttpLicenseTransport final : public LicenseTransport {
 public:
  HttpLicenseTransport(const LicenseServiceConfig& config, Clock& clock, Random& random, Logger& logger)
      : url_(config.url), timeout_ms_(config.timeout_ms), clock_(clock), random_(random), logger_(logger) {}

  Result<ServiceAnswer> call(const ServiceRequest& request) override {
    TSR_ASSIGN_OR_RETURN(const std::shared_ptr<http::Client> client, open_client());
    TSR_ASSIGN_OR_RETURN(const http::Response response, client->perform(http_request(request)));
    ServiceAnswer answer{response.status, std::string(as_text(response.body)), std::nullopt};
    if (const auto wait = response.headers.get("Retry-After"))
      answer.retry_after_ms = http::parse_retry_after(*wait, clock_.wall_ms());
    return answer;
  }

  void stop() override {
    std::shared_ptr<http::Client> client;
    {
      const std::lock_guard lock(mutex_);
      is_stopped_ = true;
      client = client_;
    }
    if (client != nullptr) static_cast<void>(client->close(0));
  }

 private:
  Result<std::shared_ptr<http::Client>> open_client() {
    const std::lock_guard lock(mutex_);
    if (is_stopped_) return stopped_error();
    if (client_ != nullptr) return client_;
    http::ClientConfig config;
    config.is_cached = false;
    config.policies.timeouts.attempt_ms = timeout_ms_;
    config.policies.timeouts.total_ms = timeout_ms_;
    config.policies.retry.max_retry_after_ms = kLongestRetryAfterMs;
    config.policies.sizes.max_redirects = 0;  // a bearer token and a machine's tags stay where they were sent
    config.policies.sizes.max_body_bytes = static_cast<int64_t>(kMaxAnswerBytes);
    TSR_ASSIGN_OR_RETURN(const http::Url url, http::parse_url(url_));
    http::RouteConfig& route = config.policies.routes.emplace_back();
    route.match = url.path == "/" ? "/**" : url.path + "/**";
    route.name = kRoute;
    route.max_attempts = kAttempts;
    route.skips_breaker = true;
    TSR_ASSIGN_OR_RETURN(
        client_,
        http::Client::open(std::move(config), {.clock = &clock_, .random = &random_, .logger = &logger_}));
    return client_;
  }

  http::Request http_request(const ServiceRequest& asked) const {
    http::Request request;
    request.method = asked.method;
    request.url = url_ + std::string(asked.path);
    request.body.assign(asked.body.begin(), asked.body.end());
    request.idempotency_key = asked.nonce;
    request.cache = http::CacheMode::kNoStore;
    request.skips_breaker = true;
    request.skips_auth = true;
    if (!asked.content_type.empty()) request.headers.set("Content-Type", asked.content_type);
    if (!asked.account_token.empty())
      request.headers.set("Authorization", "Bearer " + std::string(as_text(asked.account_token)));
    return request;
  }

  const std::string url_;
  const int64_t timeout_ms_;
  Clock& clock_;
  Random& random_;
  Logger& logger_;
  std::mutex mutex_;
  // Guarded by mutex_. Shared, so that who calls keeps what stop() takes away.
  std::shared_ptr<http::Client> client_;
  bool is_stopped_ = false;
};

}  // namespace

std::unique_ptr<LicenseTransport> make_license_transport(const LicenseServiceConfig& config, Clock& clock,
                                                         Random& random, Logger& logger) {
  return std::make_unique<HttpLicenseTransport>(config, clock, random, logger);
}

}  // namespace tessera
