// Adding, removing and changing slots.
#include "fault_files.hpp"
#include "key_world.hpp"

namespace tessera::test {
namespace {

using keys::KeyRing;
using keys::NewSlot;
using keys::SlotType;

std::vector<SlotType> types(const KeyRing& ring) {
  std::vector<SlotType> out;
  for (const keys::SlotInfo& info : ring.slots()) out.push_back(info.type);
  return out;
}

NewSlot passphrase_slot(std::string_view passphrase, std::string name = {}) {
  return {SlotType::kPassphrase, as_bytes(passphrase), std::nullopt, std::move(name)};
}

BOOST_AUTO_TEST_SUITE(changing)

BOOST_AUTO_TEST_CASE(slots_are_described) {
  KeyWorld world;
  KeyRing ring = world.create({.passphrase = as_bytes(kPassphrase), .app_key = app_key()});
  world.clock.pass(1000);
  const keys::SlotInfo added = need(ring.add_slot(passphrase_slot(kOtherPassphrase, "Büro")));
  BOOST_TEST(added.id == 2);
  const KeyRing again = need(world.open(with_app_key()));
  const auto slots = again.slots();
  BOOST_REQUIRE(slots.size() == 3u);
  BOOST_TEST(slots[0].kdf == "argon2id t=2 m=19MiB");
  BOOST_TEST(slots[1].kdf == "blake2b");
  BOOST_TEST(slots[2].name == "Büro");
  BOOST_TEST(slots[2].created_ms == slots[0].created_ms + 1000);
  BOOST_TEST(again.generation() == 2u);
}

BOOST_AUTO_TEST_CASE(several_passphrases_open) {
  KeyWorld world;
  KeyRing ring = world.create(passphrase_option());
  need(ring.add_slot(passphrase_slot(kOtherPassphrase)));
  BOOST_TEST(need(world.open(with_passphrase(kPassphrase))).opened_by()->id == 0);
  BOOST_TEST(need(world.open(with_passphrase(kOtherPassphrase))).opened_by()->id == 1);
}

BOOST_AUTO_TEST_CASE(the_slot_that_opened_the_store_may_go) {
  KeyWorld world;
  KeyRing ring = world.create(passphrase_option());
  need(ring.add_slot(
      {.type = SlotType::kAppKey, .passphrase = std::nullopt, .app_key = app_key(), .name = {}}));
  BOOST_TEST(ring.opened_by()->type == SlotType::kPassphrase);
  need(ring.remove_slot(ring.opened_by()->id));
  BOOST_TEST(!ring.opened_by());
  // Another takes its number.
  need(ring.add_slot(
      {.type = SlotType::kDevice, .passphrase = std::nullopt, .app_key = std::nullopt, .name = {}}));
  BOOST_TEST(!ring.opened_by());
}

BOOST_AUTO_TEST_CASE(a_change_leaves_the_data_key_and_the_other_slots) {
  KeyWorld world;
  KeyRing ring = world.create({.passphrase = as_bytes(kPassphrase), .app_key = app_key()});
  need(ring.change_passphrase(as_bytes(kPassphrase), as_bytes(kOtherPassphrase)));
  BOOST_TEST(outcome(world.open(with_passphrase(kPassphrase))) == "crypto/WRONG_KEY");
  BOOST_TEST(bytes_of(need(world.open(with_passphrase(kOtherPassphrase)))) == bytes_of(ring));
  BOOST_TEST(bytes_of(need(world.open(with_app_key()))) == bytes_of(ring));
  BOOST_TEST(outcome(ring.change_passphrase(as_bytes(kPassphrase), as_bytes("x"))) == "crypto/WRONG_KEY");
  BOOST_TEST(ring.generation() == 2u);
}

BOOST_AUTO_TEST_CASE(what_is_told_to_have_failed_is_undone) {
  KeyWorld world;
  FaultFiles disk;
  world.path = "data/app.tks";
  world.files = &disk;
  disk.fail_directory_sync();
  BOOST_TEST(outcome(KeyRing::create(world.config(), world.ports(), passphrase_option())) == "io");
  KeyRing ring = world.create(passphrase_option());
  disk.fail_directory_sync();
  BOOST_TEST(outcome(ring.change_passphrase(as_bytes(kPassphrase), as_bytes(kOtherPassphrase))) == "io");
  BOOST_TEST(outcome(world.open(with_passphrase(kPassphrase))) == "ok");
  disk.fail_directory_sync();
  BOOST_TEST(outcome(ring.create_recovery_key()) == "io");
  BOOST_TEST(need(world.open(with_passphrase(kPassphrase))).slots().size() == 1u);
  need(ring.change_passphrase(as_bytes(kPassphrase), as_bytes(kOtherPassphrase)));
  BOOST_TEST(outcome(world.open(with_passphrase(kOtherPassphrase))) == "ok");
}

BOOST_AUTO_TEST_CASE(the_passphrase_of_a_device_slot_changes_too) {
  KeyWorld world;
  KeyRing ring = world.create({.passphrase = as_bytes(kPassphrase), .passphrase_needs_device = true});
  need(ring.change_passphrase(as_bytes(kPassphrase), as_bytes(kOtherPassphrase)));
  BOOST_TEST(outcome(world.open(with_passphrase(kPassphrase))) == "crypto/WRONG_KEY");
  const KeyRing again = need(world.open(with_passphrase(kOtherPassphrase)));
  BOOST_TEST(again.opened_by()->type == SlotType::kPassphraseDevice);
}

BOOST_AUTO_TEST_CASE(binding_again_needs_the_passphrase_where_there_is_one) {
  KeyWorld world;
  KeyRing ring = world.create({.passphrase = as_bytes(kPassphrase),
                               .app_key = app_key(),
                               .device = true,
                               .passphrase_needs_device = true});
  world.change_hardware(FakeDevice::desktop("two"));
  const Bytes before = world.content();
  BOOST_TEST(outcome(ring.rewrap_device(std::nullopt)) == "arg");
  BOOST_TEST(world.content() == before);
  need(ring.rewrap_device(as_bytes(kPassphrase)));
  BOOST_TEST(ring.generation() == 2u);
  BOOST_TEST(outcome(world.open(with_passphrase(kPassphrase))) == "ok");
  BOOST_TEST(outcome(world.open(with_device())) == "ok");

  KeyWorld plain;
  BOOST_TEST(outcome(plain.create(app_key_option()).rewrap_device(std::nullopt)) == "not_found");
}

BOOST_AUTO_TEST_CASE(removing) {
  KeyWorld world;
  KeyRing ring = world.create({.app_key = app_key(), .keystore = true});
  BOOST_TEST(outcome(ring.remove_slot(7)) == "not_found");
  BOOST_TEST(outcome(ring.remove_slot(-1)) == "not_found");
  BOOST_TEST(outcome(ring.remove_slot(256)) == "not_found");
  need(ring.remove_slot(1));
  BOOST_TEST(world.keystore.entries.empty());
  BOOST_TEST(outcome(ring.remove_slot(0)) == "state");
  BOOST_TEST(outcome(world.open(with_keystore())) == "crypto/WRONG_KEY");
  BOOST_TEST(outcome(world.open(with_app_key())) == "ok");
  BOOST_TEST(need(ring.add_slot({SlotType::kKeystore, std::nullopt, std::nullopt, {}})).id == 1);
  BOOST_TEST(outcome(world.open(with_keystore())) == "ok");
}

BOOST_AUTO_TEST_CASE(what_can_not_be_added) {
  KeyWorld world;
  KeyRing ring = world.create({.app_key = app_key(), .device = true, .keystore = true});
  BOOST_TEST(outcome(ring.add_slot({SlotType::kDevice, std::nullopt, std::nullopt, {}})) == "state");
  BOOST_TEST(outcome(ring.add_slot({SlotType::kKeystore, std::nullopt, std::nullopt, {}})) == "state");
  BOOST_TEST(outcome(ring.add_slot({SlotType::kRecovery, std::nullopt, std::nullopt, {}})) == "arg");
  BOOST_TEST(outcome(ring.add_slot({SlotType::kAppKey, std::nullopt, app_key(), "\xFF"})) == "arg");
  BOOST_TEST(outcome(ring.add_slot({SlotType::kAppKey, std::nullopt, app_key(), std::string(65, 'n')})) ==
             "arg");
  BOOST_TEST(ring.generation() == 1u);
  for (int i = 3; i < 16; ++i) need(ring.add_slot({SlotType::kAppKey, std::nullopt, app_key(), {}}));
  BOOST_TEST(outcome(ring.add_slot({SlotType::kAppKey, std::nullopt, app_key(), {}})) == "limit");
  BOOST_TEST(outcome(ring.create_recovery_key()) == "limit");
  BOOST_TEST(need(world.open(with_keystore())).slots().size() == 16u);
}

BOOST_AUTO_TEST_CASE(recovery) {
  KeyWorld world;
  KeyRing ring = world.create(app_key_option());
  const auto is_missing = [](const KeyRing& each) {
    return each.recovery_state() == keys::RecoveryState::kMissing;
  };
  BOOST_TEST(is_missing(ring));
  const SecretBytes first = need(ring.create_recovery_key());
  BOOST_TEST(!is_missing(ring));
  BOOST_TEST(!is_missing(need(world.open(with_app_key()))));
  const SecretBytes second = need(ring.create_recovery_key());
  BOOST_TEST(types(ring) == (std::vector{SlotType::kAppKey, SlotType::kRecovery}));
  BOOST_TEST(outcome(world.open(with_recovery(as_text(first.view())))) == "crypto/WRONG_KEY");
  KeyRing recovered = need(world.open(with_recovery(as_text(second.view()))));
  BOOST_TEST(bytes_of(recovered) == bytes_of(ring));
  // The way back from a forgotten passphrase.
  need(recovered.add_slot(passphrase_slot(kOtherPassphrase)));
  BOOST_TEST(outcome(world.open(with_passphrase(kOtherPassphrase))) == "ok");
}

BOOST_AUTO_TEST_CASE(protection_is_the_weakest_way_in) {
  KeyWorld world;
  KeyRing ring = world.create(app_key_option());
  BOOST_TEST(ring.protection() == SlotType::kAppKey);
  need(ring.create_recovery_key());
  BOOST_TEST(ring.protection() == SlotType::kAppKey);
  need(ring.add_slot({SlotType::kPassphraseDevice, as_bytes(kPassphrase), std::nullopt, {}}));
  BOOST_TEST(ring.protection() == SlotType::kPassphraseDevice);
  need(ring.add_slot(passphrase_slot(kPassphrase)));
  BOOST_TEST(ring.protection() == SlotType::kPassphrase);
  need(ring.add_slot({SlotType::kKeystore, std::nullopt, std::nullopt, {}}));
  BOOST_TEST(ring.protection() == SlotType::kKeystore);
  need(ring.add_slot({SlotType::kDevice, std::nullopt, std::nullopt, {}}));
  BOOST_TEST(ring.protection() == SlotType::kDevice);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::test
