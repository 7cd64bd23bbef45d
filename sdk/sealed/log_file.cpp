#include "sealed/log_file.hpp"

#include "sealed/errors.hpp"

namespace tessera::sealed {
namespace {

constexpr size_t kSequenceBytes = 8;

}  // namespace

std::string log_path(const std::string& path, size_t age) {
  return age == 0 ? path : path + '.' + std::to_string(age);
}

Result<LogFile> open_log_file(const std::string& path, DiskFile::Access access, Roots& roots) {
  TSR_ASSIGN_OR_RETURN(DiskFile file, DiskFile::open(path, access));
  TSR_ASSIGN_OR_RETURN(OpenedHeader header, read_header(file, kLogKind, roots));
  if (header.body.size() != kSequenceBytes) return damaged(path, "has a header of another layout");
  const uint64_t sequence = big_endian(header.body);
  return LogFile{std::move(file), std::move(header), sequence};
}

bool is_unreadable(const Error& error) {
  return error.domain == "sealed" && (error.code == ErrorCode::kCORRUPT || error.code == ErrorCode::kCRYPTO ||
                                      error.code == ErrorCode::kUNSUPPORTED);
}

Result<NewLogFile> new_log_file(const Root& root, uint64_t sequence, Random& random) {
  Header header;
  header.root_id = root.id;
  random.fill(header.file_id);
  put_big_endian(sequence, kSequenceBytes, &header.body);
  TSR_ASSIGN_OR_RETURN(FileKeys keys, FileKeys::derive(kLogKind, root, header.file_id));
  Bytes content = write_header(kLogKind, header, keys);
  OpenedHeader opened(std::move(header), std::move(keys));
  opened.bytes = content.size();
  opened.tag = tag_of(content);
  return NewLogFile{std::move(opened), std::move(content)};
}

}  // namespace tessera::sealed
