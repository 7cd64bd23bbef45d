#include "app/http_series.hpp"

#include <utility>

#include "base/clock.hpp"
#include "crypto/crypto.hpp"
#include "text/json.hpp"

namespace tessera {
namespace {

Result<Json> read_object(std::string_view json, std::string_view otherwise, const char* whose) {
  Result<Json> object = parse_json(json.empty() ? otherwise : json);
  if (object.ok() && object->is_object()) return object;
  const std::string reason = object.ok() ? "it is not a JSON object" : object.error().text;
  return Error{ErrorCode::kARG,
               "http",
               "the configuration of " + std::string(whose) + " can't be used: " + reason,
               {}};
}

}  // namespace

Result<std::unique_ptr<http::EventStream>> open_events(HttpCore& core, http::Request request,
                                                       std::string_view config_json) {
  TSR_ASSIGN_OR_RETURN(const Json object, read_object(config_json, "{}", "the event stream"));
  TSR_ASSIGN_OR_RETURN(http::SseConfig config, http::read_sse_config(object));
  return http::EventStream::open(core.client(), std::move(request), std::move(config),
                                 {.clock = &system_clock(), .random = &system_random()});
}

Result<std::unique_ptr<http::Pages>> open_pages(HttpCore& core, http::Request request,
                                                std::string_view config_json) {
  TSR_ASSIGN_OR_RETURN(const Json object, read_object(config_json, R"({"kind": "link"})", "pages"));
  TSR_ASSIGN_OR_RETURN(http::PagesConfig config, http::read_pages_config(object));
  return http::Pages::open(core.client(), std::move(request), std::move(config));
}

}  // namespace tessera
