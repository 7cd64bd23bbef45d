#include "sealed/file_writer.hpp"

#include <algorithm>

#include "sealed/errors.hpp"

namespace tessera::sealed {
namespace {

std::string part_of(const std::string& path) { return path + ".part"; }

uint64_t offset_of(const OpenedHeader& header, uint64_t chunk) {
  return header.bytes + chunk * kSealedChunkBytes;
}

/// How many chunks from the first on are whole. The last one of a finished file is none of them: its nonce
/// says that nothing follows.
Result<uint64_t> count_whole_chunks(const DiskFile& file, const OpenedHeader& header, const RunTable& runs) {
  Bytes sealed(kSealedChunkBytes);
  Bytes plain(kChunkBytes);
  for (uint64_t chunk = 0; chunk < kMaxChunks; ++chunk) {
    TSR_ASSIGN_OR_RETURN(const size_t count, file.read_at(offset_of(header, chunk), sealed));
    if (count < sealed.size() || !open_chunk(header, runs, chunk, /*is_last=*/false, sealed, plain)) {
      wipe(plain.data(), plain.size());
      return chunk;
    }
  }
  return kMaxChunks;
}

}  // namespace

FileWriter::FileWriter(std::string path, DiskFile file, OpenedHeader header, RunTable runs)
    : path_(std::move(path)), file_(std::move(file)), header_(std::move(header)), runs_(std::move(runs)) {
  buffer_.reserve(kChunkBytes);  // never moved: no copy of plain text stays behind
}

Result<std::unique_ptr<FileWriter>> FileWriter::create(const std::string& path, Roots& roots,
                                                       const WriterOptions& options, Random& random) {
  TSR_ASSIGN_OR_RETURN(const Root root, roots.newest());
  Header header;
  header.root_id = root.id;
  random.fill(header.file_id);
  RunTable runs(options.resumable ? kResumableRuns : 1, random);
  header.body = runs.write();
  TSR_ASSIGN_OR_RETURN(FileKeys keys, FileKeys::derive(kFileKind, root, header.file_id));
  const Bytes bytes = write_header(kFileKind, header, keys);
  OpenedHeader opened(std::move(header), std::move(keys));
  opened.bytes = bytes.size();

  TSR_ASSIGN_OR_RETURN(DiskFile file, DiskFile::create_locked(part_of(path)));
  std::unique_ptr<FileWriter> writer(
      new FileWriter(path, std::move(file), std::move(opened), std::move(runs)));
  TSR_RETURN_IF_ERROR(writer->file_.write_at(0, bytes));
  writer->is_kept_ = options.resumable;
  return writer;
}

Result<std::unique_ptr<FileWriter>> FileWriter::resume(const std::string& path, Roots& roots,
                                                       Random& random) {
  TSR_ASSIGN_OR_RETURN(DiskFile file, DiskFile::open(part_of(path), DiskFile::Access::kWrite));
  TSR_RETURN_IF_ERROR(file.lock());
  TSR_ASSIGN_OR_RETURN(OpenedHeader header, read_header(file, kFileKind, roots));
  std::optional<RunTable> runs = RunTable::read(header.body);
  if (!runs) return damaged(file.path(), "has a header of another layout");
  TSR_ASSIGN_OR_RETURN(const uint64_t chunk, count_whole_chunks(file, header, *runs));
  if (!runs->restart(chunk, random)) {
    return Error{
        ErrorCode::kLIMIT, "sealed", file.path() + " cannot be resumed (again); begin the file anew", {}};
  }
  // A header that a power cut tears costs the unfinished file, never a finished one.
  header.body = runs->write();
  TSR_RETURN_IF_ERROR(file.cut(offset_of(header, chunk)));
  TSR_RETURN_IF_ERROR(file.write_at(0, write_header(kFileKind, header, header.keys)));
  TSR_RETURN_IF_ERROR(file.sync());

  std::unique_ptr<FileWriter> writer(
      new FileWriter(path, std::move(file), std::move(header), std::move(*runs)));
  writer->chunk_ = chunk;
  writer->is_kept_ = true;
  return writer;
}

FileWriter::~FileWriter() {
  wipe(buffer_.data(), buffer_.size());
  const bool is_in_place = stage_ == Stage::kRenamed || stage_ == Stage::kDone;
  if (!is_in_place && !is_kept_ && !guard_.in_child()) static_cast<void>(unlink(file_.path().c_str()));
}

Status FileWriter::write(ByteView content) {
  if (guard_.in_child()) return forked("this file writer");
  if (stage_ != Stage::kWriting) {
    return Error{
        ErrorCode::kSTATE, "sealed", path_ + " was finished, no content can be added; write it anew", {}};
  }
  while (!content.empty()) {
    // A full chunk waits for more, because the last chunk is sealed as the last.
    if (buffer_.size() == kChunkBytes) TSR_RETURN_IF_ERROR(put_chunk(/*is_last=*/false));
    const ByteView taken = content.first(std::min(content.size(), kChunkBytes - buffer_.size()));
    buffer_.insert(buffer_.end(), taken.begin(), taken.end());
    content = content.subspan(taken.size());
  }
  return {};
}

Status FileWriter::put_chunk(bool is_last) {
  if (!is_last && chunk_ == kMaxChunks - 1) {
    return Error{ErrorCode::kLIMIT, "sealed", path_ + " would be larger than 256 TiB; split its content", {}};
  }
  // Repeated after a failure it writes the same bytes, so a nonce never meets two contents.
  sealed_.resize(buffer_.size() + kTagBytes);
  seal_chunk(header_, runs_, chunk_, is_last, buffer_, sealed_);
  TSR_RETURN_IF_ERROR(file_.write_at(offset_of(header_, chunk_), sealed_));
  if (is_last) return {};
  wipe(buffer_.data(), buffer_.size());
  buffer_.clear();
  ++chunk_;
  return {};
}

Status FileWriter::finish() {
  if (guard_.in_child()) return forked("this file writer");
  if (stage_ == Stage::kWriting) stage_ = Stage::kEnding;  // no write() after a last chunk that may be there
  if (stage_ == Stage::kEnding) {
    TSR_RETURN_IF_ERROR(put_chunk(/*is_last=*/true));
    stage_ = Stage::kWritten;
  }
  if (stage_ == Stage::kWritten) {
    // After a failed sync the system may have dropped what it could not write: a second sync would lie.
    stage_ = Stage::kBroken;
    TSR_RETURN_IF_ERROR(file_.sync());
    stage_ = Stage::kSynced;
  }
  if (stage_ == Stage::kSynced) {
    TSR_RETURN_IF_ERROR(file_.rename_to(path_));
    stage_ = Stage::kRenamed;
  }
  if (stage_ == Stage::kRenamed) {
    TSR_RETURN_IF_ERROR(sync_folder_of(path_));
    stage_ = Stage::kDone;
    return {};
  }
  return Error{
      ErrorCode::kSTATE,
      "sealed",
      path_ + (stage_ == Stage::kDone ? " was finished before" : " could not be made durable; write it anew"),
      {}};
}

}  // namespace tessera::sealed
