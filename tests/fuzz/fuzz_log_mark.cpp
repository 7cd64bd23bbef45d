// What a mark file and a write-ahead log hold. The first 128 bytes are the two copies of the mark, the rest
// is the log; with an odd first byte the second copy is made to fit the log, so that its frames are read.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "store/log_mark.hpp"
#include "temp_dir.hpp"

namespace {

using namespace tessera;
using namespace tessera::store;

void require(bool condition) {
  if (!condition) std::abort();
}

void write_file(const std::string& path, ByteView first, ByteView second, size_t second_at) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  require(file >= 0);
  require(pwrite(file, first.data(), first.size(), 0) == static_cast<ssize_t>(first.size()));
  require(pwrite(file, second.data(), second.size(), static_cast<off_t>(second_at)) ==
          static_cast<ssize_t>(second.size()));
  require(close(file) == 0);
}

/// A mark that expects of `log` what its header and the frame `frames` say.
Bytes fitting(ByteView log, uint64_t frames) {
  const auto number = [&](size_t offset, size_t size) {
    uint64_t value = 0;
    for (const uint8_t byte : log.subspan(offset, size)) value = value << 8 | byte;
    return value;
  };
  LogMarkRecord record{
      .counter = 1, .set = true, .page_bytes = 0, .salts = 0, .frames = frames, .checksum = 0};
  if (log.size() < 32) return encode_log_mark(record);
  record.page_bytes = static_cast<uint32_t>(number(8, 4));
  record.salts = number(16, 8);
  const size_t last = 32 + (frames - 1) * (size_t{24} + record.page_bytes);
  if (frames != 0 && last + 24 <= log.size()) record.checksum = number(last + 16, 8);
  return encode_log_mark(record);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  setenv("TMPDIR", "/dev/shm", 0);  // a disk would take most of the time
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2 * kLogMarkRecordBytes) return 0;
  static const test::TempDir* const dir = new test::TempDir;
  const std::string mark_path = *dir / "app.tsq";
  const std::string log_path = *dir / "app.tdb-wal";
  const ByteView input(data, size);
  const ByteView log = input.subspan(2 * kLogMarkRecordBytes);
  const ByteView first = input.first(kLogMarkRecordBytes);
  Bytes second(input.begin() + kLogMarkRecordBytes, input.begin() + 2 * kLogMarkRecordBytes);
  if (data[0] % 2 != 0) second = fitting(log, data[1] % 4);
  write_file(mark_path, first, second, kLogMarkStride);
  write_file(log_path, log, {}, 0);

  // A record that is read comes back as it is.
  for (const ByteView copy : {first, ByteView(second)}) {
    const auto record = decode_log_mark(copy);
    if (record) require(std::ranges::equal(encode_log_mark(*record), copy));
  }
  const auto mark = LogMark::open(mark_path, log_path);
  require(mark.ok());  // whatever it holds
  const Status checked = (*mark)->check();
  require(checked.ok() || checked.error().code == ErrorCode::kCORRUPT);
  require((*mark)->set() || checked.ok());
  require((*mark)->cleared().ok());
  require((*mark)->check().ok());
  // A log that SQLite never wrote sets no mark that would then miss it.
  if ((*mark)->committed(data[2] % 4, data[3] % 2 != 0).ok()) {
    const Status again = (*mark)->check();
    require(again.ok() || again.error().code == ErrorCode::kCORRUPT);
  }
  return 0;
}
