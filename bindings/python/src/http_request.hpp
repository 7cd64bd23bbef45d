// A request of the API client, from Python's arguments.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "convert.hpp"

namespace tessera::python {

/// Borrows from the arguments, and keeps alive what another thread might drop meanwhile, for one call of the
/// C ABI. Made and destroyed with the interpreter lock.
class HttpRequest {
 public:
  /// `options` is null, None or a dict with the members of tessera.HttpOptions. Throws TypeError, ValueError.
  HttpRequest(PyObject* method, PyObject* url, PyObject* options);
  HttpRequest(const HttpRequest&) = delete;
  HttpRequest& operator=(const HttpRequest&) = delete;
  const tsr_http_request* get() const { return &request_; }

 private:
  struct Option;
  static const Option kOptions[];

  void read_option(PyObject* name, PyObject* value);
  void read_query(PyObject* source);
  void read_headers(PyObject* source);
  void read_json(PyObject* source);
  void read_data(PyObject* source);
  void read_timeout(PyObject* source);
  void read_attempt_timeout(PyObject* source);
  void read_max_attempts(PyObject* source);
  void read_cache(PyObject* source);
  void read_max_age(PyObject* source);
  void read_idempotency_key(PyObject* source);
  void read_partition(PyObject* source);
  void read_background(PyObject* source);
  void read_skip_auth(PyObject* source);
  void read_skip_breaker(PyObject* source);
  void read_trace(PyObject* source);
  void read_follow_redirects(PyObject* source);
  void read_max_body_bytes(PyObject* source);
  void read_upload(PyObject* source);
  void read_form(PyObject* source);

  /// Calls `take(name, value)` for each item of a mapping, or each pair of an iterable.
  template <class Take>
  void each_pair(PyObject* source, const char* what, Take&& take);
  void add_query(tsr_str name, PyObject* value);
  void set_flag(uint32_t flag, PyObject* source);
  template <class T>
  auto* handle_of(PyObject* source, const char* refusal);
  void take_body();
  void set_body(Text body, std::string_view content_type);
  void add_content_type();
  tsr_str keep_str(py::object text, const char* what);

  tsr_http_request request_;
  std::vector<tsr_pair> query_, headers_;
  std::optional<Text> body_;
  bool has_body_ = false;
  std::string_view content_type_;
  std::vector<py::object> kept_;
};

}  // namespace tessera::python
