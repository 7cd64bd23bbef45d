// One call of a process that is killed when it is about to keep a rotated pair of tokens, or just has.
// auth_actor FILE TOKEN_URL API_URL before|after
#include <csignal>
#include <cstdio>
#include <string_view>

#include "crypto/crypto.hpp"
#include "file_token_store.hpp"
#include "http/auth/oauth2_auth.hpp"
#include "http/client/client.hpp"

int main(int argc, char** argv) {
  using namespace tessera;
  using namespace tessera::http;
  if (argc != 5) return 2;
  const auto store = std::make_shared<FileTokenStore>(argv[1]);
  const auto die = [] { raise(SIGKILL); };
  (std::string_view(argv[4]) == "before" ? store->before : store->after) = die;
  OAuthConfig config;
  config.token_url = parse_url(argv[2]).value();
  config.client_auth = OAuthClientAuth::kNone;
  ClientPorts ports;
  ports.clock = &system_clock();
  ports.random = &system_random();
  const std::unique_ptr<Client> client = Client::open({}, ports).value();
  const auto auth = OAuth2Auth::make(config, {}, store, {&system_clock(), &system_random(), nullptr}).value();
  if (!client->set_auth(auth).ok()) return 3;
  Request request;
  request.url = argv[3];
  const Result<Response> response = client->perform(request);
  std::puts(response.ok() ? "answered" : response.error().text.c_str());
  return 0;
}
