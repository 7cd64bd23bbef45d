// A process that asks once, for an account in a store whose token has ended, and then waits to be killed.
// http_auth_actor STORE_JSON PASSPHRASE HTTP_JSON OAUTH_JSON keeps|holds
// "holds": its own transaction keeps the new tokens out of the store.
#include <cstdio>
#include <string_view>

#include "handles.hpp"

int main(int argc, char** argv) {
  using namespace tessera::test;
  if (argc != 6) return 2;
  const std::string_view passphrase = argv[2];
  Failure failure;
  tsr_store_secrets secrets;
  tsr_store_secrets_init(&secrets, sizeof secrets);
  secrets.passphrase = passphrase.data();
  secrets.passphrase_len = passphrase.size();
  Store store;
  require_ok(tsr_store_open(str(argv[1]), &secrets, store.out(), failure.out()), failure);
  Http http;
  require_ok(tsr_http_open(str(argv[3]), nullptr, http.out(), failure.out()), failure);
  tsr_http_oauth_opts opts;
  tsr_http_oauth_opts_init(&opts, sizeof opts);
  opts.client_secret = "client-secret";
  opts.client_secret_len = 13;
  opts.store = store.get();
  opts.account = TSR_LIT("ana");
  require_ok(tsr_http_set_oauth(http.get(), str(argv[4]), &opts, nullptr, nullptr, failure.out()), failure);
  Tx tx;
  if (std::string_view(argv[5]) == "holds") {
    require_ok(tsr_tx_begin(store.get(), nullptr, tx.out(), failure.out()), failure);
  }
  tsr_http_request request;
  tsr_http_request_init(&request, sizeof request);
  request.url = TSR_LIT("/");
  HttpResponse response;
  const tsr_status status = tsr_http_send(http.get(), &request, response.out(), failure.out());
  std::puts(status == TSR_OK ? "answered" : tsr_error_text(failure.get()));
  return std::getchar() == EOF ? 3 : 0;
}
