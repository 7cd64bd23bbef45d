// A breaker's record as the text that is kept over a restart.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/policy/breaker.hpp"

namespace tessera::http {

/// Empty for a breaker that is closed: nothing is to be kept.
std::string write_record(const BreakerRecord& record);
/// Nothing for what is no such record; what its numbers may do is Breaker::restore()'s.
std::optional<BreakerRecord> read_record(std::string_view text);

}  // namespace tessera::http
