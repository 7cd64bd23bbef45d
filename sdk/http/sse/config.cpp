#include "http/sse/config.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "http/fields/headers.hpp"

namespace tessera::http {
namespace {

constexpr int64_t kDayMs = int64_t{24} * 3600 * 1000;

struct Number {
  std::string_view name;
  int64_t SseConfig::* member;
  int64_t least, most;
};

constexpr std::array<Number, 6> kNumbers{{
    {"retry_ms", &SseConfig::retry_ms, 1, kDayMs},
    {"max_retry_ms", &SseConfig::max_retry_ms, 1, kDayMs},
    {"reset_after_ms", &SseConfig::reset_after_ms, 0, kDayMs},
    {"idle_ms", &SseConfig::idle_ms, 0, kDayMs},
    {"max_event_bytes", &SseConfig::max_event_bytes, 64, int64_t{256} << 20},
    {"max_queued", &SseConfig::max_queued, 1, 100'000},
}};

Status read_all(const Json& object, SseConfig* out) {
  TSR_RETURN_IF_ERROR(json_only(object, {"reconnects", "retry_ms", "max_retry_ms", "reset_after_ms",
                                         "idle_ms", "max_event_bytes", "max_queued", "last_event_id"}));
  TSR_ASSIGN_OR_RETURN(const auto reconnects, json_bool(object, "reconnects"));
  out->reconnects = reconnects.value_or(out->reconnects);
  for (const Number& number : kNumbers) {
    TSR_ASSIGN_OR_RETURN(const auto value, json_integer(object, number.name, number.least, number.most));
    if (value) out->*number.member = *value;
  }
  out->max_retry_ms = std::max(out->max_retry_ms, out->retry_ms);
  TSR_ASSIGN_OR_RETURN(auto id, json_string(object, "last_event_id"));
  if (!id) return {};
  TSR_RETURN_IF_ERROR(check_field("Last-Event-ID", *id));
  out->last_event_id = std::move(*id);
  return {};
}

}  // namespace

Result<SseConfig> read_sse_config(const Json& object) {
  SseConfig config;
  const Status status = read_all(object, &config);
  if (status.ok()) return config;
  return Error{
      ErrorCode::kARG, "http", "the event stream's configuration can't be used: " + status.error().text, {}};
}

}  // namespace tessera::http
