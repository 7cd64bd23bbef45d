// The life of one installation, driven through the service. Each line is a step:
//   a document of document_of()   added to the file that is imported next
//   =                             imports the file, and verifies it before
//   S and a trial's claims        starts the trial
//   ?                             makes an activation request
//   -                             gives the licence back
//   #name                         counts one use of a meter
//   +hours                        lets time pass
#include <cstdlib>

#include "license/service.hpp"
#include "license/state_file.hpp"
#include "lines.hpp"
#include "memory_files.hpp"
#include "temp_dir.hpp"
#include "text/utf8.hpp"
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

/// Locks and the change counter are real files in here; everything else is in memory.
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

class Life {
 public:
  Life() {
    test::FakeRandom random(9);
    require(StateFile(files_, random, os_keystore(), config()).store(world().state).ok());
    service_ = open();
  }

  void step(std::string_view line) {
    const std::string rest(line.substr(1));
    switch (line.front()) {
      case '=':
        import();
        break;
      case 'S':
        check(service_->start_trial(signed_claims(DocumentType::kTrial, rest, world().signer)));
        break;
      case '?':
        require(service_->request({{}, rest}).ok() || !is_note(rest));
        break;
      case '-':
        if (service_->deactivate()) require(require(service_->check())->license_id.empty() || on_trial());
        break;
      case '#':
        count(rest);
        break;
      case '+':
        clock_.pass(std::clamp<int64_t>(std::atoll(rest.c_str()), 0, 100'000) * 3'600'000);
        break;
      default:
        if (bundle_.size() < kMaxTokenBytes) bundle_ += document_of(line) + "\n";
        break;
    }
    require_sound(*require(service_->check()));
  }

  /// What is on disk can be read, and says the same to the next process.
  void finish() {
    const auto last = require(service_->refresh());
    require(service_->close(0).ok());
    const auto next = require(open()->check());
    require(same_answer(*last, *next));
    require(next->code < LicenseCode::kSTORE_IO || next->code > LicenseCode::kSTORE_KEY);
  }

 private:
  std::unique_ptr<LicenseService> open() {
    return require(LicenseService::open(config(), {&clock_, &random_, &files_, &probe_, &logger_}));
  }
  static bool is_note(const std::string& text) {
    return text.size() <= 256 && text.find('\0') == std::string::npos && is_utf8(text);
  }
  bool on_trial() { return require(service_->check())->kind == "trial"; }

  void check(const Result<LicenseService::VerdictPtr>& verdict) {
    if (verdict) require_sound(**verdict);
  }

  void import() {
    const auto before = files_.content;
    const auto verified = require(service_->verify_bundle(bundle_));
    require_sound(*verified);
    require(files_.content == before);
    const auto imported = service_->import_bundle(bundle_);
    check(imported);
    if (!imported) require(files_.content == before);
    bundle_.clear();
  }

  void count(const std::string& name) {
    const auto before = files_.content;
    const auto reading = service_->meter_add(name, 1);
    if (!reading) {
      require(files_.content == before);
    } else {
      require(reading->used >= 1 && reading->used <= reading->limit);
      require(require(service_->meter_add(name, 0)).used == reading->used);
    }
  }

  test::FakeClock clock_;
  test::FakeRandom random_;
  MemoryFiles files_;
  Probe probe_;
  Logger logger_;
  std::unique_ptr<LicenseService> service_;
  std::string bundle_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Life life;
  for (const std::string_view line : lines_of(as_text({data, size}), 12)) life.step(line);
  life.finish();
  return 0;
}
