#include "license/state.hpp"

#include <algorithm>

#include "license/claims_json.hpp"
#include "text/base64url.hpp"

namespace tessera {
namespace {

constexpr size_t kSeedBytes = 32;
constexpr size_t kMaxSpentNonces = 256;
constexpr JsonLimits kStateLimits{
    .max_document = 4u << 20, .max_depth = 12, .max_members = 32768, .max_string = kMaxTokenBytes};

std::vector<std::string> read_texts(ClaimReader& reader, std::string_view name) {
  std::vector<std::string> out;
  const Json* items = reader.array(name, true);
  if (items == nullptr) return out;
  for (const Json& item : *items) {
    if (!item.is_string()) return reader.fail(name), out;
    out.push_back(item.get<std::string>());
  }
  return out;
}

Roots read_roots(ClaimReader& reader) {
  Roots roots;
  roots.threshold = static_cast<int>(reader.integer("root_threshold", true, 1, 64));
  for (const std::string& text : read_texts(reader, "roots")) {
    const auto bytes = base64url_decode(text);
    Ed25519Public key;
    if (!bytes || bytes->size() != key.size()) return reader.fail("roots"), roots;
    std::copy(bytes->begin(), bytes->end(), key.begin());
    roots.keys.push_back(key);
  }
  return roots;
}

/// Reads each object of an array member; `read` fills one element.
template <class T, class Read>
std::vector<T> read_objects(ClaimReader& reader, std::string_view name, Read read) {
  std::vector<T> out;
  const Json* items = reader.array(name, true);
  if (items == nullptr) return out;
  for (const Json& item : *items) {
    if (!item.is_object()) return reader.fail(name), out;
    ClaimReader members(item);
    out.push_back(read(members));
    if (members.failed()) return reader.fail(name), out;
  }
  return out;
}

}  // namespace

const Tombstone* LicenseState::find_tombstone(std::string_view license_id) const {
  const auto found = std::find_if(tombstones.begin(), tombstones.end(), [license_id](const Tombstone& one) {
    return one.license_id == license_id;
  });
  return found == tombstones.end() ? nullptr : &*found;
}

const OpenNonce* LicenseState::find_open_nonce(std::string_view value, int64_t now_ms) const {
  const auto found = std::find_if(open_nonces.begin(), open_nonces.end(), [&](const OpenNonce& nonce) {
    return nonce.value == value && now_ms - nonce.made_ms <= kNonceLifeMs;
  });
  return found == open_nonces.end() ? nullptr : &*found;
}

bool LicenseState::has_spent_nonce(std::string_view value) const {
  return std::find(spent_nonces.begin(), spent_nonces.end(), value) != spent_nonces.end();
}

void LicenseState::spend_nonce(std::string_view value) {
  std::erase_if(open_nonces, [value](const OpenNonce& nonce) { return nonce.value == value; });
  if (spent_nonces.size() == kMaxSpentNonces) spent_nonces.erase(spent_nonces.begin());
  spent_nonces.emplace_back(value);
}

void LicenseState::give_back(Tombstone tombstone) {
  brought_back.erase(tombstone.license_id);
  tombstones.push_back(std::move(tombstone));
  open_nonces.clear();
  license.clear();
  lease.clear();
}

void LicenseState::bring_back(const std::string& license_id) {
  std::erase_if(tombstones, [&](const Tombstone& one) { return one.license_id == license_id; });
  brought_back.insert(license_id);
}

Bytes write_state(const LicenseState& state) {
  Json roots = Json::array();
  for (const Ed25519Public& root : state.roots.keys) roots.push_back(base64url_encode(root));
  Json open_nonces = Json::array();
  for (const OpenNonce& nonce : state.open_nonces)
    open_nonces.push_back({{"n", nonce.value}, {"at", nonce.made_ms}});
  Json tombstones = Json::array();
  for (const Tombstone& one : state.tombstones)
    tombstones.push_back({{"id", one.license_id}, {"proof", one.proof}});
  Json meters = Json::array();
  for (const auto& [key, use] : state.meters)
    meters.push_back({{"name", key.name}, {"scope", key.scope}, {"period", use.period}, {"used", use.used}});
  Json out{{"generation", state.generation},
           {"salt", base64url_encode(state.salt)},
           {"keyset", state.keyset},
           {"roots", std::move(roots)},
           {"root_threshold", state.roots.threshold},
           {"roots_base", state.roots_base},
           {"crl", state.crl},
           {"license", state.license},
           {"lease", state.lease},
           {"open_nonces", std::move(open_nonces)},
           {"spent_nonces", state.spent_nonces},
           {"tombstones", std::move(tombstones)},
           {"brought_back", state.brought_back},
           {"meters", std::move(meters)},
           {"proofs", state.proofs},
           {"signed_floor", state.signed_floor_ms},
           {"mark", state.mark_ms},
           {"mark_boot", state.mark_boot_ms},
           {"drift_since", state.drift_since_ms},
           {"rebind_since", state.rebind_since_ms},
           {"rolled_back", state.rolled_back}};
  if (state.trial) {
    out["trial"] = {{"id", state.trial->id},
                    {"token", state.trial->token},
                    {"started", state.trial->started_ms},
                    {"hw", write_hardware(state.trial->hardware)}};
  }
  const ByteView seed = state.install_key->seed();
  const std::string text = dump_json(out);
  Bytes content;
  content.reserve(seed.size() + text.size());  // growing would leave a copy of the seed behind
  content.assign(seed.begin(), seed.end());
  content.insert(content.end(), text.begin(), text.end());
  return content;
}

Result<LicenseState> read_state(ByteView content) {
  const auto damaged = [] { return license_error(LicenseCode::kSTORE_CORRUPT); };
  if (content.size() < kSeedBytes) return damaged();
  auto key = Ed25519Key::from_seed(content.first(kSeedBytes));
  auto json = parse_json(as_text(content.subspan(kSeedBytes)), kStateLimits);
  if (!key || !json || !json->is_object()) return damaged();

  LicenseState state;
  state.install_key = std::make_shared<const Ed25519Key>(std::move(*key));
  ClaimReader reader(*json);
  constexpr int64_t kMaxMs = kMaxTime * 1000;
  state.generation = reader.integer("generation", true, 0, kMaxMs);
  if (auto salt = base64url_decode(reader.text("salt", true))) state.salt = std::move(*salt);
  state.keyset = read_texts(reader, "keyset");
  state.roots = read_roots(reader);
  state.roots_base = reader.text("roots_base", false);
  state.crl = reader.text("crl", false, kMaxTokenBytes);
  state.license = reader.text("license", false, kMaxTokenBytes);
  state.lease = reader.text("lease", false, kMaxTokenBytes);
  state.open_nonces = read_objects<OpenNonce>(reader, "open_nonces", [](ClaimReader& members) {
    return OpenNonce{members.text("n", true), members.integer("at", true, 0, kMaxMs)};
  });
  state.spent_nonces = read_texts(reader, "spent_nonces");
  state.tombstones = read_objects<Tombstone>(reader, "tombstones", [](ClaimReader& members) {
    return Tombstone{members.text("id", true), members.text("proof", true, kMaxTokenBytes)};
  });
  for (std::string& id : read_texts(reader, "brought_back")) state.brought_back.insert(std::move(id));
  using Meter = std::pair<MeterKey, MeterUse>;
  for (Meter& one : read_objects<Meter>(reader, "meters", [](ClaimReader& members) {
         return Meter{{members.text("name", true), members.text("scope", true)},
                      {members.text("period", false), members.integer("used", true, 0, kMaxMs)}};
       })) {
    state.meters.insert(std::move(one));
  }
  state.proofs = reader.integer("proofs", true, 0, kMaxMs);
  state.signed_floor_ms = reader.integer("signed_floor", true, 0, kMaxMs);
  state.mark_ms = reader.integer("mark", true, 0, kMaxMs);
  state.mark_boot_ms = reader.integer("mark_boot", true, 0, kMaxMs);
  state.drift_since_ms = reader.integer("drift_since", true, 0, kMaxMs);
  state.rebind_since_ms = reader.integer("rebind_since", true, 0, kMaxMs);
  state.rolled_back = reader.boolean("rolled_back", false);
  if (const Json* trial = reader.object("trial")) {
    ClaimReader members(*trial);
    TrialRecord record;
    record.id = members.text("id", true);
    record.token = members.text("token", true, kMaxTokenBytes);
    record.started_ms = members.integer("started", true, 0, kMaxMs);
    const Json* hardware = members.object("hw", true);
    if (members.failed()) return damaged();
    TSR_ASSIGN_OR_RETURN(record.hardware, read_hardware(*hardware));
    state.trial = std::move(record);
  }
  if (reader.failed()) return damaged();
  return state;
}

}  // namespace tessera
