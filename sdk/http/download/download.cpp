#include "http/download/download.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <utility>

#include "base/clock.hpp"
#include "base/executor.hpp"
#include "base/thread.hpp"
#include "http/download/judge.hpp"
#include "http/download/part.hpp"
#include "http/fields/retry_after.hpp"
#include "http/policy/jitter.hpp"
#include "http/stream/deadline.hpp"
#include "text/hex.hpp"
#include "text/json.hpp"

namespace tessera::http {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr size_t kHigh = size_t{256} << 10;          // waits for the disk at most
constexpr int64_t kWorthBytes = int64_t{1} << 20;    // a resume that brings so much counts for nothing
constexpr int64_t kRoomForNote = int64_t{64} << 10;  // given back on a full disk

Error cancelled_download() {
  return {ErrorCode::kCANCELLED, "http", "the download was cancelled; start it again to go on", {}};
}

ErrorCode code_of_status(int status) {
  switch (status) {
    case 401:
      return ErrorCode::kUNAUTHORIZED;
    case 403:
      return ErrorCode::kPERMISSION;
    case 404:
    case 410:
      return ErrorCode::kNOT_FOUND;
    case 429:
      return ErrorCode::kUNAVAILABLE;
    default:
      return status >= 500 ? ErrorCode::kUNAVAILABLE : ErrorCode::kPROTOCOL;
  }
}

Error status_error(const Response& head) {
  Json detail = {{"status", head.status}};
  const auto after = head.headers.get("retry-after");
  const auto after_s = after ? parse_retry_after(*after, system_clock().wall_ms()) : std::nullopt;
  if (after_s) detail["retry_after_ms"] = *after_s;
  return {code_of_status(head.status), "http",
          "the server answered the download with status " + std::to_string(head.status) +
              " instead of a file; check its address",
          dump_json(detail)};
}

Error size_error(int64_t expected, int64_t actual) {
  return {ErrorCode::kPROTOCOL, "http", "the file has another size than expected; it was not kept",
          dump_json({{"expected_bytes", expected}, {"actual_bytes", actual}})};
}

Error limit_error(int64_t most) {
  return {
      ErrorCode::kLIMIT,
      "http",
      "the file is larger than the " + std::to_string(most) + " bytes allowed; raise max_bytes if it may be",
      {}};
}

int64_t member_of_detail(const Error& error, std::string_view name, int64_t otherwise) {
  const Result<Json> detail = parse_json(error.detail_json);
  if (!detail.ok() || !detail->is_object()) return otherwise;
  const auto value = json_integer(*detail, name, 0, std::numeric_limits<int64_t>::max());
  return value.ok() ? value->value_or(otherwise) : otherwise;
}

bool was_deadline(const Error& error) {
  const Result<Json> detail = parse_json(error.detail_json);
  if (!detail.ok() || !detail->is_object()) return false;
  const auto failure = json_string(*detail, "failure");
  return failure.ok() && *failure == "deadline";
}

/// Whether the same may go well in a moment.
bool is_passing(const Error& error) {
  switch (error.code) {
    case ErrorCode::kNETWORK:
    case ErrorCode::kUNAVAILABLE:
    case ErrorCode::kBUSY:
      return true;
    case ErrorCode::kTIMEOUT:
      return !was_deadline(error);
    default:
      return false;
  }
}

Status check_request(const Request& request) {
  if (request.method != "GET" || !request.body.empty() || request.source != nullptr)
    return Error{ErrorCode::kARG, "http", "a download is a GET without a body", {}};
  for (const char* const name : {"range", "if-range", "accept-encoding"}) {
    if (request.headers.has(name)) {
      return Error{ErrorCode::kARG,
                   "http",
                   std::string("a download sets the field ") + name + " itself; leave it out",
                   {}};
    }
  }
  return {};
}

Status check_config(const DownloadConfig& config) {
  if (config.path.empty() || config.path.ends_with('/'))
    return Error{ErrorCode::kARG, "http", "a download needs the path of a file to write", {}};
  const auto digest = hex_decode(config.sha256);
  if (!config.sha256.empty() && (!digest || digest->size() != Sha256().size()))
    return Error{ErrorCode::kARG, "http", "a SHA-256 has 64 hexadecimal digits", {}};
  if (config.size.value_or(0) < 0 || config.max_bytes.value_or(0) < 0 || config.sync_bytes < 1 ||
      config.max_resumes < 0 || config.retry.transient_base_ms < 1 || config.retry.max_backoff_ms < 1)
    return Error{ErrorCode::kARG, "http", "a number of the download's configuration is out of range", {}};
  return {};
}

/// The client's thread only hands over what came; one background task at a time does all else.
class Download final : public DownloadHandle,
                       private Receiver,
                       private Task,
                       public std::enable_shared_from_this<Download> {
 public:
  Download(Client& client, Request request, DownloadConfig config, DownloadProgress progress,
           DownloadDone done)
      : client_(client),
        request_(std::move(request)),
        config_(std::move(config)),
        progress_(std::move(progress)),
        done_(std::move(done)) {}

  Status start() {
    if (request_.total_ms.value_or(0) > 0) deadline_ = deadline_in(*request_.total_ms);
    request_.headers.set("accept-encoding", "identity");
    request_.cache = CacheMode::kNoStore;
    // The bytes are counted here.
    request_.max_body_bytes = std::numeric_limits<int64_t>::max();
    self_ = shared_from_this();
    is_scheduled_ = true;
    Status submitted = Executor::submit(*this);
    if (!submitted.ok()) self_.reset();
    return submitted;
  }

  void cancel() override {
    const std::scoped_lock lock(mutex_);
    is_cancelled_ = true;
    if (call_ != nullptr) call_->cancel();
    if (is_waiting_) Executor::advance(*this);
  }

 private:
  enum class Stage : uint8_t { kPrepare, kTransfer, kWait, kDone };

  // On the client's thread.
  bool takes_body() const override { return true; }
  Flow on_head(const Response& head) override {
    std::unique_lock lock(mutex_);
    new_head_ = head;
    hand_over(lock);
    return Flow::kGo;
  }
  Flow on_body(ByteView piece) override {
    std::unique_lock lock(mutex_);
    if (!incoming_.empty() && incoming_.size() + piece.size() > kHigh) {
      is_paused_ = true;
      return Flow::kPause;
    }
    incoming_.insert(incoming_.end(), piece.begin(), piece.end());
    hand_over(lock);
    return Flow::kGo;
  }
  void on_done(Result<Response> response) override {
    std::unique_lock lock(mutex_);
    call_.reset();
    ended_ = response.ok() ? Status() : Status(std::move(response).error());
    hand_over(lock);
  }

  /// To the background, or when no thread is to be had, here: better late than never.
  void hand_over(std::unique_lock<std::mutex>& lock) {
    if (std::exchange(is_scheduled_, true)) return;
    lock.unlock();
    if (!Executor::submit(*this).ok()) run();
  }

  // In the background.
  void run() noexcept override {
    const std::shared_ptr<Download> kept = shared_from_this();
    switch (stage_) {
      case Stage::kPrepare:
        prepare();
        break;
      case Stage::kTransfer:
        transfer();
        break;
      case Stage::kWait:
        begin();
        break;
      case Stage::kDone:
        break;
    }
    if (stage_ == Stage::kWait && has_turn_later()) return;  // which may have begun by now
    std::unique_lock lock(mutex_);
    is_scheduled_ = false;
    if (stage_ == Stage::kTransfer && (new_head_ || !incoming_.empty() || ended_)) hand_over(lock);
  }

  bool has_turn_later() {
    Status waits;
    {
      const std::scoped_lock lock(mutex_);
      waits = Executor::submit_at(*this, is_cancelled_ ? SteadyClock::now() : due_);
      is_waiting_ = waits.ok();
    }
    if (!waits.ok()) finish(std::move(waits).error());
    return waits.ok();
  }

  void prepare() {
    Result<Part> part = Part::open(config_.path, !config_.sha256.empty());
    if (!part.ok()) return conclude(std::move(part).error());
    part_ = std::move(part).value();
    Result<PartNote> note = part_->recover(hex_encode(sha256(as_bytes(request_.url))), is_cancelled_);
    if (!note.ok()) return conclude(std::move(note).error());  // the part stays as it is
    note_ = std::move(note).value();
    result_.resumed_from = furthest_ = synced_ = part_->size();
    begin();
  }

  /// Asks for what is missing.
  void begin() {
    {
      const std::scoped_lock lock(mutex_);
      is_waiting_ = false;
      new_head_.reset();
      incoming_.clear();
      ended_.reset();
      is_paused_ = false;
    }
    verdict_.reset();
    is_accepted_ = false;
    if (is_cancelled_) return finish(cancelled_download());
    Request request = request_;
    if (deadline_) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(*deadline_ - SteadyClock::now());
      if (left.count() <= 0)
        return finish(Error{ErrorCode::kTIMEOUT, "http", "the download took longer than its total_ms", {}});
      request.total_ms = left.count();
    }
    asked_ = {note_.validator ? part_->size() : 0, note_.length, note_.validator};
    if (asked_.offset > 0) {
      request.headers.set("range", "bytes=" + std::to_string(asked_.offset) + "-");
      request.headers.set("if-range", note_.validator.value);
    }
    stage_ = Stage::kTransfer;
    Result<std::shared_ptr<CallHandle>> sent = client_.send(std::move(request), *this);
    if (!sent.ok()) return finish(std::move(sent).error());
    const std::scoped_lock lock(mutex_);
    if (ended_) return;
    call_ = std::move(sent).value();
    if (is_cancelled_) call_->cancel();
  }

  void transfer() {
    std::optional<Response> head;
    std::optional<Status> ended;
    batch_.clear();
    {
      const std::scoped_lock lock(mutex_);
      head.swap(new_head_);
      batch_.swap(incoming_);
      ended = ended_;
      if (std::exchange(is_paused_, false) && call_ != nullptr) call_->resume();
    }
    if (head) take_head(std::move(*head));
    if (!batch_.empty() && is_accepted_ && !verdict_) take_batch();
    if (ended) take_end(std::move(*ended));
  }

  /// What is decided before the call has ended: it is ended, and then that is done.
  void decide(Error error, bool is_kept) {
    verdict_ = std::move(error);
    is_part_kept_ = is_kept;
    stop_call();
  }
  void stop_call() {
    const std::scoped_lock lock(mutex_);
    if (call_ != nullptr) call_->cancel();
  }

  void take_head(Response head) {
    judgement_ = judge(head, asked_);
    result_.url = head.url;
    result_.headers = head.headers;
    switch (judgement_.kind) {
      case Judgement::Kind::kTake:
        return accept(head);
      case Judgement::Kind::kComplete:
        note_.length = judgement_.length;
        is_complete_ = true;
        return stop_call();
      case Judgement::Kind::kAnew:
        is_anew_ = true;
        return stop_call();
      case Judgement::Kind::kRefuse:
        return decide(status_error(head), /*is_kept=*/true);
    }
  }

  void accept(const Response& head) {
    const int64_t length = judgement_.length;
    if (length >= 0 && config_.size && length != *config_.size)
      return decide(size_error(*config_.size, length), /*is_kept=*/false);
    if (config_.max_bytes && length > *config_.max_bytes)
      return decide(limit_error(*config_.max_bytes), /*is_kept=*/false);
    if (judgement_.from == 0) {
      if (Status restarted = part_->restart(); !restarted.ok())
        return decide(std::move(restarted).error(), /*is_kept=*/true);
      result_.resumed_from = synced_ = 0;
      note_.validator = validator_of(head.headers);
    }
    note_.length = length;
    if (Status room = part_->check_space(length - part_->size()); !room.ok())
      return decide(std::move(room).error(), /*is_kept=*/true);
    is_accepted_ = has_accepted_ = true;
    report();
  }

  void take_batch() {
    const auto count = static_cast<int64_t>(batch_.size());
    const int64_t after = part_->size() + count;
    if (judgement_.end >= 0 && after > judgement_.end) {
      return decide({ErrorCode::kPROTOCOL, "http",
                     "the server sent more bytes than it announced; the file was not kept",
                     dump_json({{"announced_bytes", judgement_.end - judgement_.from}})},
                    /*is_kept=*/false);
    }
    if (config_.size && after > *config_.size)
      return decide(size_error(*config_.size, after), /*is_kept=*/false);
    if (config_.max_bytes && after > *config_.max_bytes)
      return decide(limit_error(*config_.max_bytes), /*is_kept=*/false);
    Status written = part_->write(batch_);
    if (written.ok() && note_.validator && part_->size() - synced_ >= config_.sync_bytes) {
      written = part_->sync(note_);
      if (written.ok()) synced_ = part_->size();
    }
    report();
    if (!written.ok()) decide(std::move(written).error(), /*is_kept=*/true);
  }

  void report() {
    if (progress_ != nullptr && !progress_(part_->size(), note_.length)) cancel();
  }

  void take_end(Status ended) {
    if (is_complete_) return verify();
    if (is_anew_) return go_on_anew();
    if (verdict_) {
      // A status that passes; the client has asked again already, as often as it may.
      if (is_passing(*verdict_) && judgement_.kind == Judgement::Kind::kRefuse)
        return go_on(std::move(*verdict_));
      return finish(std::move(*verdict_), is_part_kept_);
    }
    if (is_cancelled_) return finish(cancelled_download());
    if (!ended.ok()) return go_on(std::move(ended).error());
    if (!is_accepted_)
      return finish(
          Error{ErrorCode::kPROTOCOL, "http", "the server's answer to the download had no head", {}});
    if (note_.length >= 0 && part_->size() < note_.length) return go_on(short_error());
    verify();
  }

  Error short_error() const {
    return {ErrorCode::kNETWORK, "http",
            "the server sent less of the file than it has; start it again to go on",
            dump_json({{"bytes", part_->size()}, {"length", note_.length}})};
  }

  void go_on_anew() {
    is_anew_ = false;
    if (Status restarted = part_->restart(); !restarted.ok()) return finish(std::move(restarted).error());
    note_.validator = {};
    note_.length = -1;
    result_.resumed_from = synced_ = 0;
    has_accepted_ = true;
    go_on({ErrorCode::kNETWORK, "http", "the file changes faster than it can be downloaded; try later", {}});
  }

  /// After a wait, unless it is of no use.
  void go_on(Error error) {
    if (!is_passing(error) || !has_accepted_ || is_cancelled_)
      return finish(is_cancelled_ ? cancelled_download() : std::move(error));
    if (part_->size() >= furthest_ + kWorthBytes) {
      fruitless_ = 0;
      furthest_ = part_->size();
    }
    if (++fruitless_ > config_.max_resumes) return finish(std::move(error));
    const int64_t asked_ms = member_of_detail(error, "retry_after_ms", 0);
    if (asked_ms > config_.retry.max_retry_after_ms) return finish(std::move(error));
    const int64_t most_ms =
        doubled(config_.retry.transient_base_ms, fruitless_ - 1, config_.retry.max_backoff_ms);
    const int64_t wait_ms = asked_ms + random_between(system_random(), 0, most_ms);
    due_ = SteadyClock::now() + std::chrono::milliseconds(wait_ms);
    if (deadline_ && due_ >= *deadline_) return finish(std::move(error));
    ++result_.resumes;
    stage_ = Stage::kWait;
  }

  void verify() {
    if (config_.size && part_->size() != *config_.size)
      return finish(size_error(*config_.size, part_->size()), /*is_kept=*/false);
    const std::string digest = part_->digest();
    if (!config_.sha256.empty() && hex_decode(digest) != hex_decode(config_.sha256)) {
      return finish(
          {ErrorCode::kPROTOCOL, "http", "the file has another SHA-256 than expected; it was not kept",
           dump_json({{"expected_sha256", config_.sha256}, {"actual_sha256", digest}})},
          /*is_kept=*/false);
    }
    if (Status published = part_->publish(); !published.ok()) return finish(std::move(published).error());
    result_.bytes = part_->size();
    conclude(std::move(result_));
  }

  void finish(Error error, bool is_kept = true) {
    if (part_ && (!is_kept || !note_.validator || part_->size() == 0)) {
      part_->discard();
    } else if (part_ && part_->size() > synced_) {
      const Status noted = part_->sync(note_);
      // A full disk has no room for the note either.
      if (!noted.ok() && part_->shrink(kRoomForNote).ok()) static_cast<void>(part_->sync(note_));
    }
    conclude(std::move(error));
  }

  void conclude(Result<DownloadResult> result) {
    stage_ = Stage::kDone;
    part_.reset();  // unlocked before anybody is told
    const std::shared_ptr<Download> kept = std::exchange(self_, nullptr);
    progress_ = nullptr;
    std::exchange(done_, nullptr)(std::move(result));
  }

  Client& client_;
  Request request_;
  const DownloadConfig config_;
  DownloadProgress progress_;
  DownloadDone done_;
  std::shared_ptr<Download> self_;  // until it is done
  std::optional<SteadyClock::time_point> deadline_;
  std::atomic<bool> is_cancelled_ = false;

  std::mutex mutex_;
  // Guarded by mutex_.
  std::shared_ptr<CallHandle> call_;
  std::optional<Response> new_head_;
  Bytes incoming_;
  std::optional<Status> ended_;
  bool is_paused_ = false, is_scheduled_ = false, is_waiting_ = false;

  // Of the background task.
  Stage stage_ = Stage::kPrepare;
  std::optional<Part> part_;
  PartNote note_;
  Asked asked_;
  Judgement judgement_;
  Bytes batch_;
  std::optional<Error> verdict_;
  bool is_part_kept_ = true, is_accepted_ = false, is_complete_ = false, is_anew_ = false;
  bool has_accepted_ = false;  // ever
  int fruitless_ = 0;
  int64_t furthest_ = 0, synced_ = 0;
  SteadyClock::time_point due_;
  DownloadResult result_;
};

/// Between the background and the thread that waits.
class Ending {
 public:
  void set(Result<DownloadResult> result) {
    const std::scoped_lock lock(mutex_);
    result_ = std::move(result);
    changed_.notify_all();
  }
  Result<DownloadResult> wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return result_.has_value(); });
    return std::move(*result_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Result<DownloadResult>> result_;
};

}  // namespace

Result<std::shared_ptr<DownloadHandle>> download_async(Client& client, Request request, DownloadConfig config,
                                                       DownloadProgress progress, DownloadDone done) {
  TSR_RETURN_IF_ERROR(check_request(request));
  TSR_RETURN_IF_ERROR(check_config(config));
  const auto download = std::make_shared<Download>(client, std::move(request), std::move(config),
                                                   std::move(progress), std::move(done));
  TSR_RETURN_IF_ERROR(download->start());
  return std::shared_ptr<DownloadHandle>(download);
}

Result<DownloadResult> download(Client& client, Request request, DownloadConfig config,
                                DownloadProgress progress) {
  if (client.is_current() || Thread::is_current_ours()) {
    return Error{ErrorCode::kSTATE,
                 "http",
                 "a blocking download on a thread that it needs would wait for itself; use download_async",
                 {}};
  }
  Ending ending;
  TSR_ASSIGN_OR_RETURN(
      const std::shared_ptr<DownloadHandle> handle,
      download_async(client, std::move(request), std::move(config), std::move(progress),
                     [&ending](Result<DownloadResult> result) { ending.set(std::move(result)); }));
  return ending.wait();
}

}  // namespace tessera::http
