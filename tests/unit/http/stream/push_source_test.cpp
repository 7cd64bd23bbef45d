// Uploads that are written while they are sent.
#include "http/stream/push_source.hpp"

#include <future>
#include <thread>

#include "../client/client_fixture.hpp"
#include "http/stream/body_stream.hpp"

namespace tessera::http {

using namespace std::chrono_literals;
using test::Answer;
using test::Gate;
using test::Origin;
using test::Seen;
using test::Wire;

namespace {

constexpr int64_t kPatience = 60'000;
constexpr size_t kHuge = size_t{64} << 20;

struct UploadFixture : ClientFixture {
  UploadFixture() {
    config.policies.timeouts.total_ms = 3'600'000;
    origin.on("POST", "/", [](const Seen&) { return 200; });
  }
  /// Sent, and answered one day.
  std::future<Result<BodyStream>> send(const std::shared_ptr<PushSource>& upload) {
    Request request;
    request.method = "POST";
    request.url = origin.url("/");
    request.source = upload;
    auto answer = std::make_shared<std::promise<Result<BodyStream>>>();
    BOOST_REQUIRE(BodyStream::open_async(client(), std::move(request), [answer](auto stream) {
                    answer->set_value(std::move(stream));
                  }).ok());
    return answer->get_future();
  }
  static Result<BodyStream> wait_for(std::future<Result<BodyStream>> answer) {
    BOOST_REQUIRE(answer.wait_for(60s) == std::future_status::ready);
    return answer.get();
  }

  Gate gate;
  Origin origin;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(push_source, UploadFixture)

BOOST_AUTO_TEST_CASE(what_is_written_arrives_in_order) {
  for (const bool is_announced : {true, false}) {
    std::string body;
    for (int i = 0; i < 100'000; ++i) body += std::to_string(i);
    const auto upload =
        std::make_shared<PushSource>(is_announced ? static_cast<int64_t>(body.size()) : int64_t{-1});
    auto answer = send(upload);
    for (size_t at = 0; at < body.size(); at += 10'007) {
      const std::string_view piece = std::string_view(body).substr(at, 10'007);
      BOOST_REQUIRE(upload->write(as_bytes(piece), kPatience).value() == piece.size());
    }
    BOOST_REQUIRE(upload->finish().ok());
    BOOST_REQUIRE(wait_for(std::move(answer)).ok());
    const Seen seen = origin.seen().back();
    BOOST_TEST((seen.body == body));
    BOOST_TEST(seen.header("content-length") == (is_announced ? std::to_string(body.size()) : ""));
  }
}

BOOST_AUTO_TEST_CASE(an_upload_of_nothing) {
  const auto upload = std::make_shared<PushSource>(0);
  auto answer = send(upload);
  BOOST_REQUIRE(upload->finish().ok());
  BOOST_REQUIRE(wait_for(std::move(answer)).ok());
  BOOST_TEST(origin.seen().back().body.empty());
}

BOOST_AUTO_TEST_CASE(a_server_that_does_not_read_holds_the_writer_back) {
  origin.on_head("POST", "/", [this](const Seen&) {
    return Answer()
        .wait(gate)
        .then([](Wire& wire) {
          for (size_t left = kHuge; left > 0;) left -= wire.read_some(left).size();
        })
        .respond(201);
  });
  const auto upload = std::make_shared<PushSource>(static_cast<int64_t>(kHuge));
  auto answer = send(upload);
  const Bytes piece(size_t{1} << 20);
  size_t written = 0;
  Result<size_t> taken = upload->write(piece, 500);
  while (taken.ok() && written + *taken < kHuge) {
    written += *taken;
    taken = upload->write(ByteView(piece).first(std::min(piece.size(), kHuge - written)), 500);
  }
  BOOST_REQUIRE_MESSAGE(!taken.ok(), "nothing held the writer back");
  BOOST_TEST(taken.error().code == ErrorCode::kTIMEOUT);
  gate.open();
  while (written < kHuge) {
    taken = upload->write(ByteView(piece).first(std::min(piece.size(), kHuge - written)), kPatience);
    BOOST_REQUIRE(taken.ok());
    written += *taken;
  }
  BOOST_REQUIRE(upload->finish().ok());
  const Result<BodyStream> stream = wait_for(std::move(answer));
  BOOST_REQUIRE(stream.ok());
  BOOST_TEST(stream->head().status == 201);
}

BOOST_AUTO_TEST_CASE(writes_that_do_not_wait_follow_one_another) {
  const auto upload = std::make_shared<PushSource>();
  const std::string piece(1000, 'p');
  int left = 2000;
  std::promise<Status> done;
  std::function<void(Status)> next = [&](Status status) {
    if (!status.ok() || left-- == 0) return done.set_value(status.ok() ? upload->finish() : status);
    const Status asked = upload->write_async(as_bytes(piece), next);
    if (!asked.ok()) done.set_value(asked);
  };
  next({});
  auto answer = send(upload);  // the first fill what room there is
  std::future<Status> written = done.get_future();
  BOOST_REQUIRE(written.wait_for(60s) == std::future_status::ready);
  BOOST_TEST(written.get().ok());
  BOOST_REQUIRE(wait_for(std::move(answer)).ok());
  BOOST_TEST(origin.seen().back().body.size() == 2'000'000U);
}

BOOST_AUTO_TEST_CASE(one_write_that_does_not_wait_at_a_time) {
  const auto upload = std::make_shared<PushSource>();
  const Bytes much(PushSource::kHigh);
  std::promise<Status> told;
  BOOST_REQUIRE(upload->write_async(much, [&](Status status) { told.set_value(status); }).ok());
  BOOST_TEST(upload->write_async(much, [](Status) { BOOST_ERROR("told"); }).error().code ==
             ErrorCode::kSTATE);
  auto answer = send(upload);
  BOOST_TEST(told.get_future().get().ok());
  BOOST_REQUIRE(upload->finish().ok());
  BOOST_REQUIRE(wait_for(std::move(answer)).ok());
  BOOST_TEST(origin.seen().back().body.size() == much.size());
}

BOOST_AUTO_TEST_CASE(the_announced_size_is_kept) {
  const auto upload = std::make_shared<PushSource>(5);
  BOOST_TEST(upload->write(as_bytes("123456"), 0).error().code == ErrorCode::kARG);
  auto answer = send(upload);
  BOOST_REQUIRE(upload->write(as_bytes("1234"), kPatience).ok());
  BOOST_TEST(upload->finish().error().code == ErrorCode::kARG);
  BOOST_TEST(wait_for(std::move(answer)).error().code == ErrorCode::kCALLBACK);
}

BOOST_AUTO_TEST_CASE(nothing_is_added_after_the_end) {
  const auto upload = std::make_shared<PushSource>();
  BOOST_REQUIRE(upload->finish().ok());
  BOOST_TEST(upload->write(as_bytes("x"), 0).error().code == ErrorCode::kSTATE);
  BOOST_TEST(upload->finish().error().code == ErrorCode::kSTATE);
}

BOOST_AUTO_TEST_CASE(a_body_that_can_not_be_had_fails_the_call) {
  const auto upload = std::make_shared<PushSource>();
  auto answer = send(upload);
  BOOST_REQUIRE(upload->write(as_bytes("half"), kPatience).ok());
  upload->fail();
  BOOST_TEST(wait_for(std::move(answer)).error().code == ErrorCode::kCALLBACK);
  BOOST_TEST(upload->write(as_bytes("x"), 0).error().code == ErrorCode::kSTATE);
}

BOOST_AUTO_TEST_CASE(a_server_that_answers_early_lets_the_writer_go) {
  origin.on_head("POST", "/", [](const Seen&) { return 413; });
  const auto upload = std::make_shared<PushSource>(static_cast<int64_t>(kHuge));
  auto answer = send(upload);
  const Bytes piece(size_t{1} << 20);
  Result<size_t> taken = upload->write(piece, kPatience);
  for (size_t written = 0; taken.ok() && written < kHuge;) {
    written += *taken;
    taken = upload->write(piece, kPatience);
  }
  BOOST_REQUIRE(!taken.ok());
  BOOST_TEST(taken.error().code == ErrorCode::kSTATE);
  static_cast<void>(wait_for(std::move(answer)));
}

BOOST_AUTO_TEST_CASE(the_call_keeps_a_source_that_its_writer_drops) {
  auto upload = std::make_shared<PushSource>();
  auto answer = send(upload);
  BOOST_REQUIRE(upload->write(as_bytes("hello"), kPatience).ok());
  BOOST_REQUIRE(upload->finish().ok());
  upload.reset();
  BOOST_REQUIRE(wait_for(std::move(answer)).ok());
  BOOST_TEST(origin.seen().back().body == "hello");
}

BOOST_AUTO_TEST_CASE(any_call_may_have_one) {
  const auto upload = std::make_shared<PushSource>();
  Request request;
  request.method = "POST";
  request.url = origin.url("/");
  request.source = upload;
  Pending pending;
  BOOST_REQUIRE(client().send(std::move(request), pending).ok());
  BOOST_TEST(upload->write(as_bytes("hello"), kPatience).value() == 5U);
  BOOST_REQUIRE(upload->finish().ok());
  BOOST_TEST(pending.wait().value().status == 200);
  BOOST_TEST(origin.seen().back().body == "hello");
}

BOOST_AUTO_TEST_CASE(a_call_that_can_not_be_sent_ends_the_upload) {
  BOOST_REQUIRE(client().close(0).ok());
  const auto upload = std::make_shared<PushSource>();
  Request request;
  request.url = origin.url("/");
  request.source = upload;
  BOOST_REQUIRE(!perform(std::move(request)).ok());
  BOOST_TEST(upload->write(as_bytes("hello"), kPatience).error().code == ErrorCode::kSTATE);
}

BOOST_AUTO_TEST_CASE(closing_the_response_ends_the_upload) {
  origin.on_head("POST", "/", [](const Seen&) {
    return Answer().send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").stall();
  });
  const auto upload = std::make_shared<PushSource>();
  auto answer = send(upload);
  {
    const Result<BodyStream> stream = wait_for(std::move(answer));
    BOOST_REQUIRE(stream.ok());
  }
  const Bytes piece(size_t{1} << 16);
  Result<size_t> taken = upload->write(piece, kPatience);
  while (taken.ok()) taken = upload->write(piece, kPatience);
  BOOST_TEST(taken.error().code == ErrorCode::kSTATE);
}

BOOST_AUTO_TEST_CASE(a_blocking_write_on_the_client_s_own_thread_is_refused) {
  const auto upload = std::make_shared<PushSource>();
  const Bytes much(PushSource::kHigh);
  std::promise<ErrorCode> told;
  BOOST_REQUIRE(upload
                    ->write_async(much,
                                  [&](Status) {
                                    const Result<size_t> taken = upload->write(much, 0);
                                    told.set_value(taken.ok() ? ErrorCode::kOk : taken.error().code);
                                  })
                    .ok());
  auto answer = send(upload);
  BOOST_TEST(told.get_future().get() == ErrorCode::kSTATE);
  BOOST_REQUIRE(upload->finish().ok());
  BOOST_REQUIRE(wait_for(std::move(answer)).ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
