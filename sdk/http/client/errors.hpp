// Errors of calls: what the caller can do, and in the detail what happened.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "http/transport/wire.hpp"

namespace tessera::http {

/// `target` names method and host: "GET api.example.com".
Error error_of(const WireResult& last, std::string_view target, int attempts);
Error deadline_error(std::string_view target, int64_t total_ms, int attempts);
Error cancelled_error(std::string_view target);
/// The breaker, or the server's own word, says not to ask before `retry_after_ms` have passed.
Error unavailable_error(std::string_view target, std::string_view why, int64_t retry_after_ms);
Error offline_error(std::string_view target, std::string_view reach, int64_t retry_after_ms);
Error queue_full_error(std::string_view target, int64_t pending);
Error closed_error();

}  // namespace tessera::http
