#include "store/page_file.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <thread>
#include <utility>
#include <vector>

#include "base/big_endian.hpp"
#include "store/errors.hpp"

namespace tessera::store {
namespace {

constexpr size_t kPageBytes = PageCipher::kPageBytes;
constexpr size_t kLogHeaderBytes = 32;
constexpr size_t kFrameHeaderBytes = 24;
constexpr size_t kSaltsOffset = 16;                // in the header of the log
constexpr uint32_t kLogMagic = 0x377f0682;         // its lowest bit: the checksums are of big-endian words
constexpr uint64_t kLockByte = uint64_t{1} << 30;  // SQLite's PENDING_BYTE

bool read_exactly(const UniqueFd& file, uint64_t offset, std::span<uint8_t> out) {
  while (!out.empty()) {
    const ssize_t count = retry_interrupted(
        [&] { return pread(file.get(), out.data(), out.size(), static_cast<off_t>(offset)); });
    if (count <= 0) return false;
    out = out.subspan(static_cast<size_t>(count));
    offset += static_cast<uint64_t>(count);
  }
  return true;
}

/// SQLite's running checksum over pairs of words.
class LogChecksum {
 public:
  explicit LogChecksum(bool big_endian) : big_endian_(big_endian) {}
  void add(ByteView bytes) {
    for (size_t i = 0; i + 8 <= bytes.size(); i += 8) {
      first_ += word(bytes.subspan(i, 4)) + second_;
      second_ += word(bytes.subspan(i + 4, 4)) + first_;
    }
  }
  bool fits(ByteView stored) const {
    return big_endian_32(stored, 0) == first_ && big_endian_32(stored, 4) == second_;
  }

 private:
  uint32_t word(ByteView bytes) const {
    const uint32_t value = big_endian_32(bytes, 0);
    return big_endian_ ? value : __builtin_bswap32(value);
  }
  bool big_endian_;
  uint32_t first_ = 0;
  uint32_t second_ = 0;
};

}  // namespace

Result<PageFile> PageFile::open(const std::string& path, const DatabaseKey& key) {
  TSR_ASSIGN_OR_RETURN(PageCipher cipher, PageCipher::create(key.key, key.salt));
  UniqueFd file = open_plain(path, O_RDONLY);
  if (!file.valid()) return error_from_errno("store", "open " + path, errno);
  struct stat status{};
  if (fstat(file.get(), &status) != 0) return error_from_errno("store", "examine " + path, errno);
  if (!is_regular(status)) return Error{ErrorCode::kIO, "store", path + " is not a regular file", {}};
  PageFile pages(std::move(file), open_plain(path + "-wal", O_RDONLY), std::move(cipher));
  const uint64_t count = (static_cast<uint64_t>(status.st_size) + kPageBytes - 1) / kPageBytes;
  if (count >= std::numeric_limits<uint32_t>::max())
    return store_error(ErrorCode::kLIMIT, {}, path + " has more pages than a database can have");
  pages.page_count_ = static_cast<uint32_t>(count);
  if (pages.log_.valid()) pages.read_log();
  if (pages.frames_.empty()) pages.count_by_header();
  return pages;
}

void PageFile::read_log() {
  std::array<uint8_t, kLogHeaderBytes> header{};
  if (!read_exactly(log_, 0, header)) return;
  const uint32_t magic = big_endian_32(header, 0);
  if ((magic & ~1U) != kLogMagic || big_endian_32(header, 8) != kPageBytes) return;
  LogChecksum checksum((magic & 1U) != 0);
  checksum.add(ByteView(header).first(24));
  if (!checksum.fits(ByteView(header).subspan(24))) return;
  std::copy_n(header.begin() + kSaltsOffset, log_salts_.size(), log_salts_.begin());

  std::array<uint8_t, kFrameHeaderBytes> frame{};
  std::vector<std::pair<uint32_t, uint64_t>> open;  // frames since the last commit
  for (uint64_t offset = kLogHeaderBytes; read_exactly(log_, offset, frame); offset += kPageBytes) {
    offset += kFrameHeaderBytes;
    const uint32_t number = big_endian_32(frame, 0);
    if (number == 0 || !std::equal(log_salts_.begin(), log_salts_.end(), frame.begin() + 8)) return;
    if (!load(log_, offset)) return;
    checksum.add(ByteView(frame).first(8));
    checksum.add(buffer_);
    if (!checksum.fits(ByteView(frame).subspan(16))) return;
    open.emplace_back(number, offset);
    const uint32_t pages_after_commit = big_endian_32(frame, 4);
    if (pages_after_commit == 0) continue;
    for (const auto& [page, place] : open) frames_[page] = place;
    open.clear();
    page_count_ = pages_after_commit;
  }
}

void PageFile::count_by_header() {
  constexpr size_t kChangesOffset = 24;
  constexpr size_t kCountOffset = 28;
  constexpr size_t kCountedAtOffset = 92;
  PlainPage first{};
  if (!read(1, &first) || big_endian_32(first, kChangesOffset) != big_endian_32(first, kCountedAtOffset))
    return;
  page_count_ = std::max(page_count_, big_endian_32(first, kCountOffset));
}

bool PageFile::is_lock_page(uint32_t number) { return number == kLockByte / kPageBytes + 1; }

bool PageFile::load(const UniqueFd& file, uint64_t offset) { return read_exactly(file, offset, buffer_); }

template <class Use>
bool PageFile::with_page(uint32_t number, Use use) {
  const auto from_file = [&] { return load(file_, (uint64_t{number} - 1) * kPageBytes) && use(buffer_); };
  const auto frame = frames_.find(number);
  if (frame == frames_.end()) return from_file();
  if (load(log_, frame->second) && use(buffer_)) return true;
  // A log that was begun anew meanwhile is in the file as a whole.
  std::array<uint8_t, 8> salts{};
  return (!read_exactly(log_, kSaltsOffset, salts) || salts != log_salts_) && from_file();
}

bool PageFile::read(uint32_t number, PlainPage* page) {
  if (number == 0 || number > page_count_) return false;
  return with_page(number, [&](const auto& bytes) { return cipher_.open(bytes, number, *page); });
}

bool PageFile::authentic(uint32_t number) {
  constexpr int kTries = 4;
  if (number == 0 || number > page_count_) return false;
  for (int i = 0; i < kTries; ++i) {
    if (with_page(number, [&](const auto& bytes) { return cipher_.authentic(bytes, number); })) return true;
    // A checkpoint may be writing the page just now.
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

}  // namespace tessera::store
