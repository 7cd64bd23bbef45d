// The pages of an encrypted database as they lie on the disk, those of its log first, without SQLite: one
// page can be read whatever became of the others.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/unique_fd.hpp"
#include "crypto/page_cipher.hpp"
#include "store/connection.hpp"

namespace tessera::store {

using PlainPage = std::array<uint8_t, PageCipher::kPageBytes>;

/// Where decoders get pages from.
class PageSource {
 public:
  virtual ~PageSource() = default;
  /// Number of pages there should be.
  virtual uint32_t page_count() const = 0;
  /// False when the page is missing or damaged.
  virtual bool read(uint32_t number, PlainPage* page) = 0;
};

class PageFile final : public PageSource {
 public:
  /// Reads the log that lies beside `path` up to its last commit. Errors of opening and reading as usual.
  static Result<PageFile> open(const std::string& path, const DatabaseKey& key);

  /// What the last commit in the log says, else what the file has or should have; a cut page counts.
  uint32_t page_count() const override { return page_count_; }
  bool read(uint32_t number, PlainPage* page) override;
  /// Whether the page is there and its tag fits; decrypts nothing.
  bool authentic(uint32_t number);
  /// SQLite keeps its locks at this page, which is never written.
  static bool is_lock_page(uint32_t number);

 private:
  PageFile(UniqueFd file, UniqueFd log, PageCipher cipher)
      : file_(std::move(file)), log_(std::move(log)), cipher_(std::move(cipher)) {}
  void read_log();
  /// A file that was cut off still says how many pages it had.
  void count_by_header();
  /// Bytes of the page at `offset`; false at the end of the file.
  bool load(const UniqueFd& file, uint64_t offset);
  template <class Use>
  bool with_page(uint32_t number, Use use);

  UniqueFd file_;
  UniqueFd log_;
  PageCipher cipher_;
  uint32_t page_count_ = 0;
  std::unordered_map<uint32_t, uint64_t> frames_;  // page to the offset of its newest committed content
  std::array<uint8_t, 8> log_salts_{};
  std::array<uint8_t, PageCipher::kPageBytes> buffer_{};
};

}  // namespace tessera::store
