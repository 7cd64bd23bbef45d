// Small encrypted databases to copy, damage and read back.
#pragma once

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "store/care.hpp"
#include "store/errors.hpp"
#include "temp_dir.hpp"

namespace tessera {

inline std::ostream& operator<<(std::ostream& out, ErrorCode code) { return out << error_name(code); }

namespace store_test {

using namespace store;  // NOLINT(google-build-using-namespace)

inline constexpr size_t kPageBytes = 4096;

template <class T>
T require(Result<T> result) {
  BOOST_REQUIRE_MESSAGE(result.ok(), (result.ok() ? "" : result.error().text));
  return std::move(result).value();
}
inline void require(const Status& status) {
  BOOST_REQUIRE_MESSAGE(status.ok(), (status.ok() ? "" : status.error().text));
}
template <class T>
ErrorCode code_of(const Result<T>& result) {
  return result.ok() ? ErrorCode::kOk : result.error().code;
}
template <class T>
std::string reason(const Result<T>& result) {
  return result.ok() ? "" : reason_of(result.error());
}

/// A key whose bytes are all different from those of another `seed`.
struct OwnedKey {
  explicit OwnedKey(uint8_t seed = 1) : key(32, seed), salt(16, static_cast<uint8_t>(seed + 100)) {}
  DatabaseKey view() const { return {key, salt}; }
  Bytes key;
  Bytes salt;
};

inline Bytes content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
inline void set_content(const std::string& path, ByteView bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}
inline void flip_byte(const std::string& path, size_t offset) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(static_cast<std::streamoff>(offset));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(static_cast<char>(byte ^ 0x20));
}

inline std::unique_ptr<Connection> open_tool(const std::string& path, const OwnedKey& key,
                                             Role role = Role::kTool) {
  const DatabaseKey view = key.view();
  return require(Connection::open({.path = path, .role = role, .create = true}, &view));
}

inline Progress no_progress() { return {}; }

}  // namespace store_test
}  // namespace tessera
