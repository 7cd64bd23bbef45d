// What a download has of its file: "<path>.part", and beside it what is needed to go on with it.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "crypto/crypto.hpp"
#include "http/download/judge.hpp"

namespace tessera::http {

/// The content of "<path>.part.json".
struct PartNote {
  std::string url_sha256;  // an address may hold a secret
  Validator validator;
  int64_t length = -1;
  int64_t synced = 0;  // so many bytes of the part are on the disk
};
std::string format_note(const PartNote& note);
/// Nothing for what is none.
std::optional<PartNote> parse_note(std::string_view text);

class Part {
 public:
  /// The part is owner-only, and nobody else's while this lives: BUSY when another download writes it. ARG
  /// when the target or the part is anything but a regular file.
  static Result<Part> open(std::string path, bool is_hashed);

  /// What an earlier download left of `url_sha256`, read again for the hash; nothing of use: an empty note.
  /// CANCELLED soon after `is_cancelled`.
  Result<PartNote> recover(std::string_view url_sha256, const std::atomic<bool>& is_cancelled);

  int64_t size() const { return size_; }
  Status write(ByteView piece);
  /// Empty again, and no note of what it was.
  Status restart();
  /// Gives the last bytes back.
  Status shrink(int64_t bytes);
  /// DISK_FULL when there is not so much room.
  Status check_space(int64_t bytes) const;
  /// The bytes first, then the note that names them.
  Status sync(PartNote note);
  /// Hex; empty when it is not hashed.
  std::string digest() const;
  /// Gives it its name, durably. An existing target keeps its mode.
  Status publish();
  void discard();

 private:
  Part(std::string path, UniqueFd file, bool is_hashed);
  Status truncate(int64_t size);
  Status read_in(const std::atomic<bool>& is_cancelled);

  std::string target_, path_, note_path_;
  UniqueFd file_;
  int64_t size_ = 0;
  std::optional<Sha256Stream> hash_;
};

}  // namespace tessera::http
