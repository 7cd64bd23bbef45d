#include "store/parameters.hpp"

#include <charconv>
#include <optional>

#include "exit_code.hpp"

namespace tessera::cli {
namespace {

template <typename T>
std::optional<T> number_of(std::string_view text) {
  T number{};
  const char* const first = text.data();
  const char* const end = first + text.size();
  const auto [stop, error] = std::from_chars(first, end, number);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

/// "1.5" and "-2e9", but not "inf" or "nan", which are words.
std::optional<double> real_of(std::string_view text) {
  if (text.find_first_not_of("+-.0123456789eE") != std::string_view::npos) return std::nullopt;
  return number_of<double>(text);
}

/// What stands between x' and '.
std::optional<std::vector<std::byte>> blob_of(std::string_view text) {
  if (text.size() < 3 || (text[0] | 0x20) != 'x' || text[1] != '\'' || text.back() != '\'' ||
      text.size() % 2 == 0)
    return std::nullopt;
  std::vector<std::byte> bytes;
  for (size_t at = 2; at + 1 < text.size(); at += 2) {
    unsigned byte = 0;
    const char* const end = text.data() + at + 2;
    const auto [stop, error] = std::from_chars(text.data() + at, end, byte, 16);
    if (error != std::errc() || stop != end) return std::nullopt;
    bytes.push_back(static_cast<std::byte>(byte));
  }
  return bytes;
}

}  // namespace

Parameters::Parameters(const std::vector<std::string>& positional, const std::vector<std::string>& named) {
  if (!positional.empty() && !named.empty())
    throw Failure(kExitUsage, "parameters are all by position or all by name",
                  "pass only --param or only --named");
  for (const std::string& value : positional) add(value);
  for (const std::string& parameter : named) {
    const size_t equals = parameter.find('=');
    if (equals == 0 || equals == std::string::npos)
      throw Failure(kExitUsage, "--named " + parameter + " is not NAME=VALUE", "write it as id=7");
    const std::string_view text = texts_.emplace_back(parameter);
    names_.push_back(text.substr(0, equals));
    add(text.substr(equals + 1));
  }
}

void Parameters::add(std::string_view text) {
  if (text == "null") {
    values_.emplace_back(nullptr);
  } else if (const auto integer = number_of<std::int64_t>(text)) {
    values_.emplace_back(*integer);
  } else if (const auto real = real_of(text)) {
    values_.emplace_back(*real);
  } else if (auto blob = blob_of(text)) {
    values_.emplace_back(blobs_.emplace_back(*std::move(blob)));
  } else {
    const bool is_quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    if (is_quoted) text = text.substr(1, text.size() - 2);
    values_.emplace_back(std::string_view(texts_.emplace_back(text)));
  }
}

}  // namespace tessera::cli
