#include "console.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "exit_code.hpp"

namespace tessera::cli {
namespace {

bool wants_colour() {
  const char* const no_color = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  return isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0') && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

}  // namespace

std::string toned(Tone tone, std::string_view text) {
  if (!wants_colour()) return std::string(text);
  const char* const code = tone == Tone::kGood ? "32" : tone == Tone::kWarning ? "33" : "31";
  return std::string("\033[1;").append(code).append("m").append(text).append("\033[0m");
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // The controls U+0080 to U+009F take two bytes.
    const bool is_c1 = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (is_c1) ++i;
    const bool is_control = is_c1 || (byte < 0x20 && byte != '\n') || byte == 0x7F;
    out += is_control ? '?' : static_cast<char>(byte);
  }
  return out;
}

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    throw Failure(kExitFailed, "standard output can't be written", "check where it goes");
}

void print_json(const Json& json) {
  print(json.dump(2, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace) + '\n');
}

void print_error(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

std::string utc_text(int64_t epoch_s) {
  const auto time = static_cast<std::time_t>(epoch_s);
  std::tm parts{};
  std::array<char, 40> text{};
  if (gmtime_r(&time, &parts) == nullptr) return "a date out of range";
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts)};
}

}  // namespace tessera::cli
