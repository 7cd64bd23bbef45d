// What a slot file holds. The first letter: R the fields of a record, whose frame and digest are made here
// and in both copies; any other the file itself, as it may come from a backup.
#include "fakes.hpp"
#include "keys/key_ring.hpp"
#include "memory_files.hpp"

namespace {

using namespace tessera;
using namespace tessera::fuzz;
using namespace tessera::keys;

constexpr const char* kPath = "app.tks";
constexpr size_t kPrefixBytes = 14;
constexpr size_t kDigestBytes = 32;

void check(bool holds) {
  if (!holds) __builtin_trap();
}

struct World {
  World() {
    keystore.state = Keystore::Access::kReady;
    KeyRing ring = KeyRing::create(config(), ports(), {.app_key = app_key, .keystore = true}).value();
    data_key.assign(ring.data_key().key.view().begin(), ring.data_key().key.view().end());
  }
  Config config() const { return {kPath, {}, KdfLevel::kLow}; }
  Ports ports() { return {&clock, &random, &files, &keystore, &probe}; }

  MemoryFiles files;
  test::FakeClock clock;
  test::FakeRandom random;
  test::FakeKeystore keystore;
  test::FakeProbe probe;
  Bytes app_key = Bytes(32, 7);
  Bytes data_key;
};

Bytes framed(ByteView fields) {
  WireWriter out;
  out.bytes(as_bytes("TSRSLOTS"));
  out.number(kFormatVersion);
  out.number(static_cast<uint32_t>(kPrefixBytes + fields.size() + kDigestBytes));
  out.bytes(fields);
  out.bytes(blake2b_256({}, {out.written()}));
  Bytes file = out.written();
  file.insert(file.end(), out.written().begin(), out.written().end());
  return file;
}

/// Accepted content is written as it was read, and device shares of any shape can be tried.
void use(const Record& record, ByteView content) {
  const Bytes again = write_slot_file(record).value();
  const ByteView copy = ByteView(again).first(again.size() / 2);
  check(!std::ranges::search(content, copy).empty());
  test::FakeProbe probe;
  const auto hardware = probe.probe().value()->bind("tessera-store", record.slots.front().salt);
  for (const Slot& slot : record.slots) {
    if (has_device_shares(slot.type)) check(open_device(slot.device, hardware, Bytes(32, 1)).key.empty());
  }
}

/// No content opens with another key than the store's.
void open(const Bytes& content) {
  World world;
  world.files.content[kPath] = content;
  const Unlock unlock{std::nullopt, world.app_key, std::nullopt, false, true};
  auto ring = KeyRing::open(world.config(), world.ports(), unlock);
  if (!ring) return;
  check(std::ranges::equal(ring->data_key().key.view(), world.data_key));
  check(ring->create_recovery_key().ok() || ring->slots().size() == kMaxSlots);
  check(KeyRing::open(world.config(), world.ports(), unlock).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const ByteView rest(data + 1, size - 1);
  const Bytes content = data[0] == 'R' ? framed(rest) : Bytes(rest.begin(), rest.end());
  if (const auto record = read_slot_file(content, kPath); record) use(*record, content);
  open(content);
  return 0;
}
