// What a machine remembers beside the state: anyone who knows the product can write that file. The first
// letter: J its decrypted JSON; any other the file itself.
#include "license/memory_file.hpp"
#include "memory_files.hpp"
#include "text/hex.hpp"
#include "verdict_course.hpp"

namespace {

using namespace tessera;
using namespace tessera::fuzz;

DeviceMemory load(Bytes content) {
  static const std::string path =
      "state/" + hex_encode(ByteView(sha256(as_bytes(kProduct))).first(12)) + ".mark";
  MemoryFiles files;
  test::FakeRandom random;
  files.content[path] = std::move(content);
  return MemoryFile(files, random, "state", kProduct).load();
}

Bytes sealed(std::string_view json) {
  static const Key256 key = hmac_sha256(as_bytes("tessera/memory/1"), as_bytes(kProduct));
  test::FakeRandom random;
  return aead_seal(key, as_bytes(json), {}, random);
}

/// A licence for an installation whose key was lost: importing it asks the memory when that began.
const std::string& rebinding_license() {
  static const std::string it = [] {
    LicenseClaims claims = node_license();
    claims.issued_at = claims.not_before = kNow - kDaySeconds;
    claims.hardware = world().device->bind(kProduct, as_bytes("0123456789abcdef"));
    claims.install_key = ed25519_thumbprint(world().retired.public_key());
    claims.nonce = "asked-by-another";
    return sign_jws(DocumentType::kLicense, write_claims(claims), world().signer);
  }();
  return it;
}

void use(const DeviceMemory& memory) {
  const LicenseContext context = world().context();
  const auto verdict_at = [&](const Snapshot& snapshot) { return judge(snapshot, context, kNowMs); };
  require_sound(verdict_at(empty_snapshot(context, memory, std::nullopt)));

  LicenseState state = world().state;
  notice_rollback(memory, &state);
  const auto imported = import_documents(rebinding_license(), context, memory, kNowMs, &state);
  require(!imported || !memory.tombstones.contains("L1"));
  if (!imported) return;
  const LicenseState again = require(read_state(write_state(state)));
  require_sound(verdict_at(take_snapshot(again, context, memory)));
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  // If the file were sealed otherwise, nothing below would be read.
  require(load(sealed(R"({"floor":7,"trials":[],"tombstones":["L1"],"rebinds":{"L1":5},"installations":{}})"))
              .rebinds.at("L1") == 5);
  require(import_documents(rebinding_license(), world().context(), {}, kNowMs,
                           std::make_unique<LicenseState>(world().state).get())
              .ok());
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view rest = as_text({data + 1, size - 1});
  if (data[0] == 'J') {
    use(load(sealed(rest)));
  } else {
    require(load(to_bytes(rest)) == DeviceMemory());
  }
  return 0;
}
