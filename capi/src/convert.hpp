// Between the C types of include/tessera and the C++ types of sdk/.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "handle.hpp"
#include "tessera/types.h"

namespace tessera::capi {

/// ARG with a sentence that names the parameter.
Error argument_error(std::string text);

/// Required text: present, of a possible length, UTF-8.
Result<std::string_view> text_in(tsr_str text, const char* name);
/// The same, or empty when absent.
Result<std::string_view> optional_text_in(tsr_str text, const char* name);
/// A required path: not empty, without NUL.
Result<std::string> path_in(tsr_str path);
/// Bytes of any content; NULL only with length 0.
Result<std::string_view> bytes_in(const void* data, size_t len, const char* name);
/// ARG when a required out parameter is NULL; checked before the call has an effect.
Status require_out(const void* out);
/// Copies `bytes` into `out`, which is not NULL.
Status bytes_out(std::string_view bytes, tsr_buf* out);
/// The same for the value of `text`; its error is passed on.
Status result_out(const Result<std::string>& text, tsr_buf* out);

/// ARG unless `handle` is live; `noun` names it for people.
template <class T>
Status require_live(const T* handle, const char* noun) {
  if (is_live(handle)) return {};
  return argument_error(std::string("the ") + noun +
                        " handle is NULL, freed or of another type; pass one that is open");
}

/// The same, and FORKED in a child of the process that made it.
template <class T>
Status require_usable(const T* handle, const char* noun) {
  TSR_RETURN_IF_ERROR(require_live(handle, noun));
  if (!handle->fork.in_child()) return {};
  return Error{
      ErrorCode::kFORKED,
      "abi",
      std::string("the ") + noun + " handle belongs to the parent process; open a new one after fork",
      {}};
}

}  // namespace tessera::capi
