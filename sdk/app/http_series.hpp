// What an API client gives piece after piece: the events of a stream, the pages of a list.
#pragma once

#include <memory>
#include <string_view>

#include "app/http_core.hpp"
#include "http/pages/pages.hpp"
#include "http/sse/event_stream.hpp"

namespace tessera {

/// Empty JSON: the defaults. Both end before `core` does.
Result<std::unique_ptr<http::EventStream>> open_events(HttpCore& core, http::Request request,
                                                       std::string_view config_json);
/// Empty JSON: pages that are linked.
Result<std::unique_ptr<http::Pages>> open_pages(HttpCore& core, http::Request request,
                                                std::string_view config_json);

}  // namespace tessera
