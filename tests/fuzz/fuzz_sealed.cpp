// Sealed files that anybody may have written or changed. The first letter: M edits of a file of four chunks;
// P the same of an unfinished one, which is resumed; H the body of a header that the right key wrote, content
// follows; any other the file itself.
#include <algorithm>

#include "sealed/file_reader.hpp"
#include "sealed/file_writer.hpp"
#include "sealed_world.hpp"

namespace {

using namespace tessera;
using namespace tessera::sealed;
using namespace tessera::sealed::fuzz;

constexpr size_t kLimit = size_t{1} << 22;

const std::string& path() {
  static const std::string it = folder() + "/file";
  return it;
}

const Bytes& content() {
  static const Bytes it = [] {
    FakeRandom random;
    return random_bytes(random, 3 * kChunkBytes + 100);
  }();
  return it;
}

Bytes sealed_file(bool is_finished) {
  OneRoot roots;
  FakeRandom random(2);
  auto writer = require(FileWriter::create(path(), roots, {.resumable = true}, random));
  require(writer->write(content()).ok());
  if (is_finished) require(writer->finish().ok());
  writer.reset();
  return read_back(is_finished ? path() : path() + ".part");
}

/// Whatever was done to the file, each byte that comes out is the one that went in.
void read_edited(ByteView edits) {
  static const Bytes original = sealed_file(true);
  const Bytes file = edited(original, edits);
  put(path(), file);
  OneRoot roots;
  auto reader = FileReader::open(path(), roots);
  if (!reader) return;
  require((*reader)->size() == content().size());
  size_t intact = 0;
  for (size_t at = 0; at < content().size(); at += kChunkBytes) {
    Bytes out(std::min(kChunkBytes, content().size() - at));
    const auto count = (*reader)->read(at, out);
    if (!count) continue;
    require(*count == out.size());
    require(std::equal(out.begin(), out.end(), content().begin() + static_cast<std::ptrdiff_t>(at)));
    ++intact;
  }
  require(file == original || intact < 4);
}

/// Whatever was left of an unfinished file, the finished one holds what its writer wrote.
void resume_edited(ByteView edits) {
  static const Bytes original = sealed_file(false);
  put(path() + ".part", edited(original, edits));
  OneRoot roots;
  FakeRandom random(3);
  auto writer = FileWriter::resume(path(), roots, random);
  if (!writer) writer = FileWriter::create(path(), roots, {}, random);
  require(writer.ok());
  require((*writer)->position() <= content().size());
  require((*writer)->write(ByteView(content()).subspan((*writer)->position())).ok());
  require((*writer)->finish().ok());
  require(require(require(FileReader::open(path(), roots))->read_all(kLimit)) == content());
}

void read_any(ByteView file) {
  put(path(), file);
  OneRoot roots;
  if (auto reader = FileReader::open(path(), roots); reader)
    static_cast<void>((*reader)->read_all(kLimit).ok());
  put(path() + ".part", file);
  static_cast<void>(FileWriter::resume(path(), roots).ok());
}

/// {length of the body (2), body, content}.
Bytes with_right_header(ByteView input) {
  if (input.size() < 2) return {};
  const size_t length = std::min<size_t>((size_t{input[0]} << 8 | input[1]) % 4000, input.size() - 2);
  Header header;
  header.root_id = OneRoot::root().id;
  header.body.assign(input.begin() + 2, input.begin() + 2 + static_cast<std::ptrdiff_t>(length));
  const FileKeys keys = require(FileKeys::derive(kFileKind, OneRoot::root(), header.file_id));
  Bytes file = write_header(kFileKind, header, keys);
  file.insert(file.end(), input.begin() + 2 + static_cast<std::ptrdiff_t>(length), input.end());
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const ByteView rest(data + 1, size - 1);
  if (data[0] == 'M') {
    read_edited(rest);
  } else if (data[0] == 'P') {
    resume_edited(rest);
  } else if (data[0] == 'H') {
    read_any(with_right_header(rest));
  } else {
    read_any({data, size});
  }
  return 0;
}
