// A process that uses one licence folder: reads commands from standard input, answers each with one line.
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "handles.hpp"
#include "tessera_testing.h"

namespace tessera::test {
namespace {

std::string file_content(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

std::string refusal(const Failure& failure) { return "refused " + std::to_string(license_code(failure)); }

std::string code_of(const Verdict& verdict) { return std::to_string(tsr_verdict_code(verdict.get())); }

std::string import_file(const License& license, const std::string& path) {
  const std::string bundle = file_content(path);
  Verdict verdict;
  Failure failure;
  if (tsr_license_import(license.get(), bundle.data(), bundle.size(), verdict.out(), failure.out()) != TSR_OK)
    return refusal(failure);
  return "ok " + code_of(verdict);
}

std::string refreshed_state(const License& license) { return "ok " + code_of(refresh(license)); }

std::string meter(const License& license, const std::string& name) {
  int64_t used = 0, limit = 0;
  Failure failure;
  if (tsr_license_meter_add(license.get(), str(name), 1, &used, &limit, failure.out()) != TSR_OK)
    return refusal(failure);
  return "ok " + std::to_string(used);
}

std::string deactivate(const License& license) {
  Buffer proof;
  Failure failure;
  if (tsr_license_deactivate(license.get(), proof.out(), failure.out()) != TSR_OK) return refusal(failure);
  return "ok";
}

void say(const std::string& line) { std::cout << line << std::endl; }

/// Writes by every way there is, until killed; says each meter reading.
[[noreturn]] void work(const License& license, const std::string& bundle) {
  while (true) {
    say(meter(license, "copies"));
    import_file(license, bundle);
    request(license);
    refreshed_state(license);
  }
}

std::string answer(const License& license, const std::string& command, const std::string& argument) {
  if (command == "request") return request(license);
  if (command == "import") return import_file(license, argument);
  if (command == "check") return code_of(check(license));
  if (command == "subject") return tsr_verdict_subject(check(license).get());
  if (command == "refresh") return refreshed_state(license);
  if (command == "meter") return meter(license, argument);
  if (command == "deactivate") return deactivate(license);
  if (command == "work") work(license, argument);
  if (command == "die-before") {
    tsr_testing_kill_before_file_operation(std::stoll(argument));
    return "armed";
  }
  throw std::runtime_error("unknown command " + command);
}

}  // namespace
}  // namespace tessera::test

/// actor CONFIG_JSON HARDWARE_ROOT WALL_MS
int main(int, char** arguments) {
  using namespace tessera::test;
  tsr_testing_set_hardware_root(tsr_str_of(arguments[2]));
  tsr_testing_set_clock(std::stoll(arguments[3]), std::stoll(arguments[3]));
  tsr_testing_kill_before_file_operation(-1);
  License license;
  Failure failure;
  require_ok(tsr_license_open(tsr_str_of(arguments[1]), license.out(), failure.out()), failure);
  say("ready");
  for (std::string line; std::getline(std::cin, line);) {
    const size_t space = std::min(line.find(' '), line.size());
    say(answer(license, line.substr(0, space), line.substr(std::min(space + 1, line.size()))));
  }
}
