// Fixture: a client over the C ABI and a server for it. Leaves no live object.
#pragma once

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "handles.hpp"
#include "http_origin.hpp"
#include "live_objects.hpp"

namespace tessera::test {

class HttpFixture : public LiveObjects {
 public:
  Origin origin;

  nlohmann::json config() const { return {{"base_url", origin.url("/")}}; }
  static Http open_http(const nlohmann::json& json) {
    Http http;
    Failure failure;
    require_ok(tsr_http_open(str(json.dump()), nullptr, http.out(), failure.out()), failure);
    return http;
  }
  Http open_http() const { return open_http(config()); }

  static tsr_http_request request(std::string_view url = "/") {
    tsr_http_request made;
    tsr_http_request_init(&made, sizeof(made));
    made.url = str(url);
    return made;
  }
  static HttpResponse send(const Http& http, const tsr_http_request& what) {
    HttpResponse response;
    Failure failure;
    require_ok(tsr_http_send(http.get(), &what, response.out(), failure.out()), failure);
    return response;
  }
  static HttpResponse get(const Http& http, std::string_view url) { return send(http, request(url)); }
  static std::string body_of(const HttpResponse& response) {
    size_t size = 0;
    const uint8_t* const data = tsr_http_response_body(response.get(), &size);
    return {reinterpret_cast<const char*>(data), size};
  }
  static std::string text_of(tsr_str text) {
    return text.data == nullptr ? "(absent)" : std::string(text.data, text.len);
  }
};

}  // namespace tessera::test
