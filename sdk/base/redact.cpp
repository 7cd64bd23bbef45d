#include <algorithm>
#include <array>

#include "base/log.hpp"

namespace tessera {
namespace {

constexpr std::string_view kMark = "[redacted]";
constexpr std::array<std::string_view, 11> kSecretWords = {"token",         "key",    "secret",    "password",
                                                           "passphrase",    "cookie", "seed",      "salt",
                                                           "authorization", "nonce",  "credential"};
constexpr size_t kLongRun = 32;  // covers UUIDs, 128-bit values in hex and 256-bit values in base64url
constexpr size_t kMacPairs = 6;
constexpr size_t kLeastHeader = 8;  // shortest first part taken for a JWS header

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) { return is_lower(c) || is_upper(c) || is_digit(c); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_run(char c) { return is_alnum(c) || c == '-' || c == '_'; }

/// By its end, so that "apikey" and "tokens" count and "keyset" does not.
bool is_secret_word(std::string_view word) {
  if (word.ends_with('s')) word.remove_suffix(1);
  return std::any_of(kSecretWords.begin(), kSecretWords.end(),
                     [&](std::string_view secret) { return word.ends_with(secret); });
}

/// Splits at punctuation and at the capitals of camelCase.
bool is_secret_key(std::string_view key) {
  std::string word;
  for (size_t i = 0; i < key.size(); ++i) {
    const bool starts_word = is_upper(key[i]) && i > 0 && is_lower(key[i - 1]);
    if (!is_alnum(key[i]) || starts_word) {
      if (is_secret_word(word)) return true;
      word.clear();
    }
    if (is_alnum(key[i])) word += is_upper(key[i]) ? static_cast<char>(key[i] - 'A' + 'a') : key[i];
  }
  return is_secret_word(word);
}

size_t run_length(std::string_view text) {
  return static_cast<size_t>(std::find_if_not(text.begin(), text.end(), is_run) - text.begin());
}

/// A PEM block up to the end of its last line, or to the end of the text when it is cut off.
size_t pem_length(std::string_view text) {
  if (!text.starts_with("-----BEGIN ")) return 0;
  constexpr std::string_view kEnd = "-----END ";
  const size_t end = text.find(kEnd);
  if (end == std::string_view::npos) return text.size();
  const size_t dashes = text.find("-----", end + kEnd.size());
  return dashes == std::string_view::npos ? text.size() : dashes + 5;
}

/// Six or more pairs of hex digits with the same separator: a MAC address, or a fingerprint.
size_t mac_length(std::string_view text) {
  const auto pair_at = [&](size_t at) {
    return at + 1 < text.size() && is_hex(text[at]) && is_hex(text[at + 1]) &&
           (at + 2 == text.size() || !is_alnum(text[at + 2]));
  };
  if (!pair_at(0) || text.size() < 3 || (text[2] != ':' && text[2] != '-')) return 0;
  size_t end = 2;
  while (end < text.size() && text[end] == text[2] && pair_at(end + 1)) end += 3;
  return (end + 1) / 3 >= kMacPairs ? end : 0;
}

/// Compact JWS: base64url of a JSON object, which starts with "ey" or "ew", then parts behind dots.
size_t jws_length(std::string_view text, size_t first_part) {
  const bool header = first_part >= kLeastHeader && (text.starts_with("ey") || text.starts_with("ew"));
  if (!header || first_part == text.size() || text[first_part] != '.') return 0;
  const auto end = std::find_if_not(text.begin(), text.end(), [](char c) { return is_run(c) || c == '.'; });
  return static_cast<size_t>(end - text.begin());
}

/// Length of the secret at the start of `text`, or 0. `previous` is the character before it.
size_t secret_length(std::string_view text, char previous) {
  if (const size_t pem = pem_length(text)) return pem;
  if (is_alnum(previous)) return 0;
  if (const size_t mac = mac_length(text)) return mac;
  if (is_run(previous)) return 0;
  const size_t run = run_length(text);
  if (const size_t jws = jws_length(text, run)) return jws;
  return run >= kLongRun ? run : 0;
}

}  // namespace

std::string redact(std::string_view key, std::string_view value) {
  if (is_secret_key(key)) return std::string(kMark);
  std::string clean;
  clean.reserve(value.size());
  char previous = '\0';
  for (size_t at = 0; at < value.size();) {
    const size_t length = secret_length(value.substr(at), previous);
    if (length > 0) {
      clean += kMark;
      at += length;
    } else {
      clean += value[at++];
    }
    previous = value[at - 1];
  }
  return clean;
}

}  // namespace tessera
