#include "license/memory_file.hpp"

#include <algorithm>

#include "license/claims.hpp"
#include "license/claims_json.hpp"
#include "text/hex.hpp"

namespace tessera {
namespace {

constexpr size_t kMaxBytes = size_t{1} << 20;
constexpr JsonLimits kLimits{.max_document = kMaxBytes, .max_members = 16384};
constexpr size_t kMaxInstallations = 128;
constexpr int64_t kLockTimeoutMs = 2000;

std::set<std::string> read_ids(ClaimReader& reader, std::string_view name) {
  std::set<std::string> ids;
  const Json* items = reader.array(name, true);
  if (items == nullptr) return ids;
  for (const Json& id : *items) {
    if (id.is_string()) ids.insert(id.get<std::string>());
  }
  return ids;
}

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
  const auto json = parse_json(as_text(*plain), kLimits);
  if (!json || !json->is_object()) return memory;
  ClaimReader reader(*json);
  memory.floor_ms = reader.integer("floor", true, 0, kMaxInteger);
  memory.trials = read_ids(reader, "trials");
  memory.tombstones = read_ids(reader, "tombstones");
  if (const Json* rebinds = reader.object("rebinds", true)) {
    for (const auto& [id, since] : rebinds->items()) {
      if (since.is_number_integer()) memory.rebinds[id] = since.get<int64_t>();
    }
  }
  if (const Json* installations = reader.object("installations", true)) {
    for (const auto& [key, one] : installations->items()) {
      ClaimReader members(one);
      const int64_t generation = members.integer("generation", true, 0, kMaxInteger);
      memory.installations[key] = {generation, members.integer("seen", true, 0, kMaxInteger)};
      if (members.failed()) return DeviceMemory();
    }
  }
  return reader.failed() ? DeviceMemory() : memory;
}

int64_t DeviceMemory::generation_of(const std::string& installation) const {
  const auto found = installations.find(installation);
  return found == installations.end() ? 0 : found->second.generation;
}

Result<FileLock> MemoryFile::lock() {
  TSR_RETURN_IF_ERROR(make_directories(directory_));
  return FileLock::acquire(path_ + ".lock", kLockTimeoutMs);
}

Status MemoryFile::store(const DeviceMemory& memory) {
  // Installations that are longest gone make room; trials and tombstones are never forgotten.
  auto kept = memory.installations;
  while (kept.size() > kMaxInstallations) {
    kept.erase(std::min_element(kept.begin(), kept.end(), [](const auto& a, const auto& b) {
      return a.second.seen_ms < b.second.seen_ms;
    }));
  }
  Json installations = Json::object();
  for (const auto& [key, one] : kept)
    installations[key] = {{"generation", one.generation}, {"seen", one.seen_ms}};
  const Json out{{"floor", memory.floor_ms},
                 {"trials", memory.trials},
                 {"tombstones", memory.tombstones},
                 {"rebinds", memory.rebinds},
                 {"installations", std::move(installations)}};
  return write_atomic(*files_, path_, aead_seal(key_, as_bytes(dump_json(out)), {}, *random_));
}

}  // namespace tessera
