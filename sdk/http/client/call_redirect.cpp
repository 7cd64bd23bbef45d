#include "http/client/call.hpp"
#include "http/client/codes.hpp"
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
  const int status = response_.status;
  const bool names_another =
      status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  const int64_t most = request_.max_redirects.value_or(engine_.config.policies.sizes.max_redirects);
  return names_another && most > 0 && response_.headers.has("location");
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
  const Result<Url> next = join_url(url_, *response_.headers.get("location"));
  if (!next.ok()) {
    return finish(Error{kProtocol, "http", target() + ": the server redirects to what is no URL", {}});
  }
  if (url_.is_secure() && !next->is_secure()) {
    return finish(Error{kUntrusted,
                        "http",
                        target() + ": the server redirects from HTTPS to plain HTTP, which is not followed",
                        {}});
  }
  const std::string method = method_after(response_.status, request_.method);
  if (method != request_.method) {
    request_.method = method;
    request_.body.clear();
    request_.source = nullptr;
    for (const char* name : {"content-type", "content-length", "content-encoding"})
      request_.headers.remove(name);
    request_.headers.remove(engine_.config.policies.idempotency.header);
    request_.idempotency_key.clear();
  } else if (request_.source != nullptr) {
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
    credential_.reset();
  }
  ++redirects_;
  trace("redirect", std::to_string(response_.status) + " to " + next->origin() + next->path);
  leave_host(Outcome::kSuccess);
  url_ = *next;
  host_ = nullptr;
  stored_.reset();
  cached_ = {};
  is_unconditional_ = false;
  look_in_cache();
}

}  // namespace tessera::http
