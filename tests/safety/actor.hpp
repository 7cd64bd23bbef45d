// The other process: actor.cpp with its answers.
#pragma once

#include <fstream>
#include <string>

#include "machine.hpp"
#include "program.hpp"

namespace tessera::test {

class Actor {
 public:
  /// Opens the licence below `folder` on `machine`.
  Actor(const Machine& machine, const std::string& folder, int64_t wall_ms = Machine::kStartMs)
      : program_({TESSERA_SAFETY_ACTOR, machine.vendor.config(folder).dump(), machine.root.path(),
                  std::to_string(wall_ms)}) {
    if (answer() != "ready") throw std::runtime_error("the actor did not start");
  }

  void tell(const std::string& command) { program_.write_line(command); }
  /// Nothing when the process is dead.
  std::optional<std::string> try_answer() { return program_.read_line(); }
  std::string answer() {
    auto line = try_answer();
    if (!line) throw std::runtime_error("the actor died");
    return *line;
  }
  std::string ask(const std::string& command) {
    tell(command);
    return answer();
  }
  void kill_now() { program_.kill_now(); }
  int wait() { return program_.wait(); }

 private:
  Program program_;
};

inline std::string write_file(const TempDir& folder, const std::string& name, const std::string& content) {
  const std::string path = folder / name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

}  // namespace tessera::test
