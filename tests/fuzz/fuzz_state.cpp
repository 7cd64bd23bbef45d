// What a state file holds. The first letter: S what differs from a fresh state (a JSON merge patch); B
// decrypted content as it is, the seed of the installation key in front; any other the file itself, which no
// key sealed.
#include "license/install.hpp"
#include "license/state_file.hpp"
#include "memory_files.hpp"
#include "verdict_course.hpp"

namespace {

using namespace tessera;
using namespace tessera::fuzz;

/// A keystore that there is none of.
class NoKeystore final : public Keystore {
 public:
  Access access() override { return Access::kAbsent; }
  Result<std::optional<Key256>> load(const std::string&) override { return std::optional<Key256>(); }
  Status save(const std::string&, const Key256&) override {
    return Error{ErrorCode::kIO, "fuzz", "none", {}};
  }
  Status remove(const std::string&) override { return Error{ErrorCode::kIO, "fuzz", "none", {}}; }
};

void read_file(std::string_view content) {
  MemoryFiles files;
  test::FakeRandom random;
  NoKeystore keystore;
  LicenseConfig config = world().config;
  config.data_dir = "data";
  files.content["data/license.key"] = Bytes(32, 7);
  files.content["data/license.state"] = to_bytes(content);
  StateFile file(files, random, keystore, config);
  require(!file.load());

  // Damaged or not, the next state can be written over it and read again.
  require(file.store(world().state).ok());
  const auto stored = require(file.load());
  require(stored && write_state(*stored) == write_state(world().state));
}

void require_readable(const LicenseState& state) {
  const Bytes content = write_state(state);
  require(write_state(require(read_state(content))) == content);
}

/// An accepted state comes back as it is, and whatever it says, using it leaves one that can be read.
void use(const LicenseState& state) {
  require_readable(state);
  const LicenseContext context = world().context();
  const Snapshot snapshot = take_snapshot(state, context, {});
  const Snapshot again = take_snapshot(require(read_state(write_state(state))), context, {});
  const Verdict verdict = judge(snapshot, context, kNowMs);
  require_sound(verdict);
  require(verdict_json(verdict) == verdict_json(judge(again, context, kNowMs)));

  test::FakeRandom random;
  LicenseState asked = state;
  require(make_request({{}, "note"}, snapshot, context, kNowMs, random, &asked).ok());
  require_readable(asked);
  LicenseState left = state;
  if (make_deactivation(snapshot, context, kNowMs, &left)) require_readable(left);
  LicenseState metered = state;
  for (const auto& [name, entitlement] : verdict.entitlements) {
    if (add_to_meter(name, 1, verdict, &metered)) require_readable(metered);
  }
}

/// The content of a fresh state with the members of `patch` in the place of its own; what is no JSON replaces
/// all.
Bytes patched(std::string_view patch) {
  constexpr JsonLimits kLimits{.max_document = 1u << 20, .max_members = 32768, .max_string = kMaxTokenBytes};
  constexpr size_t kSeedBytes = 32;
  static const Bytes fresh = write_state(world().state);
  Bytes content(fresh.begin(), fresh.begin() + kSeedBytes);
  std::string text(patch);
  if (const auto changes = parse_json(patch, kLimits); changes) {
    Json state = Json::parse(as_text(ByteView(fresh).subspan(kSeedBytes)));
    state.merge_patch(*changes);
    text = dump_json(state);
  }
  content.insert(content.end(), text.begin(), text.end());
  return content;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view rest = as_text({data + 1, size - 1});
  if (data[0] != 'S' && data[0] != 'B') {
    read_file(rest);
    return 0;
  }
  const Bytes content = data[0] == 'S' ? patched(rest) : to_bytes(rest);
  if (const auto state = read_state(content); state) use(*state);
  return 0;
}
