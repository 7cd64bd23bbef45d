#include "http/download/part.hpp"

#include <sys/file.h>
#include <sys/statvfs.h>

#include <limits>
#include <utility>

#include "base/files.hpp"
#include "text/hex.hpp"
#include "text/json.hpp"

namespace tessera::http {
namespace {

constexpr mode_t kOwnerFile = 0600;
constexpr int kNoteVersion = 1;
constexpr size_t kMostNote = size_t{16} << 10;
constexpr size_t kReadStep = size_t{256} << 10;

Error failure(std::string_view verb, const std::string& path, int error_number) {
  return error_from_errno("http", std::string(verb) + ' ' + path, error_number);
}

Error not_regular(const std::string& path) {
  return {ErrorCode::kARG, "http", path + " is not a regular file; remove it or choose another path", {}};
}

Status check_target(const std::string& path) {
  struct stat status{};
  if (lstat(path.c_str(), &status) != 0) return errno == ENOENT ? Status() : failure("examine", path, errno);
  if (!is_regular(status)) return not_regular(path);
  return {};
}

bool is_at(const std::string& path, const struct stat& opened) {
  struct stat now{};
  return lstat(path.c_str(), &now) == 0 && now.st_dev == opened.st_dev && now.st_ino == opened.st_ino;
}

Status check_part(const UniqueFd& file, const std::string& path) {
  struct stat status{};
  if (fstat(file.get(), &status) != 0) return failure("examine", path, errno);
  if (!is_regular(status)) return not_regular(path);
  if (status.st_uid != geteuid())
    return Error{ErrorCode::kPERMISSION, "http", path + " belongs to another user; remove it", {}};
  const bool is_ours = retry_interrupted([&] { return flock(file.get(), LOCK_EX | LOCK_NB); }) == 0;
  if (!is_ours && errno != EWOULDBLOCK) return failure("lock", path, errno);
  if (!is_ours || !is_at(path, status))
    return Error{ErrorCode::kBUSY, "http", "another download writes " + path + "; wait for it", {}};
  if (status.st_nlink != 1)
    return Error{ErrorCode::kARG, "http", path + " has a second name; remove it or choose another path", {}};
  if (fchmod(file.get(), kOwnerFile) != 0) return failure("protect", path, errno);
  return {};
}

}  // namespace

std::string format_note(const PartNote& note) {
  Json json = {{"version", kNoteVersion},
               {"url_sha256", note.url_sha256},
               {"length", note.length},
               {"synced", note.synced}};
  json[note.validator.kind == Validator::Kind::kEtag ? "etag" : "last_modified"] = note.validator.value;
  return dump_json(json);
}

std::optional<PartNote> parse_note(std::string_view text) {
  const Result<Json> json = parse_json(text);
  if (!json.ok() || !json->is_object()) return std::nullopt;
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  const auto version = json_integer(*json, "version", kNoteVersion, kNoteVersion);
  const auto url = json_string(*json, "url_sha256");
  const auto etag = json_string(*json, "etag"), modified = json_string(*json, "last_modified");
  const auto length = json_integer(*json, "length", -1, kMost),
             synced = json_integer(*json, "synced", 0, kMost);
  if (!version.ok() || !url.ok() || !etag.ok() || !modified.ok() || !length.ok() || !synced.ok())
    return std::nullopt;
  if (!*version || !*url || !*length || !*synced || etag->has_value() == modified->has_value())
    return std::nullopt;
  PartNote note;
  note.url_sha256 = **url;
  note.validator = *etag ? Validator{Validator::Kind::kEtag, **etag}
                         : Validator{Validator::Kind::kLastModified, **modified};
  note.length = **length;
  note.synced = **synced;
  // It goes into a header field.
  if (note.validator.value.empty() || !check_field("if-range", note.validator.value).ok())
    return std::nullopt;
  if (note.length >= 0 && note.synced > note.length) return std::nullopt;
  return note;
}

Part::Part(std::string path, UniqueFd file, bool is_hashed)
    : target_(std::move(path)),
      path_(target_ + ".part"),
      note_path_(path_ + ".json"),
      file_(std::move(file)) {
  if (is_hashed) hash_.emplace();
}

Result<Part> Part::open(std::string path, bool is_hashed) {
  TSR_RETURN_IF_ERROR(check_target(path));
  const std::string name = path + ".part";
  UniqueFd file = open_plain(name, O_RDWR | O_CREAT, kOwnerFile);
  if (!file.valid()) return errno == ELOOP ? not_regular(name) : failure("create", name, errno);
  TSR_RETURN_IF_ERROR(check_part(file, name));
  return Part(std::move(path), std::move(file), is_hashed);
}

Result<PartNote> Part::recover(std::string_view url_sha256, const std::atomic<bool>& is_cancelled) {
  PartNote fresh;
  fresh.url_sha256 = url_sha256;
  const Result<Bytes> text = system_files().read(note_path_, kMostNote);
  const auto note = text.ok() ? parse_note(as_text(*text)) : std::nullopt;
  struct stat status{};
  if (fstat(file_.get(), &status) != 0) return failure("examine", path_, errno);
  if (!note || note->url_sha256 != url_sha256 || note->synced > status.st_size) {
    TSR_RETURN_IF_ERROR(restart());
    return fresh;
  }
  TSR_RETURN_IF_ERROR(truncate(note->synced));
  TSR_RETURN_IF_ERROR(read_in(is_cancelled));
  return *note;
}

Status Part::read_in(const std::atomic<bool>& is_cancelled) {
  if (!hash_) return {};
  hash_.emplace();
  Bytes buffer(kReadStep);
  for (int64_t at = 0; at < size_;) {
    if (is_cancelled) return Error{ErrorCode::kCANCELLED, "http", "the download was cancelled", {}};
    const ssize_t count =
        retry_interrupted([&] { return pread(file_.get(), buffer.data(), buffer.size(), at); });
    if (count < 0) return failure("read", path_, errno);
    if (count == 0) return Error{ErrorCode::kIO, "http", path_ + " was cut by somebody else", {}};
    hash_->add(ByteView(buffer).first(static_cast<size_t>(count)));
    at += count;
  }
  return {};
}

Status Part::write(ByteView piece) {
  while (!piece.empty()) {
    const ssize_t count =
        retry_interrupted([&] { return pwrite(file_.get(), piece.data(), piece.size(), size_); });
    if (count < 0) return failure("write", path_, errno);
    const auto written = static_cast<size_t>(count);
    if (hash_) hash_->add(piece.first(written));
    piece = piece.subspan(written);
    size_ += count;
  }
  return {};
}

Status Part::truncate(int64_t size) {
  if (retry_interrupted([&] { return ftruncate(file_.get(), size); }) != 0)
    return failure("shorten", path_, errno);
  size_ = size;
  return {};
}

Status Part::restart() {
  // In this order: a note never names bytes of another content.
  const Status removed = system_files().remove(note_path_);
  if (!removed.ok() && removed.error().code != ErrorCode::kNOT_FOUND) return removed;
  TSR_RETURN_IF_ERROR(truncate(0));
  if (hash_) hash_.emplace();
  return {};
}

Status Part::shrink(int64_t bytes) { return truncate(size_ > bytes ? size_ - bytes : 0); }

Status Part::check_space(int64_t bytes) const {
  struct statvfs status{};
  if (fstatvfs(file_.get(), &status) != 0) return {};
  const uint64_t free = uint64_t{status.f_bavail} * status.f_frsize;
  if (bytes <= 0 || static_cast<uint64_t>(bytes) <= free) return {};
  return Error{ErrorCode::kDISK_FULL, "http",
               target_ + " needs " + std::to_string(bytes) + " more bytes and its disk has " +
                   std::to_string(free) + "; free some space and try again",
               dump_json({{"needed_bytes", bytes}, {"free_bytes", free}})};
}

Status Part::sync(PartNote note) {
  if (retry_interrupted([&] { return fsync(file_.get()); }) != 0) return failure("sync", path_, errno);
  note.synced = size_;
  return write_atomic(system_files(), note_path_, as_bytes(format_note(note)));
}

std::string Part::digest() const { return hash_ ? hex_encode(hash_->digest()) : std::string(); }

Status Part::publish() {
  struct stat status{};
  if (lstat(target_.c_str(), &status) == 0 && is_regular(status) &&
      fchmod(file_.get(), status.st_mode & 0777) != 0)
    return failure("set the mode of", path_, errno);
  if (retry_interrupted([&] { return fsync(file_.get()); }) != 0) return failure("sync", path_, errno);
  Files& files = system_files();
  TSR_RETURN_IF_ERROR(files.rename(path_, target_));
  static_cast<void>(files.remove(note_path_));
  return files.sync_directory(parent_directory(target_));
}

void Part::discard() {
  static_cast<void>(system_files().remove(note_path_));
  static_cast<void>(system_files().remove(path_));
}

}  // namespace tessera::http
