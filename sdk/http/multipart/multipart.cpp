#include "http/multipart/multipart.hpp"

#include <algorithm>
#include <utility>

#include "base/executor.hpp"
#include "base/unique_fd.hpp"
#include "http/fields/content_type.hpp"
#include "http/fields/headers.hpp"
#include "http/stream/push_source.hpp"
#include "text/hex.hpp"
#include "text/utf8.hpp"

namespace tessera::http {
namespace {

constexpr size_t kBoundaryBytes = 16;
constexpr size_t kReadStep = size_t{64} << 10;

Error bad_name(std::string_view what) {
  return {ErrorCode::kARG,
          "http",
          "the " + std::string(what) + " of a form's part is not UTF-8 or has control characters; change it",
          {}};
}

bool is_plain(std::string_view text) {
  return is_utf8(text) && std::ranges::none_of(text, [](char c) {
           return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
         });
}

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') {
      out += "%22";
    } else {
      out += c;
    }
  }
  return out += '"';
}

}  // namespace

/// Some bytes of the body: these, or those of a file.
struct MultipartForm::Piece {
  Bytes bytes;
  UniqueFd file;
  std::string path;
  int64_t size = 0;

  /// Into `out`, from `at`; less than wanted only where it is not to be had.
  size_t read(int64_t at, std::span<uint8_t> out) const {
    if (!file.valid()) {
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), out.size(), out.begin());
      return out.size();
    }
    size_t done = 0;
    while (done < out.size()) {
      const ssize_t count = retry_interrupted([&] {
        return pread(file.get(), out.data() + done, out.size() - done, at + static_cast<int64_t>(done));
      });
      if (count <= 0) break;
      done += static_cast<size_t>(count);
    }
    return done;
  }
};

/// Writes the pieces to a source, a step at a time, whenever that has room. It lives as long as the source
/// has a step of it, or a thread does one.
class MultipartForm::Pump final : public Task, public std::enable_shared_from_this<Pump> {
 public:
  Pump(std::vector<std::shared_ptr<const Piece>> pieces, const std::shared_ptr<PushSource>& source)
      : pieces_(std::move(pieces)), source_(source) {}

  Status submit() {
    self_ = shared_from_this();
    Status submitted = Executor::submit(*this);
    if (!submitted.ok()) self_.reset();
    return submitted;
  }

  void run() noexcept override {
    const std::shared_ptr<Pump> kept = std::exchange(self_, nullptr);
    step();
  }

 private:
  void step() {
    const std::shared_ptr<PushSource> source = source_.lock();
    if (source == nullptr) return;
    Bytes out(kReadStep);
    size_t filled = 0;
    while (index_ < pieces_.size() && filled < out.size()) {
      const Piece& piece = *pieces_[index_];
      const auto wanted =
          static_cast<size_t>(std::min(piece.size - at_, static_cast<int64_t>(out.size() - filled)));
      if (piece.read(at_, std::span(out).subspan(filled, wanted)) != wanted) return source->fail();
      filled += wanted;
      at_ += static_cast<int64_t>(wanted);
      if (at_ < piece.size) continue;
      ++index_;
      at_ = 0;
    }
    if (filled == 0) return static_cast<void>(source->finish());
    // The last: the next step may run already. Refused when the call has ended, and then there is none.
    static_cast<void>(
        source->write_async(ByteView(out).first(filled), [self = shared_from_this()](const Status& written) {
          // Without any thread to be had, here: better late than never.
          if (written.ok() && !self->submit().ok()) self->run();
        }));
  }

  const std::vector<std::shared_ptr<const Piece>> pieces_;
  const std::weak_ptr<PushSource> source_;
  std::shared_ptr<Pump> self_;  // while it waits for a thread
  size_t index_ = 0;
  int64_t at_ = 0;
};

/// Each attempt reads a body of its own. Attached before the client's thread has it, and used by that only.
class MultipartForm::Source final : public BodySource {
 public:
  Source(std::vector<std::shared_ptr<const Piece>> pieces, int64_t size)
      : pieces_(std::move(pieces)), size_(size) {}

  void attach(const std::shared_ptr<CallHandle>& call) override {
    call_ = call;
    body_->attach(call);
  }
  void detach() override {
    call_.reset();
    body_->detach();
  }
  bool is_repeatable() const override { return true; }
  Status rewind() override {
    auto body = std::make_shared<PushSource>(size_);
    TSR_RETURN_IF_ERROR(std::make_shared<Pump>(pieces_, body)->submit());
    if (call_ != nullptr) body->attach(call_);
    const std::shared_ptr<PushSource> last = std::exchange(body_, std::move(body));
    if (last != nullptr) last->detach();
    return {};
  }
  Flow read(std::span<uint8_t> out, size_t* count) override { return body_->read(out, count); }
  int64_t size() const override { return size_; }

 private:
  const std::vector<std::shared_ptr<const Piece>> pieces_;
  const int64_t size_;
  std::shared_ptr<PushSource> body_;
  std::shared_ptr<CallHandle> call_;
};

MultipartForm::MultipartForm(Random& random)
    : boundary_("tessera-" + hex_encode(random_bytes(random, kBoundaryBytes))) {}

Status MultipartForm::add_field(std::string_view name, std::string_view value) {
  return add_bytes({.name = std::string(name), .file_name = {}, .content_type = {}}, as_bytes(value));
}

Status MultipartForm::add_bytes(const FormPart& part, ByteView content) {
  TSR_RETURN_IF_ERROR(add_head(part));
  add_text(as_text(content));
  add_text("\r\n");
  return {};
}

Status MultipartForm::add_file(const FormPart& part, const std::string& path) {
  Piece piece;
  piece.file =
      UniqueFd(retry_interrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); }));
  if (!piece.file.valid()) return error_from_errno("http", "open " + path, errno);
  struct stat status{};
  if (fstat(piece.file.get(), &status) != 0) return error_from_errno("http", "examine " + path, errno);
  if (!is_regular(status))
    return Error{ErrorCode::kARG, "http", path + " is not a regular file and can't be uploaded", {}};
  piece.size = status.st_size;
  FormPart named = part;
  if (named.file_name.empty()) named.file_name = path.substr(path.find_last_of('/') + 1);
  if (named.content_type.empty()) named.content_type = "application/octet-stream";
  TSR_RETURN_IF_ERROR(add_head(named));
  pieces_.push_back(std::make_shared<const Piece>(std::move(piece)));
  add_text("\r\n");
  return {};
}

Status MultipartForm::add_head(const FormPart& part) {
  if (!is_plain(part.name)) return bad_name("name");
  if (!is_plain(part.file_name)) return bad_name("file name");
  if (!part.content_type.empty() &&
      (!check_field("content-type", part.content_type).ok() || !parse_content_type(part.content_type))) {
    return Error{
        ErrorCode::kARG, "http", "the content type of a form's part is none; write type/subtype", {}};
  }
  std::string head = "--" + boundary_ + "\r\nContent-Disposition: form-data; name=" + in_quotes(part.name);
  if (!part.file_name.empty()) head += "; filename=" + in_quotes(part.file_name);
  if (!part.content_type.empty()) head += "\r\nContent-Type: " + part.content_type;
  add_text(head + "\r\n\r\n");
  return {};
}

void MultipartForm::add_text(std::string_view text) {
  Piece piece;
  piece.bytes = to_bytes(text);
  piece.size = static_cast<int64_t>(text.size());
  pieces_.push_back(std::make_shared<const Piece>(std::move(piece)));
}

std::string MultipartForm::content_type() const { return "multipart/form-data; boundary=" + boundary_; }

int64_t MultipartForm::size() const {
  auto size = static_cast<int64_t>(boundary_.size() + std::string_view("----\r\n").size());
  for (const auto& piece : pieces_) size += piece->size;
  return size;
}

Result<std::shared_ptr<BodySource>> MultipartForm::source() const {
  MultipartForm whole(*this);
  whole.add_text("--" + boundary_ + "--\r\n");
  auto source = std::make_shared<Source>(std::move(whole.pieces_), size());
  TSR_RETURN_IF_ERROR(source->rewind());
  return std::shared_ptr<BodySource>(std::move(source));
}

}  // namespace tessera::http
