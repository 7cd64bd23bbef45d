// A new data key behind the same slots.
#include "key_world.hpp"

namespace tessera::test {
namespace {

using keys::KeyRing;
using keys::SlotType;

Bytes staged_bytes(const KeyRing& ring) {
  const keys::DataKey& key = *ring.staged_key();
  Bytes bytes(key.key.view().begin(), key.key.view().end());
  bytes.insert(bytes.end(), key.salt.begin(), key.salt.end());
  return bytes;
}

bool is_pending(const KeyWorld& world) { return need(KeyRing::rotation_pending(system_files(), world.path)); }

BOOST_AUTO_TEST_SUITE(rotation)

BOOST_AUTO_TEST_CASE(every_slot_gives_the_new_key) {
  KeyWorld world;
  KeyRing made = world.create(
      {.passphrase = as_bytes(kPassphrase), .app_key = app_key(), .device = true, .keystore = true});
  const SecretBytes recovery = need(made.create_recovery_key());
  const Bytes old_key = bytes_of(made);
  KeyRing ring = need(world.open(with_keystore()));
  keys::Unlock secrets{as_bytes(kPassphrase), app_key(), as_text(recovery.view()), true, true};
  BOOST_TEST(need(ring.stage_rotation(secrets, false)).empty());
  BOOST_TEST(is_pending(world));
  const Bytes new_key = staged_bytes(ring);
  BOOST_TEST(new_key != old_key);
  BOOST_TEST(bytes_of(ring) == old_key);
  BOOST_TEST(bytes_of(need(world.open(with_app_key()))) == old_key);
  need(ring.commit_rotation());
  BOOST_TEST(!is_pending(world));
  BOOST_TEST(bytes_of(ring) == new_key);
  BOOST_TEST(ring.staged_key() == nullptr);
  BOOST_TEST(ring.generation() == made.generation() + 1);
  for (const keys::Unlock& unlock : {with_passphrase(kPassphrase), with_app_key(), with_device(),
                                     with_keystore(), with_recovery(as_text(recovery.view()))})
    BOOST_TEST(bytes_of(need(world.open(unlock))) == new_key);
  need(ring.add_slot({SlotType::kPassphrase, as_bytes(kOtherPassphrase), std::nullopt, {}}));
  BOOST_TEST(bytes_of(need(world.open(with_passphrase(kOtherPassphrase)))) == new_key);
}

BOOST_AUTO_TEST_CASE(slots_made_here_need_no_secret) {
  KeyWorld world;
  KeyRing ring = world.create({.passphrase = as_bytes(kPassphrase), .app_key = app_key(), .device = true});
  const SecretBytes recovery = need(ring.create_recovery_key());
  BOOST_TEST(need(ring.stage_rotation({}, false)).empty());
  need(ring.commit_rotation());
  BOOST_TEST(outcome(world.open(with_recovery(as_text(recovery.view())))) == "ok");
  BOOST_TEST(outcome(world.open(with_passphrase(kPassphrase))) == "ok");
}

BOOST_AUTO_TEST_CASE(slots_without_their_secret_are_lost_only_on_request) {
  KeyWorld world;
  KeyRing made = world.create({.passphrase = as_bytes(kPassphrase), .app_key = app_key()});
  need(made.create_recovery_key());
  KeyRing ring = need(world.open(with_app_key()));
  const auto refused = ring.stage_rotation(with_passphrase(kOtherPassphrase), false);
  BOOST_TEST(outcome(refused) == "state/SLOTS_UNAVAILABLE");
  BOOST_TEST(refused.error().text.find("passphrase, recovery") != std::string::npos);
  BOOST_TEST(!is_pending(world));
  const auto dropped = need(ring.stage_rotation(with_passphrase(kOtherPassphrase), true));
  BOOST_TEST(dropped.size() == 2u);
  need(ring.commit_rotation());
  BOOST_TEST(ring.slots().size() == 1u);
  BOOST_TEST(outcome(world.open(with_passphrase(kPassphrase))) == "crypto/WRONG_KEY");
}

BOOST_AUTO_TEST_CASE(a_device_slot_of_changed_hardware_is_bound_again) {
  KeyWorld world;
  world.create({.app_key = app_key(), .device = true});
  world.change_hardware(FakeDevice::desktop("two"));
  KeyRing ring = need(world.open(with_app_key()));
  BOOST_TEST(need(ring.stage_rotation({}, false)).empty());
  need(ring.commit_rotation());
  BOOST_TEST(bytes_of(need(world.open(with_device()))) == bytes_of(ring));
}

BOOST_AUTO_TEST_CASE(abandoned) {
  KeyWorld world;
  KeyRing ring = world.create(app_key_option());
  const Bytes before = world.content();
  need(ring.stage_rotation({}, false));
  need(ring.abandon_rotation());
  BOOST_TEST(!is_pending(world));
  BOOST_TEST(world.content() == before);
  BOOST_TEST(outcome(ring.commit_rotation()) == "state");
  BOOST_TEST(outcome(ring.abandon_rotation()) == "ok");
  need(ring.stage_rotation({}, false));
}

BOOST_AUTO_TEST_CASE(nothing_changes_while_one_is_staged) {
  KeyWorld world;
  KeyRing ring = world.create({.passphrase = as_bytes(kPassphrase), .app_key = app_key(), .device = true});
  need(ring.stage_rotation({}, false));
  BOOST_TEST(outcome(ring.stage_rotation({}, false)) == "state");
  BOOST_TEST(outcome(ring.add_slot({SlotType::kAppKey, std::nullopt, app_key(), {}})) == "state");
  BOOST_TEST(outcome(ring.remove_slot(0)) == "state");
  BOOST_TEST(outcome(ring.rewrap_device(std::nullopt)) == "state");
  BOOST_TEST(outcome(ring.create_recovery_key()) == "state");
  BOOST_TEST(outcome(ring.change_passphrase(as_bytes(kPassphrase), as_bytes("x"))) == "state");
}

BOOST_AUTO_TEST_CASE(found_after_a_crash) {
  KeyWorld world;
  Bytes old_key, new_key;
  {
    KeyRing ring = world.create(app_key_option());
    need(ring.stage_rotation({}, false));
    old_key = bytes_of(ring);
    new_key = staged_bytes(ring);
  }
  BOOST_TEST(is_pending(world));
  BOOST_TEST(bytes_of(need(world.open(with_app_key()))) == old_key);
  KeyRing staged = need(KeyRing::open_staged(world.config(), world.ports(), with_app_key()));
  BOOST_TEST(bytes_of(staged) == new_key);
  BOOST_TEST(outcome(staged.create_recovery_key()) == "state");
  BOOST_TEST(outcome(staged.abandon_rotation()) == "state");
  need(staged.commit_rotation());
  BOOST_TEST(outcome(staged.create_recovery_key()) == "ok");
  BOOST_TEST(bytes_of(need(world.open(with_app_key()))) == new_key);
  BOOST_TEST(outcome(KeyRing::open_staged(world.config(), world.ports(), with_app_key())) ==
             "not_found/SLOTS_MISSING");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::test
