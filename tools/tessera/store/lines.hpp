// Where the shell's input comes from.
#pragma once

#include <string>

namespace tessera::cli {

class Lines {
 public:
  enum class Event { kLine, kInterrupted, kEnd };

  Lines() = default;
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;
  virtual ~Lines() = default;
  /// The next line without its end.
  virtual Event read(const std::string& prompt, std::string* line) = 0;
  /// Offers `statement` again later.
  virtual void remember(const std::string& statement) = 0;
};

/// Standard input that nobody types; without prompts and history.
class PlainLines : public Lines {
 public:
  Event read(const std::string& prompt, std::string* line) override;
  void remember(const std::string& statement) override;
};

}  // namespace tessera::cli
