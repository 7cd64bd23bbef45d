// What a request went through, for people. Without queries, bodies and fields: those may be secret.
#pragma once

#include <string>
#include <string_view>
#include <tessera/tessera.hpp>

#include "console.hpp"

namespace tessera::cli {

/// A URL without its query.
std::string without_query(std::string_view url);

/// What each policy did, when, and what the connection cost.
std::string explained(const HttpResponse& response);
Json explained_json(const HttpResponse& response);

/// Hosts with their breakers, and the counters, of HttpClient::state_json() and metrics_json().
std::string standing(const Json& state, const Json& metrics);

}  // namespace tessera::cli
