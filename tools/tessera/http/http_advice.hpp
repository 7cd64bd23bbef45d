// What to do about errors of the API client.
#pragma once

#include <string_view>
#include <tessera/tessera.hpp>

namespace tessera::cli {

std::string_view http_next_step(ErrorCode code);

/// Whether the same request may get another status later.
bool may_pass(std::int32_t status);

/// What to do about a status of 400 or more.
std::string_view next_step_of_status(std::int32_t status);

}  // namespace tessera::cli
