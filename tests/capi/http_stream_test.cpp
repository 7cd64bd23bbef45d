// Responses that are read in steps, and requests that are written in steps, over the C ABI.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "http_fixture.hpp"
#include "temp_dir.hpp"

namespace tessera::test {
namespace {

constexpr uint32_t kLongMs = 60'000;  // for what does happen

struct Streamed : HttpFixture {
  static HttpStream open_stream(const Http& http, const tsr_http_request& what) {
    HttpStream stream;
    Failure failure;
    require_ok(tsr_http_stream_open(http.get(), &what, stream.out(), failure.out()), failure);
    return stream;
  }
  static HttpStream open_stream(const Http& http, std::string_view url) {
    return open_stream(http, request(url));
  }
  static std::string read_all(const HttpStream& stream, size_t step) {
    std::string all;
    while (true) {
      Buffer piece;
      Failure failure;
      require_ok(tsr_http_stream_read(stream.get(), step, kLongMs, piece.out(), failure.out()), failure);
      BOOST_REQUIRE(piece.get().len <= step);
      if (piece.get().len == 0) return all;
      all += piece.text();
    }
  }
  static Operation start_read(const HttpStream& stream) {
    Operation op;
    Failure failure;
    require_ok(
        tsr_http_stream_read_async(stream.get(), 100, nullptr, nullptr, nullptr, op.out(), failure.out()),
        failure);
    return op;
  }
  static tsr_status read_of(const Operation& op, Buffer* out) {
    BOOST_REQUIRE(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
    return tsr_op_buf(op.get(), out->out(), nullptr);
  }
  /// A head, and the body once the gate is open.
  void serve_late(const Gate& gate) {
    origin.on("GET", "/late", [&gate](const Seen&) {
      return Answer().send("HTTP/1.1 404 No\r\nX-A: b\r\nContent-Length: 5\r\n\r\n").wait(gate).send("sorry");
    });
  }
  static HttpUpload new_upload(int64_t size = -1) {
    HttpUpload upload;
    Failure failure;
    require_ok(tsr_http_upload_new(size, upload.out(), failure.out()), failure);
    return upload;
  }
  static tsr_http_request post(const HttpUpload& upload) {
    tsr_http_request what = request("/up");
    what.method = TSR_LIT("POST");
    what.upload = upload.get();
    return what;
  }
  static Operation start(const Http& http, const tsr_http_request& what) {
    Operation op;
    Failure failure;
    require_ok(tsr_http_send_async(http.get(), &what, nullptr, nullptr, nullptr, op.out(), failure.out()),
               failure);
    return op;
  }
  static tsr_status status_of(const Operation& op) {
    HttpResponse response;
    BOOST_REQUIRE(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
    return tsr_op_http_response(op.get(), response.out(), nullptr);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_stream, Streamed)

BOOST_AUTO_TEST_CASE(a_body_is_read_in_steps) {
  const std::string body(1'000'003, 'x');
  origin.on("GET", "/big", [&](const Seen&) { return Answer(200, body, {{"X-A", "b"}}); });
  const Http http = open_http();
  const HttpStream stream = open_stream(http, "/big");
  HttpResponse head;
  BOOST_REQUIRE(tsr_http_stream_head(stream.get(), head.out(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_http_response_status(head.get()) == 200);
  BOOST_TEST(tsr_http_response_attempts(head.get()) == 1);
  BOOST_TEST(text_of(tsr_http_response_header(head.get(), TSR_LIT("x-a"))) == "b");
  BOOST_TEST(text_of(tsr_http_response_url(head.get())) == origin.url("/big"));
  BOOST_TEST((read_all(stream, 4097) == body));
  Buffer end;
  BOOST_TEST(tsr_http_stream_read(stream.get(), 1, 0, end.out(), nullptr) == TSR_OK);
  BOOST_TEST(end.get().len == 0U);
  BOOST_TEST(tsr_http_stream_read(stream.get(), 0, 0, end.out(), nullptr) == TSR_E_ARG);
}

BOOST_AUTO_TEST_CASE(the_head_comes_first_and_reads_wait_or_do_not) {
  Gate gate;
  serve_late(gate);
  const Http http = open_http();
  const HttpStream stream = open_stream(http, "/late");
  Buffer piece;
  BOOST_TEST(tsr_http_stream_read(stream.get(), 10, 1, piece.out(), nullptr) == TSR_E_TIMEOUT);
  const Operation op = start_read(stream);
  BOOST_TEST(tsr_op_ended(op.get()) == 0);
  Operation second;
  BOOST_TEST(tsr_http_stream_read_async(stream.get(), 1, nullptr, nullptr, nullptr, second.out(), nullptr) ==
             TSR_E_STATE);
  gate.open();
  BOOST_TEST(read_of(op, &piece) == TSR_OK);
  const std::string first = piece.text();
  BOOST_TEST(first + read_all(stream, 100) == "sorry");
}

BOOST_AUTO_TEST_CASE(what_is_there_already_completes_on_a_thread_of_the_library) {
  origin.on("GET", "/", [](const Seen&) { return Answer(200, "all", {{"Cache-Control", "max-age=60"}}); });
  const Http http = open_http();
  BOOST_TEST(body_of(get(http, "/")) == "all");
  const HttpStream stream = open_stream(http, "/");  // from the cache, so it is all here
  struct Told {
    std::string bytes;
    tsr_status waited = TSR_OK;
  } told;
  const auto done = [](void* user, tsr_op* op) {
    auto& to = *static_cast<Told*>(user);
    Buffer piece;
    to.waited = tsr_op_wait(op, 10, nullptr);
    if (tsr_op_buf(op, piece.out(), nullptr) == TSR_OK) to.bytes = piece.text();
  };
  Operation op;
  BOOST_REQUIRE(tsr_http_stream_read_async(stream.get(), 100, done, &told, nullptr, op.out(), nullptr) ==
                TSR_OK);
  BOOST_REQUIRE(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
  BOOST_TEST(told.bytes == "all");
  BOOST_TEST(told.waited == TSR_E_STATE);
}

BOOST_AUTO_TEST_CASE(closing_ends_a_read_that_waits) {
  origin.on("GET", "/stuck", [](const Seen&) {
    return Answer().send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").stall();
  });
  const Http http = open_http();
  const HttpStream stream = open_stream(http, "/stuck");
  const Operation op = start_read(stream);
  BOOST_TEST(tsr_http_stream_close(stream.get(), nullptr) == TSR_OK);
  Buffer piece;
  BOOST_TEST(read_of(op, &piece) == TSR_E_CANCELLED);
  BOOST_TEST(tsr_http_stream_read(stream.get(), 10, 0, piece.out(), nullptr) == TSR_E_CANCELLED);
  BOOST_TEST(tsr_http_stream_close(stream.get(), nullptr) == TSR_OK);
}

BOOST_AUTO_TEST_CASE(a_read_keeps_its_stream_and_the_stream_its_client) {
  Gate gate;
  serve_late(gate);
  Http http = open_http();
  HttpStream stream = open_stream(http, "/late");
  http = Http();
  const Operation op = start_read(stream);
  stream = HttpStream();
  gate.open();
  Buffer piece;
  BOOST_TEST(read_of(op, &piece) == TSR_OK);
  BOOST_TEST(!piece.text().empty());
}

BOOST_AUTO_TEST_CASE(opened_in_the_background_or_cancelled) {
  origin.on("GET", "/a", [](const Seen&) { return Answer(200, "a"); });
  origin.on("GET", "/never", [](const Seen&) { return Answer().stall(); });
  const Http http = open_http();
  for (const char* const url : {"/a", "/never"}) {
    const tsr_http_request what = request(url);
    Operation op;
    BOOST_REQUIRE(tsr_http_stream_open_async(http.get(), &what, nullptr, nullptr, nullptr, op.out(),
                                             nullptr) == TSR_OK);
    const bool is_cancelled = what.url.len > 2;
    if (is_cancelled) tsr_op_cancel(op.get());
    BOOST_REQUIRE(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
    tsr_op_cancel(op.get());  // too late for the stream
    HttpStream stream;
    BOOST_TEST(tsr_op_http_stream(op.get(), stream.out(), nullptr) ==
               (is_cancelled ? TSR_E_CANCELLED : TSR_OK));
    if (!is_cancelled) BOOST_TEST(read_all(stream, 10) == "a");
  }
}

BOOST_AUTO_TEST_CASE(an_upload_goes_with_any_request_but_only_one) {
  origin.on("POST", "/up", [](const Seen& seen) { return Answer(200, seen.body); });
  const Http http = open_http();
  const HttpUpload upload = new_upload();
  const tsr_http_request what = post(upload);
  const Operation op = start(http, what);
  size_t taken = 0;
  BOOST_TEST(tsr_http_upload_write(upload.get(), "hello ", 6, kLongMs, &taken, nullptr) == TSR_OK);
  BOOST_TEST(taken == 6U);
  Operation written;
  BOOST_REQUIRE(tsr_http_upload_write_async(upload.get(), "world", 5, nullptr, nullptr, nullptr,
                                            written.out(), nullptr) == TSR_OK);
  BOOST_REQUIRE(tsr_op_wait(written.get(), kLongMs, nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_void(written.get(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_http_upload_finish(upload.get(), nullptr) == TSR_OK);
  BOOST_TEST(status_of(op) == TSR_OK);
  BOOST_TEST(origin.seen().back().body == "hello world");
  BOOST_TEST(tsr_http_upload_finish(upload.get(), nullptr) == TSR_E_STATE);
  HttpResponse response;
  BOOST_TEST(tsr_http_send(http.get(), &what, response.out(), nullptr) == TSR_E_STATE);
}

BOOST_AUTO_TEST_CASE(an_upload_that_is_not_finished_fails_its_request) {
  origin.on("POST", "/up", [](const Seen&) { return Answer(200); });
  const Http http = open_http();
  for (const bool is_freed : {true, false}) {
    HttpUpload upload = new_upload(10);
    const Operation op = start(http, post(upload));
    BOOST_TEST(tsr_http_upload_write(upload.get(), "part", 4, kLongMs, nullptr, nullptr) == TSR_OK);
    BOOST_TEST(tsr_http_upload_write(upload.get(), "too much", 8, kLongMs, nullptr, nullptr) == TSR_E_ARG);
    if (is_freed) {
      upload = HttpUpload();
    } else {
      BOOST_TEST(tsr_http_upload_fail(upload.get(), nullptr) == TSR_OK);
    }
    BOOST_TEST(status_of(op) == TSR_E_CALLBACK);
  }
  HttpUpload none;
  BOOST_TEST(tsr_http_upload_new(-2, none.out(), nullptr) == TSR_E_ARG);
}

BOOST_AUTO_TEST_CASE(a_form_is_sent_again_where_a_body_would_be) {
  const TempDir folder;
  std::ofstream(folder / "photo.bin", std::ios::binary) << std::string(300'000, 'p');
  origin.on("PUT", "/form", [](const Seen& seen) { return seen.number == 1 ? 503 : 200; });
  nlohmann::json json = config();
  json["retry"] = {{"transient_base_ms", 1}};
  const Http http = open_http(json);
  HttpForm form;
  BOOST_REQUIRE(tsr_http_form_new(form.out(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_http_form_add_field(form.get(), TSR_LIT("title"), TSR_LIT("Cape"), nullptr) == TSR_OK);
  BOOST_TEST(tsr_http_form_add_field(form.get(), TSR_LIT("a\nb"), TSR_LIT(""), nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_http_form_add_bytes(form.get(), TSR_LIT("note"), "hi", 2, TSR_LIT("note.txt"),
                                     TSR_LIT("text/plain"), nullptr) == TSR_OK);
  const std::string path = folder / "photo.bin";
  BOOST_TEST(tsr_http_form_add_file(form.get(), TSR_LIT("photo"), str(path), {}, {}, nullptr) == TSR_OK);
  BOOST_TEST(tsr_http_form_add_file(form.get(), TSR_LIT("none"), TSR_LIT("/nonexistent/file"), {}, {},
                                    nullptr) == TSR_E_NOT_FOUND);
  tsr_http_request what = request("/form");
  what.method = TSR_LIT("PUT");
  what.form = form.get();
  const HttpResponse response = send(http, what);
  BOOST_TEST(tsr_http_response_status(response.get()) == 200);
  BOOST_TEST(tsr_http_response_attempts(response.get()) == 2);
  for (const Seen& seen : origin.seen()) {
    BOOST_TEST(seen.header("Content-Type").starts_with("multipart/form-data; boundary="));
    BOOST_TEST(seen.body.find("name=\"title\"\r\n\r\nCape\r\n") != std::string::npos);
    BOOST_TEST(seen.body.find("filename=\"note.txt\"\r\nContent-Type: text/plain\r\n\r\nhi\r\n") !=
               std::string::npos);
    BOOST_TEST(seen.body.find(std::string(300'000, 'p')) != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_request_has_one_body) {
  const Http http = open_http();
  const HttpUpload upload = new_upload();
  HttpForm form;
  BOOST_REQUIRE(tsr_http_form_new(form.out(), nullptr) == TSR_OK);
  tsr_http_request what = post(upload);
  what.form = form.get();
  HttpResponse response;
  BOOST_TEST(tsr_http_send(http.get(), &what, response.out(), nullptr) == TSR_E_ARG);
  what.form = nullptr;
  what.body = "x";
  what.body_len = 1;
  BOOST_TEST(tsr_http_send(http.get(), &what, response.out(), nullptr) == TSR_E_ARG);
  what = request("/up");
  what.upload = reinterpret_cast<const tsr_http_upload*>(form.get());  // another type
  BOOST_TEST(tsr_http_send(http.get(), &what, response.out(), nullptr) == TSR_E_ARG);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
