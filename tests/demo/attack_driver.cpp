// Attacks an activated licence the way a customer might, on copies of its folders. Prints one JSON object a
// line and fails when an attack ends in anything but the expected verdict.
#include <tessera/tessera.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "temp_dir.hpp"
#include "tessera_testing.h"

namespace tessera::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::chrono::hours kDay{24};

std::string file_content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("could not read " + path);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

/// What the demo made: an application's configuration, with an activated licence in its folders.
struct Target {
  Json config;
  std::string license_file;
  std::string other_machine;  // file tree of another machine for the probe
};

/// A copy of the target's folders.
class Copy {
 public:
  explicit Copy(const Target& target) : config_(target.config) {
    for (const char* const folder : {"data_dir", "memory_dir"}) {
      const std::string copy = directory_ / folder;
      fs::copy(config_.at(folder).get<std::string>(), copy, fs::copy_options::recursive);
      config_[folder] = copy;
    }
  }
  void set(const char* member, const std::string& value) { config_[member] = value; }
  License open() const { return License::open(JsonText(config_.dump())); }

 private:
  TempDir directory_;
  Json config_;
};

/// The machine's clock with another wall time. Boot time can't be set, it only goes on.
class ShiftedClock {
 public:
  ShiftedClock() = default;
  ShiftedClock(const ShiftedClock&) = delete;
  ShiftedClock& operator=(const ShiftedClock&) = delete;
  ~ShiftedClock() { tsr_testing_reset_clock(); }
  void shift(std::chrono::milliseconds offset) {
    boot_ms_ += std::chrono::milliseconds(std::chrono::hours(2)).count();
    tsr_testing_set_clock(wall_ms_ + offset.count(), boot_ms_);
  }

 private:
  static std::int64_t now_ms(clockid_t id) {
    timespec now{};
    clock_gettime(id, &now);
    return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
  }
  const std::int64_t wall_ms_ = now_ms(CLOCK_REALTIME);
  std::int64_t boot_ms_ = now_ms(CLOCK_BOOTTIME);
};

/// What the library answered to an attack.
struct Answer {
  LicenseCode code;
  std::vector<LicenseCode> reasons;
  std::string text;
};

Answer answer_of(const Verdict& verdict) {
  Answer answer{verdict.code(), {}, verdict.explain()};
  for (const Reason& reason : verdict.reasons()) answer.reasons.push_back(reason.code);
  return answer;
}

Answer answer_of(const Expected<Verdict>& imported) {
  if (imported) return answer_of(*imported);
  return {imported.error().license_code().value_or(LicenseCode::kOk), {}, imported.error().what()};
}

/// Another character in the middle of the licence's claims; still well-formed base64url.
std::string with_flipped_byte(std::string license_file) {
  const size_t line = license_file.rfind('\n', license_file.size() - 2) + 1;
  const size_t claims = license_file.find('.', line) + 1;
  char& byte = license_file[(claims + license_file.find('.', claims)) / 2];
  byte = byte == 'A' ? 'B' : 'A';
  return license_file;
}

Answer flip_byte(const Target& target) {
  return answer_of(Copy(target).open().try_import_bundle(with_flipped_byte(target.license_file)));
}

Answer copy_to_other_machine(const Target& target) {
  const Copy copy(target);
  tsr_testing_set_hardware_root(detail::borrow(target.other_machine));
  Answer answer = answer_of(copy.open().check());
  tsr_testing_set_hardware_root(tsr_str_of(nullptr));
  return answer;
}

Answer revive_expired(const Target& target) {
  const Copy copy(target);
  ShiftedClock clock;
  clock.shift(20 * kDay);
  copy.open().refresh();
  clock.shift(std::chrono::milliseconds(0));
  return answer_of(copy.open().check());
}

Answer set_clock_back(const Target& target) {
  Copy copy(target);
  copy.set("clock_policy", "deny");
  ShiftedClock clock;
  clock.shift(-3 * kDay);
  return answer_of(copy.open().check());
}

struct Attack {
  const char* name;
  const char* what;
  Answer (*run)(const Target&);
  LicenseCode expected;
  LicenseCode expected_reason;  // stands among the reasons too
};

constexpr Attack kAttacks[] = {
    {"flipped_byte", "change one byte of the licence file", flip_byte, LicenseCode::kSignatureInvalid,
     LicenseCode::kSignatureInvalid},
    {"other_machine", "copy the activated application to another machine", copy_to_other_machine,
     LicenseCode::kHwMismatch, LicenseCode::kHwMismatch},
    {"revive_expired", "let the licence expire, then set the clock back", revive_expired,
     LicenseCode::kExpired, LicenseCode::kClockRollback},
    {"clock_back", "set the clock back, where the application denies that", set_clock_back,
     LicenseCode::kClockRollback, LicenseCode::kClockRollback},
};

bool run(const Attack& attack, const Target& target) {
  const auto start = std::chrono::steady_clock::now();
  const Answer answer = attack.run(target);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  std::vector<LicenseCode> seen = answer.reasons;
  seen.push_back(answer.code);
  const bool stopped = answer.code == attack.expected &&
                       std::find(seen.begin(), seen.end(), attack.expected_reason) != seen.end();
  Json reasons = Json::array();
  for (const LicenseCode reason : answer.reasons) reasons.push_back(name(reason));
  const auto code_json = [](LicenseCode code) {
    return Json{{"code", static_cast<std::int32_t>(code)}, {"name", name(code)}};
  };
  const Json report{{"attack", attack.name},
                    {"what", attack.what},
                    {"expected", code_json(attack.expected)},
                    {"expected_reason", code_json(attack.expected_reason)},
                    {"seen", code_json(answer.code)},
                    {"reasons", std::move(reasons)},
                    {"text", answer.text},
                    {"ms", took.count()},
                    {"stopped", stopped}};
  std::cout << report.dump() << '\n';
  return stopped;
}

int run_all(const Target& target) {
  // The attacks mean something only where the licence works without them.
  if (!Copy(target).open().check().usable()) throw std::runtime_error("the licence to attack is not usable");
  bool all_stopped = true;
  for (const Attack& attack : kAttacks) all_stopped = run(attack, target) && all_stopped;
  return all_stopped ? 0 : 1;
}

}  // namespace
}  // namespace tessera::test

int main(int count, char** arguments) {
  if (count != 4) {
    std::cerr << "usage: attack_driver CONFIG LICENSE_FILE OTHER_MACHINE\n";
    return 2;
  }
  try {
    return tessera::test::run_all({nlohmann::json::parse(tessera::test::file_content(arguments[1])),
                                   tessera::test::file_content(arguments[2]), arguments[3]});
  } catch (const std::exception& error) {
    std::cerr << "attack_driver: " << error.what() << '\n';
    return 2;
  }
}
