// Another program, with its standard input and output as pipes.
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

extern "C" char** environ;

namespace tessera::test {

class Program {
 public:
  explicit Program(std::vector<std::string> command) {
    int input[2], output[2];  // O_CLOEXEC: programs must not hold each other's pipes open
    if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0)
      throw std::runtime_error("could not create a pipe");
    input_.reset(fdopen(input[1], "w"));
    output_.reset(fdopen(output[0], "r"));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
    std::vector<char*> arguments;
    for (std::string& argument : command) arguments.push_back(argument.data());
    arguments.push_back(nullptr);
    const int error = posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(input[0]);
    close(output[1]);
    if (error != 0) throw std::runtime_error("could not start " + command.front());
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (pid_ > 0) {
      kill_now();
      wait();
    }
  }

  void write_line(const std::string& line) {
    if (fputs((line + '\n').c_str(), input_.get()) < 0 || fflush(input_.get()) != 0)
      throw std::runtime_error("the program does not listen");
  }
  /// Nothing once the program has ended and all it wrote was read.
  std::optional<std::string> read_line() {
    std::string line;
    for (int byte = 0; (byte = getc(output_.get())) != EOF;) {
      if (byte == '\n') return line;
      line += static_cast<char>(byte);
    }
    return std::nullopt;
  }

  void kill_now() const { kill(pid_, SIGKILL); }
  /// The exit status, or minus the signal that ended it.
  int wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  struct Close {
    void operator()(FILE* file) const { fclose(file); }
  };
  pid_t pid_ = -1;
  std::unique_ptr<FILE, Close> input_, output_;
};

}  // namespace tessera::test
