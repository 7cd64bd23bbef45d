/// @file tessera/cpp/sealed.hpp  Encrypted files of any size, and an encrypted log, beside the store.
#ifndef TESSERA_CPP_SEALED_HPP
#define TESSERA_CPP_SEALED_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "tessera/cpp/operation.hpp"
#include "tessera/cpp/value.hpp"
#include "tessera/sealed.h"

namespace tessera::inline v1 {

/// An encrypted file being written. Move-only; one that is not finished stays for create_sealed() to go on
/// with.
/// @threads one-at-a-time  @since 1.1
class SealedWriter {
 public:
  using Owner = detail::Handle<tsr_sealed_writer, &tsr_sealed_writer_free>;

  /// For the facade's own use.
  SealedWriter(Owner owner, std::int64_t offset) noexcept : owner_(std::move(owner)), offset_(offset) {}

  /// Bytes that an earlier writer left, behind which this one goes on.
  std::int64_t offset() const noexcept { return offset_; }

  /// Adds bytes.
  /// @errors ErrorCode::kState, kIo, kDiskFull, kForked  @threads one-at-a-time  @blocks disk  @since 1.1
  void write(std::string_view bytes) { try_write(bytes).value(); }
  Expected<void> try_write(std::string_view bytes) noexcept {
    return detail::run(
        [&](tsr_error** error) { return tsr_sealed_write(owner_.get(), bytes.data(), bytes.size(), error); });
  }

  /// Makes the file durable and gives it its name.
  /// @errors ErrorCode::kState, kIo, kDiskFull, kForked  @threads one-at-a-time  @blocks disk  @since 1.1
  void finish() { try_finish().value(); }
  Expected<void> try_finish() noexcept {
    return detail::run([&](tsr_error** error) { return tsr_sealed_finish(owner_.get(), error); });
  }

 private:
  Owner owner_;
  std::int64_t offset_;
};

/// An encrypted file being read. Move-only.  @threads any  @since 1.1
class SealedReader {
 public:
  using Owner = detail::Handle<tsr_sealed_reader, &tsr_sealed_reader_free>;

  /// For the facade's own use.
  explicit SealedReader(Owner owner) noexcept : owner_(std::move(owner)) {}

  /// Bytes of content.
  std::int64_t size() const noexcept { return tsr_sealed_size(owner_.get()); }

  /// Reads at any place; less than `max` only at the end.
  /// @errors ErrorCode::kArg, kCorrupt, kIo, kForked  @threads any  @blocks disk  @since 1.1
  std::string read(std::int64_t offset, std::size_t max) const { return try_read(offset, max).value(); }
  Expected<std::string> try_read(std::int64_t offset, std::size_t max) const noexcept {
    std::string bytes(max, '\0');
    std::size_t read = 0;
    Expected<void> done = detail::run([&](tsr_error** error) {
      return tsr_sealed_read(owner_.get(), offset, bytes.data(), bytes.size(), &read, error);
    });
    if (!done) return done.error();
    bytes.resize(read);
    return bytes;
  }

 private:
  Owner owner_;
};

/// Size of an encrypted log.  @since 1.1
struct LogLimits {
  std::int64_t max_file_bytes = 0;  ///< 0: 8 MiB.
  std::int32_t max_files = 0;       ///< 0: 5.
};

/// An encrypted log being written. Move-only; the destructor writes what is buffered.  @threads any
/// @since 1.1
class SealedLog {
 public:
  using Owner = detail::Handle<tsr_sealed_log, &tsr_sealed_log_free>;

  /// For the facade's own use.
  explicit SealedLog(Owner owner) noexcept : owner_(std::move(owner)) {}

  /// Adds a record.
  /// @errors ErrorCode::kLimit (over 1 MiB), kState, kIo, kDiskFull, kForked  @threads any  @blocks disk
  /// @since 1.1
  void append(std::string_view record) { try_append(record).value(); }
  Expected<void> try_append(std::string_view record) noexcept {
    return detail::run([&](tsr_error** error) {
      return tsr_sealed_log_append(owner_.get(), record.data(), record.size(), error);
    });
  }

  /// Makes what was added durable.
  /// @errors ErrorCode::kState, kIo, kDiskFull, kForked  @threads any  @blocks disk  @since 1.1
  void flush() { try_flush().value(); }
  Expected<void> try_flush() noexcept {
    return detail::run([&](tsr_error** error) { return tsr_sealed_log_flush(owner_.get(), error); });
  }

 private:
  Owner owner_;
};

}  // namespace tessera::inline v1

#endif
