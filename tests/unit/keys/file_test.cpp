// The slot file in other states than it was written: damaged, cut, hostile, foreign.
#include <filesystem>

#include "key_world.hpp"

namespace tessera::test {
namespace {

using keys::KeyRing;
using keys::Record;
using keys::Slot;
using keys::SlotType;

constexpr size_t kVersionAt = 8;
constexpr size_t kDigestBytes = 32;

/// The file of `record_bytes` changed, with digests as an attacker would make them.
Bytes file_of(Bytes record_bytes) {
  const Key256 digest = blake2b_256({}, {ByteView(record_bytes).first(record_bytes.size() - kDigestBytes)});
  std::copy(digest.begin(), digest.end(), record_bytes.end() - kDigestBytes);
  Bytes file = record_bytes;
  file.insert(file.end(), record_bytes.begin(), record_bytes.end());
  return file;
}

Bytes one_copy(const Bytes& file) { return {file.begin(), file.begin() + std::ssize(file) / 2}; }

Record record_of(KeyWorld& world) { return need(keys::read_slot_file(world.content(), world.path)); }

/// A store with slots of most shapes, opened by its application key.
struct Store : KeyWorld {
  Store() {
    KeyRing ring =
        create({.passphrase = as_bytes(kPassphrase), .app_key = app_key(), .device = true, .keystore = true});
    need(ring.create_recovery_key());
    key = bytes_of(ring);
    whole = content();
  }
  Result<KeyRing> open_with(ByteView bytes) {
    put(bytes);
    return open(with_app_key());
  }
  Bytes key;
  Bytes whole;
};

BOOST_AUTO_TEST_SUITE(slot_file)

BOOST_AUTO_TEST_CASE(one_flipped_byte_anywhere_is_healed) {
  Store store;
  size_t opened = 0;
  for (size_t place = 0; place < store.whole.size(); ++place) {
    Bytes flipped = store.whole;
    flipped[place] ^= 0x41;
    const auto ring = store.open_with(flipped);
    if (ring.ok() && bytes_of(*ring) == store.key) ++opened;
  }
  BOOST_TEST(opened == store.whole.size());
}

BOOST_AUTO_TEST_CASE(the_same_byte_flipped_in_both_copies_is_damage) {
  Store store;
  size_t damaged = 0;
  const size_t length = store.whole.size() / 2;
  for (size_t place = 0; place < length; ++place) {
    Bytes flipped = store.whole;
    flipped[place] ^= 1;
    flipped[length + place] ^= 1;
    if (outcome(store.open_with(flipped)) == "corrupt/DAMAGED") ++damaged;
  }
  BOOST_TEST(damaged == length);
}

BOOST_AUTO_TEST_CASE(a_byte_changed_by_someone_who_fixes_the_digest_never_opens) {
  Store store;
  const Bytes record = one_copy(store.whole);
  for (size_t place = 0; place < record.size() - kDigestBytes; ++place) {
    Bytes changed = record;
    changed[place] ^= 0x10;
    const std::string result = outcome(store.open_with(file_of(changed)));
    const bool refused =
        result == "corrupt/DAMAGED" || result == "crypto/WRONG_KEY" || result == "unsupported/NEWER_FORMAT";
    BOOST_TEST_CONTEXT("byte " << place << ": " << result) { BOOST_TEST(refused); }
  }
}

BOOST_AUTO_TEST_CASE(cut_at_every_length) {
  Store store;
  for (size_t length = 0; length < store.whole.size(); ++length) {
    const auto ring = store.open_with(ByteView(store.whole).first(length));
    const bool one_is_whole = length >= store.whole.size() / 2;
    BOOST_TEST_CONTEXT("length " << length) {
      if (one_is_whole)
        BOOST_TEST((ring.ok() && bytes_of(*ring) == store.key));
      else
        BOOST_TEST(outcome(ring) == "corrupt/DAMAGED");
    }
  }
}

BOOST_AUTO_TEST_CASE(the_newest_copy_counts) {
  KeyWorld world;
  KeyRing ring = world.create(app_key_option());
  Bytes old = one_copy(world.content());
  need(ring.add_slot({SlotType::kPassphrase, as_bytes(kPassphrase), std::nullopt, {}}));
  need(ring.remove_slot(1));  // as long as before
  const Bytes newest = one_copy(world.content());
  BOOST_REQUIRE(old.size() == newest.size());
  Bytes file = old;
  file.insert(file.end(), newest.begin(), newest.end());
  world.put(file);
  BOOST_TEST(need(world.open(with_app_key())).generation() == 3u);
}

BOOST_AUTO_TEST_CASE(what_is_no_slot_file_is_damage) {
  Store store;
  for (const Bytes& content : {Bytes(), Bytes(1), to_bytes("TSRSLOTS"), Bytes(4096), Bytes(16384, 0xFF),
                               Bytes(1 << 20, 7), to_bytes("SQLite format 3")})
    BOOST_TEST(outcome(store.open_with(content)) == "corrupt/DAMAGED");
  Bytes longer = store.whole;
  longer.push_back(0);
  BOOST_TEST(outcome(store.open_with(longer)) == "ok");
}

BOOST_AUTO_TEST_CASE(a_later_version_is_told_apart) {
  Store store;
  Bytes later = one_copy(store.whole);
  later[kVersionAt] = 2;
  BOOST_TEST(outcome(store.open_with(file_of(later))) == "unsupported/NEWER_FORMAT");
  later[kVersionAt] = 0;
  BOOST_TEST(outcome(store.open_with(file_of(later))) == "corrupt/DAMAGED");
}

BOOST_AUTO_TEST_CASE(costs_beyond_the_limits_are_refused_before_they_are_paid) {
  KeyWorld world;
  world.create(passphrase_option());
  const Record record = record_of(world);
  const Argon2Cost costs[] = {{1, uint64_t{64} << 20},
                              {11, uint64_t{64} << 20},
                              {UINT32_MAX, uint64_t{64} << 20},
                              {3, (uint64_t{1} << 30) + 1},
                              {3, UINT64_MAX},
                              {3, (uint64_t{19} << 20) - 1},
                              {0, 0}};
  for (const Argon2Cost& cost : costs) {
    Record hostile = record;
    hostile.slots[0].cost = cost;
    world.put(need(keys::write_slot_file(hostile)));
    BOOST_TEST(outcome(world.open(with_passphrase(kPassphrase))) == "corrupt/DAMAGED");
  }
  Record allowed = record;  // refused only because the slot was not made with it
  allowed.slots[0].cost = {3, uint64_t{20} << 20};
  world.put(need(keys::write_slot_file(allowed)));
  BOOST_TEST(outcome(world.open(with_passphrase(kPassphrase))) == "crypto/WRONG_KEY");
}

BOOST_AUTO_TEST_CASE(slots_of_another_store_do_not_open) {
  Store store;
  KeyWorld other;
  other.random = FakeRandom(2);
  other.create({.passphrase = as_bytes(kPassphrase), .app_key = app_key()});
  Record mixed = record_of(store);
  mixed.slots = record_of(other).slots;
  BOOST_TEST(outcome(store.open_with(need(keys::write_slot_file(mixed)))) == "crypto/WRONG_KEY");
  mixed.store = record_of(other).store;  // the slots open now, but not the record
  BOOST_TEST(outcome(store.open_with(need(keys::write_slot_file(mixed)))) == "corrupt/DAMAGED");
}

BOOST_AUTO_TEST_CASE(a_removed_slot_can_not_be_put_back) {
  Store store;
  KeyRing ring = need(store.open(with_app_key()));
  const Slot removed = record_of(store).slots.at(0);
  BOOST_REQUIRE(removed.type == SlotType::kPassphrase);
  need(ring.remove_slot(removed.id));
  Record spliced = record_of(store);
  spliced.slots.push_back(removed);
  store.put(need(keys::write_slot_file(spliced)));
  BOOST_TEST(outcome(store.open(with_passphrase(kPassphrase))) == "corrupt/DAMAGED");
}

BOOST_AUTO_TEST_CASE(a_slot_can_not_be_dropped_nor_a_generation_raised) {
  Store store;
  Record record = record_of(store);
  record.slots.pop_back();
  BOOST_TEST(outcome(store.open_with(need(keys::write_slot_file(record)))) == "corrupt/DAMAGED");
  record = record_of(store);
  store.put(store.whole);
  record = record_of(store);
  ++record.generation;
  BOOST_TEST(outcome(store.open_with(need(keys::write_slot_file(record)))) == "corrupt/DAMAGED");
}

BOOST_AUTO_TEST_CASE(too_much_for_the_file) {
  KeyWorld world;
  FakeDevice::Parts parts;
  for (int i = 0; i < 16; ++i)
    parts["app:" + std::to_string(i)] = {FactorClass::kUnique, 10, "value " + std::to_string(i)};
  world.change_hardware(parts);
  BOOST_TEST(outcome(KeyRing::create(world.config(), world.ports(), {.device = true})) == "limit");
  BOOST_TEST(!std::filesystem::exists(world.path));
}

BOOST_AUTO_TEST_CASE(export_and_import) {
  Store store;
  const KeyRing ring = need(store.open(with_app_key()));
  BOOST_TEST(ring.export_bytes() == store.whole);
  KeyWorld restored;
  need(KeyRing::import(restored.path, system_files(), store.whole));
  BOOST_TEST(bytes_of(need(restored.open(with_app_key()))) == store.key);
  BOOST_TEST(outcome(KeyRing::import(restored.path, system_files(), as_bytes("nothing"))) ==
             "corrupt/DAMAGED");
  BOOST_TEST(outcome(KeyRing::import(restored.path, system_files(), Bytes(1 << 20))) == "corrupt/DAMAGED");
  BOOST_TEST(bytes_of(need(restored.open(with_app_key()))) == store.key);
}

BOOST_AUTO_TEST_CASE(erased) {
  Store store;
  KeyRing ring = need(store.open(with_app_key()));
  need(ring.stage_rotation(with_app_key(), true));
  const std::string name = store.path + ".link";
  std::filesystem::create_hard_link(store.path, name);  // shows what becomes of the blocks
  need(KeyRing::erase(store.path, store.ports()));
  BOOST_TEST(outcome(store.open(with_app_key())) == "not_found/SLOTS_MISSING");
  BOOST_TEST(!need(KeyRing::rotation_pending(system_files(), store.path)));
  BOOST_TEST(store.keystore.entries.empty());
  const Bytes left = need(system_files().read(name, 1 << 20));
  BOOST_TEST(left.size() == store.whole.size());
  size_t same = 0;
  for (size_t i = 0; i < left.size(); ++i) same += left[i] == store.whole[i] ? 1 : 0;
  BOOST_TEST(same < left.size() / 20);
  BOOST_TEST(outcome(KeyRing::erase(store.path, store.ports())) == "ok");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::test
