#include "sealed/file_reader.hpp"

#include <algorithm>

#include "sealed/errors.hpp"

namespace tessera::sealed {

FileReader::FileReader(DiskFile file, OpenedHeader header, RunTable runs)
    : file_(std::move(file)), header_(std::move(header)), runs_(std::move(runs)) {}

FileReader::~FileReader() { wipe(plain_.data(), plain_.size()); }

Result<std::unique_ptr<FileReader>> FileReader::open(const std::string& path, Roots& roots) {
  TSR_ASSIGN_OR_RETURN(DiskFile file, DiskFile::open(path, DiskFile::Access::kRead));
  TSR_ASSIGN_OR_RETURN(OpenedHeader header, read_header(file, kFileKind, roots));
  std::optional<RunTable> runs = RunTable::read(header.body);
  if (!runs) return damaged(path, "has a header of another layout");
  std::unique_ptr<FileReader> reader(new FileReader(std::move(file), std::move(header), std::move(*runs)));
  TSR_RETURN_IF_ERROR(reader->measure());
  TSR_RETURN_IF_ERROR(reader->load(reader->last_chunk_));
  return reader;
}

Status FileReader::measure() {
  TSR_ASSIGN_OR_RETURN(const uint64_t bytes, file_.size());
  const uint64_t content = bytes - std::min<uint64_t>(bytes, header_.bytes);
  const uint64_t chunks = (content + kSealedChunkBytes - 1) / kSealedChunkBytes;
  if (chunks == 0 || chunks > kMaxChunks) return damaged(file_.path(), "has no content of a possible size");
  last_chunk_ = chunks - 1;
  const uint64_t last_bytes = content - last_chunk_ * kSealedChunkBytes;
  // Only the one chunk of an empty file is empty.
  if (last_bytes < kTagBytes || (last_bytes == kTagBytes && chunks > 1))
    return damaged(file_.path(), "ends in the middle of a chunk");
  size_ = last_chunk_ * kChunkBytes + last_bytes - kTagBytes;
  return {};
}

Status FileReader::load(uint64_t chunk) {
  if (loaded_ == chunk) return {};
  const bool is_last = chunk == last_chunk_;
  sealed_.resize(is_last ? static_cast<size_t>(size_ - chunk * kChunkBytes) + kTagBytes : kSealedChunkBytes);
  TSR_ASSIGN_OR_RETURN(const size_t count, file_.read_at(header_.bytes + chunk * kSealedChunkBytes, sealed_));
  if (count < sealed_.size()) return damaged(file_.path(), "was cut short while it was read");
  // Never longer than before: no copy of plain text stays behind where the buffer was.
  if (plain_.capacity() == 0) plain_.reserve(std::min<uint64_t>(size_, kChunkBytes));
  wipe(plain_.data(), plain_.size());
  loaded_.reset();
  plain_.resize(sealed_.size() - kTagBytes);
  if (!open_chunk(header_, runs_, chunk, is_last, sealed_, plain_)) {
    return damaged(file_.path(), is_last ? "does not end as it was written"
                                         : "is not as it was written in chunk " + std::to_string(chunk));
  }
  loaded_ = chunk;
  return {};
}

Result<size_t> FileReader::read(uint64_t offset, std::span<uint8_t> out) {
  if (guard_.in_child()) return forked("this file reader");
  const std::lock_guard guard(mutex_);
  size_t done = 0;
  while (done < out.size() && offset < size_) {
    TSR_RETURN_IF_ERROR(load(offset / kChunkBytes));
    const ByteView found = ByteView(plain_).subspan(offset % kChunkBytes);
    const size_t count = std::min(found.size(), out.size() - done);
    std::copy_n(found.begin(), count, out.begin() + static_cast<std::ptrdiff_t>(done));
    done += count;
    offset += count;
  }
  return done;
}

Result<Bytes> FileReader::read_all(size_t limit) {
  if (size_ > limit) {
    return Error{ErrorCode::kLIMIT,
                 "sealed",
                 file_.path() + " holds more than " + std::to_string(limit) + " bytes; read it in parts",
                 {}};
  }
  Bytes content(static_cast<size_t>(size_));
  TSR_RETURN_IF_ERROR(read(0, content));
  return content;
}

}  // namespace tessera::sealed
