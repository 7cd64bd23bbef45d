#include "license/memory_file.hpp"

#include <algorithm>

#include "license/claims_json.hpp"
#include "text/hex.hpp"

namespace tessera {
namespace {

constexpr size_t kMaxBytes = 64u << 10;
constexpr size_t kMaxInstallations = 128;
constexpr int64_t kLockTimeoutMs = 2000;
constexpr int64_t kMaxInteger = int64_t{1} << 53;

}  // namespace

MemoryFile::MemoryFile(Files& files, Random& random, const std::string& directory, std::string_view product)
    : files_(&files), random_(&random), directory_(directory) {
  // No secret can be kept where the state folder is gone; this key stops casual editing, nothing more.
  const Sha256 key = hmac_sha256(as_bytes("tessera/memory/1"), as_bytes(product));
  std::copy(key.begin(), key.end(), key_.begin());
  if (!directory.empty())
    path_ = directory + "/" + hex_encode(ByteView(sha256(as_bytes(product))).first(12)) + ".mark";
}

DeviceMemory MemoryFile::load() {
  DeviceMemory memory;
  if (path_.empty()) return memory;
  const auto content = files_->read(path_, kMaxBytes);
  if (!content) return memory;
  const auto plain = aead_open(key_, *content, {});
  if (!plain) return memory;
  const auto json = parse_json(as_text(*plain));
  if (!json || !json->is_object()) return memory;
  ClaimReader reader(*json);
  memory.floor_ms = reader.integer("floor", true, 0, kMaxInteger);
  if (const Json* trials = reader.array("trials", true)) {
    for (const Json& id : *trials) {
      if (id.is_string()) memory.trials.insert(id.get<std::string>());
    }
  }
  if (const Json* generations = reader.object("generations", true)) {
    for (const auto& [install, value] : generations->items()) {
      if (value.is_number_integer()) memory.generations[install] = value.get<int64_t>();
    }
  }
  return reader.failed() ? DeviceMemory() : memory;
}

Result<FileLock> MemoryFile::lock() {
  TSR_RETURN_IF_ERROR(make_directories(directory_));
  return FileLock::acquire(path_ + ".lock", kLockTimeoutMs);
}

Status MemoryFile::store(const DeviceMemory& memory) {
  // Entries of installations that are long gone make room; trials are never forgotten.
  auto generations = memory.generations;
  while (generations.size() > kMaxInstallations) generations.erase(generations.begin());
  const Json out{
      {"floor", memory.floor_ms}, {"trials", memory.trials}, {"generations", std::move(generations)}};
  return write_atomic(*files_, path_, aead_seal(key_, as_bytes(dump_json(out)), {}, *random_));
}

}  // namespace tessera
