// What the fuzzers of sealed files and logs share: one sealing root, and a folder of this process in memory
// where there is such a file system.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "fakes.hpp"
#include "sealed/roots.hpp"

namespace tessera::sealed::fuzz {

using tessera::test::FakeRandom;

inline void require(bool holds) {
  if (!holds) __builtin_trap();
}
template <class T>
T require(Result<T> result) {
  require(result.ok());
  return std::move(result).value();
}

class OneRoot final : public Roots {
 public:
  Result<Root> newest() override { return root(); }
  Result<std::optional<Root>> find(const RootId& id) override {
    if (id != root().id) return std::optional<Root>();
    return std::optional<Root>(root());
  }
  static Root root() {
    Root root;
    root.id.fill(7);
    root.key = SecretBytes(ByteView(Bytes(32, 9)));
    return root;
  }
};

/// Removed with all its content at exit.
class ScratchFolder {
 public:
  ScratchFolder() {
    if (access("/dev/shm", W_OK) != 0) path_ = "/tmp/tessera-fuzz-XXXXXX";
    require(mkdtemp(path_.data()) != nullptr);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_ = "/dev/shm/tessera-fuzz-XXXXXX";
};

inline const std::string& folder() {
  static const ScratchFolder it;
  return it.path();
}

inline Bytes read_back(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

inline void put(const std::string& path, ByteView content) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
}

/// `original` with what the fuzzer does to it, five bytes each: {what, place (3), value}. What: 0 replaces a
/// byte, 1 cuts, 2 repeats at the end all from the place on, 3 removes `value` bytes.
inline Bytes edited(const Bytes& original, ByteView edits) {
  constexpr size_t kMost = size_t{1} << 20;
  Bytes file = original;
  for (; edits.size() >= 5 && !file.empty(); edits = edits.subspan(5)) {
    const size_t place = (size_t{edits[1]} << 16 | size_t{edits[2]} << 8 | edits[3]) % file.size();
    const auto at = file.begin() + static_cast<std::ptrdiff_t>(place);
    switch (edits[0] % 4) {
      case 0:
        *at = edits[4];
        break;
      case 1:
        file.resize(place);
        break;
      case 2: {
        const Bytes rest(at, file.end());
        if (file.size() + rest.size() <= kMost) file.insert(file.end(), rest.begin(), rest.end());
        break;
      }
      default:
        file.erase(at, at + static_cast<std::ptrdiff_t>(std::min<size_t>(edits[4], file.size() - place)));
    }
  }
  return file;
}

}  // namespace tessera::sealed::fuzz
