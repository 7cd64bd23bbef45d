// The files of a sealed log: `app.log` is written, `app.log.1` is the one before it, and so on. Each carries
// its place in the sequence of all files that the log ever had.
#pragma once

#include <string>

#include "sealed/header.hpp"

namespace tessera::sealed {

inline constexpr size_t kMaxLogFiles = 100;

/// Name of the file that is `age` files behind the one being written.
std::string log_path(const std::string& path, size_t age);

struct LogFile {
  DiskFile file;
  OpenedHeader header;
  uint64_t sequence = 0;
};
/// NOT_FOUND, and as read_header().
Result<LogFile> open_log_file(const std::string& path, DiskFile::Access access, Roots& roots);
/// True for an error that concerns only what is in the file, so that other files can be used.
bool is_unreadable(const Error& error);

struct NewLogFile {
  OpenedHeader header;
  Bytes content;  // that the file begins with
};
Result<NewLogFile> new_log_file(const Root& root, uint64_t sequence, Random& random);

}  // namespace tessera::sealed
