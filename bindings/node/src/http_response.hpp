// What a request got, as JavaScript sees it.
#pragma once

#include <string>

#include "convert.hpp"

namespace tessera::node {

/// Names and values, a line each: a header field has no line end.
void add_lines(std::string& lines, const tsr_pair* headers, size_t count);

/// [status, facts, body, trace, problem]; it needs the library no more. Undefined when there is none.
template <>
Napi::Value Out<tsr_http_response*>::take(Napi::Env env);

}  // namespace tessera::node
