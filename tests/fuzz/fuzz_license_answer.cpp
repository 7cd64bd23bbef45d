// What a licence service answers: "STATUS\n", and then a document of document_of() in each line, or, behind
// "!", the body as it is. Whatever comes, nothing but documents of ours changes what is stored, and no answer
// that is not a 200 does.
#include <charconv>

#include "license/online/online_license.hpp"
#include "license/state_file.hpp"
#include "lines.hpp"
#include "memory_files.hpp"
#include "temp_dir.hpp"
#include "verdict_course.hpp"

namespace {

using namespace tessera;
using namespace tessera::fuzz;

class Probe final : public DeviceProbe {
 public:
  Result<std::shared_ptr<const DeviceFactors>> probe() override {
    return std::shared_ptr<const DeviceFactors>(world().device);
  }
};

class Answering final : public LicenseTransport {
 public:
  Result<ServiceAnswer> call(const ServiceRequest&) override { return answer; }
  void stop() override {}
  ServiceAnswer answer;
};

const LicenseConfig& config() {
  static const test::TempDir directory;
  static const LicenseConfig it = [] {
    LicenseConfig made = world().config;
    made.data_dir = directory / "data";
    made.memory_dir = directory / "memory";
    return made;
  }();
  return it;
}

ServiceAnswer answer_of(std::string_view input) {
  ServiceAnswer answer;
  const size_t end = std::min(input.find('\n'), input.size());
  std::from_chars(input.data(), input.data() + std::min<size_t>(end, 3), answer.status);
  input.remove_prefix(std::min(end + 1, input.size()));
  if (input.starts_with('!')) {
    answer.body = input.substr(1);
    return answer;
  }
  for (const std::string_view line : lines_of(input, 12)) answer.body += document_of(line) + "\n";
  return answer;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  test::FakeClock clock;
  test::FakeRandom random(9);
  MemoryFiles files;
  Probe probe;
  Logger logger;
  Answering transport;
  require(StateFile(files, random, os_keystore(), config()).store(world().state).ok());
  const auto service = require(LicenseService::open(config(), {&clock, &random, &files, &probe, &logger}));
  transport.answer = answer_of(as_text({data, size}));
  for (const ServiceProtocol protocol : {ServiceProtocol::kTessera, ServiceProtocol::kValidate}) {
    OnlineConfig online_config;
    online_config.protocol = protocol;
    online_config.user = "ana";
    OnlineLicense online(online_config, {service.get(), &transport, &random, &logger});
    for (const auto call : {&OnlineLicense::sync, &OnlineLicense::renew, &OnlineLicense::heartbeat,
                            &OnlineLicense::confirm_clock, &OnlineLicense::fetch_lists}) {
      const auto verdict = (online.*call)();
      if (verdict) require(transport.answer.status == 200);
      require_sound(*require(service->check()));
    }
    static_cast<void>(online.activate({{}, {}, {}}));
    require_sound(*require(service->check()));
    require(online.keep_fresh() >= 0);
  }
  return 0;
}
