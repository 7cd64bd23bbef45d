// A folder and sealing roots for the tests of sealed files and logs.
#pragma once

#include <sched.h>
#include <sys/mount.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

#include "fakes.hpp"
#include "sealed/file_reader.hpp"
#include "sealed/file_writer.hpp"
#include "temp_dir.hpp"

namespace tessera::sealed::test {

using tessera::test::FakeRandom;
using tessera::test::TempDir;

/// Roots as a store keeps them; each add() is a rotation.
class FakeRoots final : public Roots {
 public:
  explicit FakeRoots(uint8_t first) { add(first); }
  void add(uint8_t fill) {
    ids_.push_back(fill);
    error.reset();
  }
  Result<Root> newest() override {
    if (error) return *error;
    return root(ids_.back());
  }
  Result<std::optional<Root>> find(const RootId& id) override {
    if (error) return *error;
    for (const uint8_t fill : ids_) {
      if (root(fill).id == id) return std::optional<Root>(root(fill));
    }
    return std::optional<Root>();
  }

  std::optional<Error> error;  // what every call answers, when set

 private:
  static Root root(uint8_t fill) {
    Root root;
    root.id.fill(fill);
    root.key = SecretBytes(ByteView(Bytes(32, static_cast<uint8_t>(fill ^ 0x5A))));
    return root;
  }
  std::vector<uint8_t> ids_;
};

inline Bytes content_of(size_t size, uint64_t seed = 1) {
  FakeRandom random(seed);
  return random_bytes(random, size);
}

inline Bytes read_plain_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

inline void write_plain_file(const std::string& path, ByteView content) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
}

inline bool exists(const std::string& path) {
  struct stat status{};
  return lstat(path.c_str(), &status) == 0;
}

/// "ok", or what a caller can tell apart: the code's name and the reason in the detail.
inline std::string outcome(const Error& error) {
  return std::string(error_name(error.code)) + error.detail_json;
}
template <class T>
std::string outcome(const Result<T>& result) {
  return result.ok() ? "ok" : outcome(result.error());
}
inline constexpr const char* kDamagedOutcome = R"(corrupt{"reason":"DAMAGED"})";
inline constexpr const char* kWrongKeyOutcome = R"(crypto{"reason":"WRONG_KEY"})";
inline constexpr const char* kNewerOutcome = R"(unsupported{"reason":"NEWER_FORMAT"})";

/// Puts the checksum at the end of a header right again, as anybody can.
inline void fix_checksum(Bytes* file) {
  const size_t length = static_cast<size_t>((*file)[10]) << 8 | (*file)[11];
  const Sha256 checksum = sha256(ByteView(*file).first(length - 8));
  std::copy_n(checksum.begin(), 8, file->begin() + static_cast<std::ptrdiff_t>(length - 8));
}

/// In a child process: a file system of `megabytes` on the empty folder `path`, seen by nobody else. False
/// where that is not permitted.
inline bool mount_small_disk(const std::string& path, int megabytes) {
  const std::string size = "size=" + std::to_string(megabytes) + "m";
  return unshare(CLONE_NEWNS) == 0 && mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("tmpfs", path.c_str(), "tmpfs", 0, size.c_str()) == 0;
}
inline constexpr int kNotPermitted = 77;

struct Folder {
  TempDir dir;
  FakeRoots roots{1};
  std::string path = dir / "export.tsf";

  Status seal(ByteView content, const WriterOptions& options = {}) {
    TSR_ASSIGN_OR_RETURN(auto writer, FileWriter::create(path, roots, options));
    TSR_RETURN_IF_ERROR(writer->write(content));
    return writer->finish();
  }
  Result<Bytes> unseal() {
    TSR_ASSIGN_OR_RETURN(auto reader, FileReader::open(path, roots));
    return reader->read_all(size_t{1} << 30);
  }
};

}  // namespace tessera::sealed::test
