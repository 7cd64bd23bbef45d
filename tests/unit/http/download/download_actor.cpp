// Downloads argv[1] to argv[2] and says so; its parent kills it before.
#include <cstdio>

#include "base/clock.hpp"
#include "crypto/crypto.hpp"
#include "http/download/download.hpp"

int main(int argc, char** argv) {
  using namespace tessera;
  if (argc != 3) return 2;
  http::ClientPorts ports;
  ports.clock = &system_clock();
  ports.random = &system_random();
  const auto client = http::Client::open({}, ports);
  if (!client.ok()) return 3;
  http::Request request;
  request.url = argv[1];
  http::DownloadConfig config;
  config.path = argv[2];
  config.sync_bytes = 1 << 20;
  const auto result = http::download(**client, std::move(request), std::move(config));
  std::puts(result.ok() ? "done" : result.error().text.c_str());
  return result.ok() ? 0 : 1;
}
