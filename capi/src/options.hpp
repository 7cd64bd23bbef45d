// Structs of options across headers of other ages.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>

#include "convert.hpp"

namespace tessera::capi {

/// The caller's options over the defaults, also when its header is older or newer than this library. `first`
/// is the size in the first release. A null pointer gives the defaults.
template <class Options>
Result<Options> options_in(const Options* options, size_t first, const char* name, const char* init) {
  Options own{};
  if (options == nullptr) return own;
  if (options->struct_size < first) {
    return argument_error(std::string(name) + ".struct_size is too small; start from " + init + "()");
  }
  std::memcpy(static_cast<void*>(&own), options, std::min<size_t>(options->struct_size, sizeof(own)));
  return own;
}

/// Body of the init functions.
template <class Options>
void init_options(Options* options, uint32_t struct_size, size_t first) {
  if (options == nullptr || struct_size < first) return;
  // All of the caller's struct, so that fields which only its header knows hold zeros too.
  std::memset(static_cast<void*>(options), 0, struct_size);
  options->struct_size = struct_size;
}

}  // namespace tessera::capi
