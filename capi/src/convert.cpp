#include "convert.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "text/utf8.hpp"

namespace tessera::capi {
namespace {

Status check_range(const void* data, size_t len, const char* name) {
  if (data == nullptr && len > 0) return argument_error(std::string(name) + " is NULL but has a length");
  if (len > static_cast<size_t>(PTRDIFF_MAX))
    return argument_error(std::string(name) + " has an impossible length");
  return {};
}

/// Most texts are, and this takes a fraction of is_utf8().
bool is_ascii(std::string_view text) {
  uint64_t seen = 0;
  const char* at = text.data();
  size_t left = text.size();
  for (; left >= sizeof(seen); at += sizeof(seen), left -= sizeof(seen)) {
    uint64_t eight = 0;
    std::memcpy(&eight, at, sizeof(eight));
    seen |= eight;
  }
  for (; left > 0; ++at, --left) seen |= static_cast<uint8_t>(*at);
  return (seen & 0x8080808080808080) == 0;
}

}  // namespace

Error argument_error(std::string text) { return {ErrorCode::kARG, "abi", std::move(text), {}}; }

Result<std::string_view> text_in(tsr_str text, const char* name) {
  TSR_RETURN_IF_ERROR(check_range(text.data, text.len, name));
  if (text.data == nullptr) return argument_error(std::string(name) + " is required");
  const std::string_view view(text.data, text.len);
  if (!is_ascii(view) && !is_utf8(view)) return argument_error(std::string(name) + " is not UTF-8");
  return view;
}

Result<std::string_view> optional_text_in(tsr_str text, const char* name) {
  if (text.data == nullptr && text.len == 0) return std::string_view();
  return text_in(text, name);
}

Result<std::string> path_in(tsr_str path) {
  TSR_ASSIGN_OR_RETURN(const auto text, text_in(path, "path"));
  if (text.empty()) return argument_error("path is empty");
  if (text.find('\0') != std::string_view::npos) return argument_error("path has a NUL byte in it");
  return std::string(text);
}

Result<std::string_view> bytes_in(const void* data, size_t len, const char* name) {
  TSR_RETURN_IF_ERROR(check_range(data, len, name));
  return std::string_view(static_cast<const char*>(data), len);
}

Status require_out(const void* out) {
  if (out != nullptr) return {};
  return argument_error("the pointer that receives the result is NULL");
}

Status bytes_out(std::string_view bytes, tsr_buf* out) {
  auto* copy = static_cast<uint8_t*>(std::malloc(bytes.size() + 1));
  if (copy == nullptr) throw std::bad_alloc();
  *std::copy(bytes.begin(), bytes.end(), copy) = 0;
  *out = {copy, bytes.size()};
  return {};
}

Status result_out(const Result<std::string>& text, tsr_buf* out) {
  if (!text.ok()) return text.error();
  return bytes_out(text.value(), out);
}

}  // namespace tessera::capi
