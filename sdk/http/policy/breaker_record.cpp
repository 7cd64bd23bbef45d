#include "http/policy/breaker_record.hpp"

#include "text/json.hpp"

namespace tessera::http {
namespace {

constexpr int64_t kMostMs = int64_t{1} << 53;

Result<BreakerRecord> read(const Json& object) {
  TSR_RETURN_IF_ERROR(json_only(object, {"opened_ms", "cooldown_ms", "trips"}));
  TSR_ASSIGN_OR_RETURN(const auto opened_ms, json_integer(object, "opened_ms", 0, kMostMs));
  TSR_ASSIGN_OR_RETURN(const auto cooldown_ms, json_integer(object, "cooldown_ms", 0, kMostMs));
  TSR_ASSIGN_OR_RETURN(const auto trips, json_integer(object, "trips", 0, kMostMs));
  return BreakerRecord{opened_ms.has_value() && cooldown_ms.has_value(), opened_ms.value_or(0),
                       cooldown_ms.value_or(0), trips.value_or(0)};
}

}  // namespace

std::string write_record(const BreakerRecord& record) {
  if (!record.is_open) return {};
  return dump_json(
      {{"opened_ms", record.opened_wall_ms}, {"cooldown_ms", record.cooldown_ms}, {"trips", record.trips}});
}

std::optional<BreakerRecord> read_record(std::string_view text) {
  const JsonLimits limits{/*max_document=*/1024, /*max_depth=*/1, /*max_members=*/8, /*max_string=*/64};
  const Result<Json> document = parse_json(text, limits);
  if (!document.ok() || !document->is_object()) return std::nullopt;
  const Result<BreakerRecord> record = read(*document);
  if (!record.ok() || !record->is_open) return std::nullopt;
  return *record;
}

}  // namespace tessera::http
