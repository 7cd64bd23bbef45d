// Fixture: accounts whose tokens are kept in an encrypted store.
#pragma once

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>

#include "http_accounts.hpp"
#include "http_fixture.hpp"
#include "store_fixture.hpp"

namespace tessera::test {

struct KeptAccounts : StoreFixture {
  /// `lost` is called with `user` when the account has to be authorised again.
  Http open_client(const Store& store, std::string_view account = "ana",
                   tsr_http_reauthorise_fn lost = nullptr, void* user = nullptr) const {
    Http http = HttpFixture::open_http(http_config());
    tsr_http_oauth_opts opts;
    tsr_http_oauth_opts_init(&opts, sizeof(opts));
    opts.client_secret = "client-secret";
    opts.client_secret_len = 13;
    opts.store = store.get();
    opts.account = str(account);
    opts.reauthorise = lost;
    Failure failure;
    require_ok(
        tsr_http_set_oauth(http.get(), str(accounts.oauth().dump()), &opts, user, nullptr, failure.out()),
        failure);
    return http;
  }
  nlohmann::json http_config() const { return {{"base_url", accounts.api.url("/")}}; }
  static void set_tokens(const Http& http, const std::string& tokens) {
    Failure failure;
    require_ok(tsr_http_set_oauth_tokens(http.get(), tokens.data(), tokens.size(), failure.out()), failure);
  }
  static std::string sent_by(const Http& http) { return HttpFixture::body_of(HttpFixture::get(http, "/")); }
  static tsr_status failure_of(const Http& http) {
    const tsr_http_request what = HttpFixture::request();
    HttpResponse response;
    return tsr_http_send(http.get(), &what, response.out(), nullptr);
  }

  Accounts accounts;
};

}  // namespace tessera::test
