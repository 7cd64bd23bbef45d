// Sealed logs that anybody may have written or changed. The first letter: M edits of a log file of ten
// records; F frames as they are, behind a header that the right key wrote; any other the file itself.
#include <algorithm>

#include "sealed/log_reader.hpp"
#include "sealed/log_sink.hpp"
#include "sealed_world.hpp"

namespace {

using namespace tessera;
using namespace tessera::sealed;
using namespace tessera::sealed::fuzz;

constexpr LogOptions kOptions{.max_file_bytes = 1 << 20, .max_files = 3, .lock_timeout_ms = 0};
constexpr size_t kRecords = 10;

const std::string& path() {
  static const std::string it = folder() + "/log";
  return it;
}

void clear() {
  for (size_t age = 0; age < kOptions.max_files; ++age) unlink(log_path(path(), age).c_str());
}

struct Content {
  std::vector<Bytes> records;
  size_t damage = 0;
};

Content read_log() {
  OneRoot roots;
  auto reader = require(LogReader::open(path(), roots));
  Content content;
  while (auto record = require(reader->next())) content.records.push_back(std::move(*record));
  content.damage = reader->damage().size();
  return content;
}

void append(ByteView record) {
  OneRoot roots;
  FakeRandom random(3);
  auto sink = require(LogSink::open(path(), roots, kOptions, random));
  require(sink->append(record).ok());
  require(sink->flush(/*is_durable=*/false).ok());
}

const std::vector<Bytes>& records() {
  static const std::vector<Bytes> it = [] {
    std::vector<Bytes> made;
    for (size_t i = 0; i < kRecords; ++i) made.emplace_back(i * 50, static_cast<uint8_t>(i));
    return made;
  }();
  return it;
}

Bytes log_file() {
  clear();
  OneRoot roots;
  FakeRandom random(2);
  auto sink = require(LogSink::open(path(), roots, kOptions, random));
  for (const Bytes& record : records()) require(sink->append(record).ok());
  sink.reset();
  return read_back(path());
}

/// Reads the log, appends to it and reads it again: nothing that could be read is lost.
Content use(ByteView file) {
  clear();
  put(path(), file);
  const Content before = read_log();
  append(as_bytes("after"));
  const Content after = read_log();
  require(after.records.size() == before.records.size() + 1);
  require(std::equal(before.records.begin(), before.records.end(), after.records.begin()));
  require(as_text(after.records.back()) == "after");
  require(after.damage == before.damage);
  return before;
}

void use_edited(ByteView edits) {
  static const Bytes original = log_file();
  const Bytes file = edited(original, edits);
  const Content found = use(file);
  require(found.records.size() <= kRecords);
  require(std::equal(found.records.begin(), found.records.end(), records().begin()));
}

Bytes behind_right_header(ByteView frames) {
  static FakeRandom random(5);
  Bytes file = require(new_log_file(OneRoot::root(), 1, random)).content;
  file.insert(file.end(), frames.begin(), frames.end());
  return file;
}

void use_any(ByteView file) {
  clear();
  put(path(), file);
  static_cast<void>(read_log());
  OneRoot roots;
  FakeRandom random(3);
  if (auto sink = LogSink::open(path(), roots, kOptions, random); sink)
    require((*sink)->append(file.first(std::min<size_t>(file.size(), 10))).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const ByteView rest(data + 1, size - 1);
  if (data[0] == 'M') {
    use_edited(rest);
  } else if (data[0] == 'F') {
    use(behind_right_header(rest));
  } else {
    use_any({data, size});
  }
  return 0;
}
