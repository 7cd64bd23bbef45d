#include "http/client/call.hpp"
#include "http/client/errors.hpp"

namespace tessera::http {
namespace {

/// RFC 9110 section 15.4: the method of the next request.
std::string method_after(int status, const std::string& method) {
  if (status == 303) return method == "HEAD" ? "HEAD" : "GET";
  if ((status == 301 || status == 302) && method == "POST") return "GET";
  return method;
}

}  // namespace

bool Call::is_redirect() const {
  const int status = flight_->response.status;
  const bool names_another =
      status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  const int64_t most = request_.max_redirects.value_or(engine_.config.policies.sizes.max_redirects);
  return names_another && most > 0 && flight_->response.headers.has("location");
}

void Call::follow() {
  const int64_t most = request_.max_redirects.value_or(engine_.config.policies.sizes.max_redirects);
  if (redirects_ >= most) {
    return finish(Error{ErrorCode::kLIMIT,
                        "http",
                        target() + ": more than " + std::to_string(most) +
                            " redirects; the server may send its clients in a circle",
                        {}});
  }
  const Result<Url> next = join_url(url_, *flight_->response.headers.get("location"));
  if (!next.ok()) {
    return finish(
        Error{ErrorCode::kPROTOCOL, "http", target() + ": the server redirects to what is no URL", {}});
  }
  if (url_.is_secure() && !next->is_secure()) {
    return finish(Error{ErrorCode::kUNTRUSTED,
                        "http",
                        target() + ": the server redirects from HTTPS to plain HTTP, which is not followed",
                        {}});
  }
  const std::string method = method_after(flight_->response.status, request_.method);
  if (method != request_.method) {
    request_.method = method;
    request_.body.clear();
    request_.source = nullptr;
    for (const char* name : {"content-type", "content-length", "content-encoding"})
      request_.headers.remove(name);
    request_.headers.remove(engine_.config.policies.idempotency.header);
    request_.idempotency_key.clear();
  } else if (!is_repeatable()) {
    return finish(Error{
        ErrorCode::kSTATE,
        "http",
        target() + ": the server redirects an upload that can't be read again; send it to the new address",
        {}});
  }
  if (!same_origin(url_, *next)) {
    // What is for one server is not for another.
    for (const char* name : {"authorization", "cookie", "proxy-authorization"}) request_.headers.remove(name);
    request_.headers.remove(engine_.config.policies.idempotency.header);
    const Headers& defaults = engine_.config.headers;
    for (size_t i = 0; i < defaults.size(); ++i) {
      if (!same_name(defaults[i].name, "user-agent")) request_.headers.remove(defaults[i].name);
    }
    request_.skips_auth = true;
  }
  ++redirects_;
  trace("redirect", std::to_string(flight_->response.status) + " to " + next->origin() + next->path);
  leave_host(Outcome::kSuccess);
  url_ = *next;
  request_.url = url_.text();
  host_.reset();
  found_.reset();
  look_in_cache();
}

}  // namespace tessera::http
