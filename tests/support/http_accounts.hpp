// Fixture: an API that knows which tokens are good, and an issuer of tokens whose refresh tokens serve once.
#pragma once

#include <boost/test/unit_test.hpp>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "http_origin.hpp"

namespace tessera::test {

/// "GET /" of `api` gives 200 and the credential to a good one, else 401. "POST /token" of `issuer` gives the
/// tokens "a1" and "r1" for "r0", and so on.
class Accounts {
 public:
  Accounts() {
    api.on("GET", "/", [this](const Seen& seen) { return judge(seen); });
    issuer.on("POST", "/token", [this](const Seen& seen) { return turn(seen); });
  }
  void accept(const std::string& token) {
    const std::scoped_lock lock(mutex_);
    good_.insert("Bearer " + token);
  }
  void refuse(const std::string& token) {
    const std::scoped_lock lock(mutex_);
    good_.erase("Bearer " + token);
  }
  nlohmann::json oauth() const {
    return {{"token_url", issuer.url("/token")}, {"client_id", "app"}, {"commit_grace_ms", 0}};
  }
  static std::string tokens(const std::string& access, const std::string& refresh) {
    return nlohmann::json({{"access_token", access}, {"refresh_token", refresh}}).dump();
  }
  /// What the API does.
  Answer judge(const Seen& seen) {
    const std::string field = seen.header("authorization");
    const std::scoped_lock lock(mutex_);
    return good_.contains(field) ? Answer(200, field) : Answer(401, field);
  }
  /// What the issuer does.
  Answer turn(const Seen& seen, const Fields& headers = {}) {
    const std::scoped_lock lock(mutex_);
    if ((seen.body + "&").find("refresh_token=r" + std::to_string(number_) + "&") == std::string::npos) {
      return {400, R"({"error":"invalid_grant"})"};
    }
    const std::string number = std::to_string(++number_);
    good_.insert("Bearer a" + number);
    return {200,
            nlohmann::json({{"access_token", "a" + number},
                            {"refresh_token", "r" + number},
                            {"token_type", "bearer"},
                            {"expires_in", 3600}})
                .dump(),
            headers};
  }

 private:
  std::mutex mutex_;
  // Guarded by mutex_.
  std::set<std::string> good_;
  int number_ = 0;

 public:
  Origin api, issuer;  // their threads end first
};

}  // namespace tessera::test
