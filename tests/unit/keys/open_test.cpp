// Each way in, and each way to stay out told apart.
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "key_world.hpp"

namespace tessera::test {
namespace {

using keys::KeyRing;
using keys::SlotType;

/// A machine that shares nothing with the desktop.
FakeDevice::Parts stranger() {
  return {{"disk", {FactorClass::kUnique, 3, "disk-two"}},
          {"mac", {FactorClass::kUnique, 2, "mac-two"}},
          {"machine_id", {FactorClass::kOs, 2, "os-two"}},
          {"cpu", {FactorClass::kModel, 1, "cpu-two"}}};
}

/// The desktop with another disk: 5 of 8, and 2 of 5 unique.
FakeDevice::Parts new_disk() {
  auto parts = FakeDevice::desktop();
  parts["disk"].value = "disk-new";
  return parts;
}

/// No memory beyond what there is now and `more`, until destroyed.
class MemoryCap {
 public:
  explicit MemoryCap(size_t more) {
    size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    getrlimit(RLIMIT_AS, &before_);
    struct rlimit now = before_;
    now.rlim_cur = pages * static_cast<size_t>(sysconf(_SC_PAGESIZE)) + more;
    setrlimit(RLIMIT_AS, &now);
  }
  MemoryCap(const MemoryCap&) = delete;
  MemoryCap& operator=(const MemoryCap&) = delete;
  ~MemoryCap() { setrlimit(RLIMIT_AS, &before_); }

 private:
  struct rlimit before_{};
};

BOOST_AUTO_TEST_SUITE(opening)

BOOST_AUTO_TEST_CASE(every_slot_gives_the_same_key) {
  KeyWorld world;
  KeyRing made = world.create(
      {.passphrase = as_bytes(kPassphrase), .app_key = app_key(), .device = true, .keystore = true});
  const Bytes key = bytes_of(made);
  const SecretBytes recovery = need(made.create_recovery_key());
  const struct {
    keys::Unlock unlock;
    SlotType type;
  } ways[] = {{with_passphrase(kPassphrase), SlotType::kPassphrase},
              {with_app_key(), SlotType::kAppKey},
              {with_device(), SlotType::kDevice},
              {with_keystore(), SlotType::kKeystore},
              {with_recovery(as_text(recovery.view())), SlotType::kRecovery}};
  for (const auto& way : ways) {
    const KeyRing ring = need(world.open(way.unlock));
    BOOST_TEST(bytes_of(ring) == key);
    BOOST_TEST(ring.opened_by()->type == way.type);
    BOOST_TEST(ring.generation() == made.generation());
    BOOST_TEST(ring.store_id() == made.store_id());
    BOOST_TEST(static_cast<int>(ring.upgrade()) == static_cast<int>(keys::Upgrade::kNone));
  }
  BOOST_TEST(key != Bytes(key.size(), 0));
}

BOOST_AUTO_TEST_CASE(the_file_is_small_private_and_tells_nothing) {
  KeyWorld world;
  KeyRing ring = world.create(
      {.passphrase = as_bytes(kPassphrase), .app_key = app_key(), .device = true, .keystore = true});
  need(ring.create_recovery_key());
  struct stat status{};
  BOOST_REQUIRE(stat(world.path.c_str(), &status) == 0);
  BOOST_TEST((status.st_mode & 0777) == 0600u);
  BOOST_TEST(status.st_size < 4096);
  const Bytes content = world.content();
  for (const ByteView secret : {as_bytes(kPassphrase), app_key(), ring.data_key().key.view()})
    BOOST_TEST(std::ranges::search(content, secret).empty());
}

BOOST_AUTO_TEST_CASE(two_stores_have_nothing_in_common) {
  KeyWorld world;
  const KeyRing one = world.create(app_key_option());
  world.path = world.folder / "two.tks";
  const KeyRing two = world.create(app_key_option());
  BOOST_TEST(bytes_of(one) != bytes_of(two));
  BOOST_TEST(one.store_id() != two.store_id());
}

BOOST_AUTO_TEST_CASE(keystore_is_the_default_where_it_is_ready) {
  KeyWorld world;
  BOOST_TEST(world.create({}).protection() == SlotType::kKeystore);
  BOOST_TEST(world.keystore.entries.size() == 1u);
  BOOST_TEST(world.keystore.entries.begin()->first.starts_with("tessera-store-"));
  BOOST_TEST(outcome(world.open({})) == "ok");

  for (const auto state : {Keystore::Access::kAbsent, Keystore::Access::kLocked}) {
    KeyWorld other;
    other.keystore.state = state;
    BOOST_TEST(other.create({}).protection() == SlotType::kDevice);
    BOOST_TEST(outcome(other.open({})) == "ok");
  }
}

BOOST_AUTO_TEST_CASE(without_keystore_or_probe_a_secret_is_needed) {
  KeyWorld world;
  world.keystore.state = Keystore::Access::kAbsent;
  keys::Ports ports = world.ports();
  ports.probe = nullptr;
  BOOST_TEST(outcome(KeyRing::create(world.config(), ports, {})) == "state");
  BOOST_TEST(!std::filesystem::exists(world.path));
  BOOST_TEST(outcome(KeyRing::create(world.config(), ports, app_key_option())) == "ok");
  BOOST_TEST(outcome(KeyRing::open(world.config(), ports, with_app_key())) == "ok");
  BOOST_TEST(outcome(KeyRing::open(world.config(), ports, with_device())) == "crypto/WRONG_KEY");
}

BOOST_AUTO_TEST_CASE(existing_slots_are_never_replaced) {
  KeyWorld world;
  world.create(app_key_option());
  const Bytes before = world.content();
  BOOST_TEST(outcome(KeyRing::create(world.config(), world.ports(), app_key_option())) == "state");
  world.put(as_bytes("no slots at all"));
  BOOST_TEST(outcome(KeyRing::create(world.config(), world.ports(), app_key_option())) == "state");
  world.put(before);
  BOOST_TEST(outcome(world.open(with_app_key())) == "ok");
}

BOOST_AUTO_TEST_CASE(wrong_keys) {
  KeyWorld world;
  KeyRing ring = world.create({.passphrase = as_bytes(kPassphrase), .app_key = app_key()});
  const SecretBytes old_recovery = need(ring.create_recovery_key());
  need(ring.create_recovery_key());
  const Bytes other_key(32, 0x11);
  BOOST_TEST(outcome(world.open(with_passphrase(kOtherPassphrase))) == "crypto/WRONG_KEY");
  BOOST_TEST(outcome(world.open({std::nullopt, other_key, std::nullopt, true, true})) == "crypto/WRONG_KEY");
  BOOST_TEST(outcome(world.open(with_recovery(as_text(old_recovery.view())))) == "crypto/WRONG_KEY");
  BOOST_TEST(outcome(world.open({})) == "crypto/WRONG_KEY");
  const Error error = world.open(with_passphrase(kOtherPassphrase)).error();
  BOOST_TEST(error.text.find(kOtherPassphrase) == std::string::npos);
  BOOST_TEST(error.text.find("recovery, app_key, passphrase") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(secrets_that_can_not_be_ones) {
  KeyWorld world;
  KeyRing ring = world.create({.passphrase = as_bytes(kPassphrase), .app_key = app_key()});
  const Bytes huge((1 << 20) + 1, 'x');
  for (const size_t length : {size_t{0}, size_t{31}, size_t{33}, size_t{64}}) {
    const Bytes key(length, 1);
    BOOST_TEST(outcome(world.open({std::nullopt, key, std::nullopt, true, true})) == "arg");
    BOOST_TEST(outcome(ring.add_slot({SlotType::kAppKey, std::nullopt, key, {}})) == "arg");
  }
  BOOST_TEST(outcome(world.open(with_passphrase(""))) == "arg");
  BOOST_TEST(outcome(world.open(with_passphrase(as_text(huge)))) == "limit");
  BOOST_TEST(outcome(ring.change_passphrase(as_bytes(kPassphrase), {})) == "arg");
  BOOST_TEST(outcome(ring.change_passphrase(as_bytes(kPassphrase), huge)) == "limit");
  BOOST_TEST(outcome(ring.add_slot({SlotType::kPassphrase, ByteView(), std::nullopt, {}})) == "arg");
  BOOST_TEST(outcome(ring.add_slot({SlotType::kPassphrase, std::nullopt, std::nullopt, {}})) == "arg");
  BOOST_TEST(outcome(world.open(with_recovery("0000-0000-0000-0000-0000-0000-0000-0000-01"))) ==
             "arg/RECOVERY_KEY_MISTYPED");
  BOOST_TEST(outcome(world.open({as_bytes(kPassphrase), std::nullopt, "what?", true, true})) ==
             "arg/RECOVERY_KEY_MISTYPED");
}

BOOST_AUTO_TEST_CASE(passphrases_are_bytes) {
  std::string megabyte(1 << 20, 'x');
  for (const std::string& passphrase :
       {std::string("a\0b", 3), std::string("\xFF\xFE\x80"), megabyte, std::string(1, '\0')}) {
    KeyWorld world;
    world.create({.passphrase = as_bytes(passphrase)});
    BOOST_TEST(outcome(world.open(with_passphrase(passphrase))) == "ok");
    BOOST_TEST(outcome(world.open(with_passphrase(passphrase + '\0'))) ==
               (passphrase.size() == megabyte.size() ? "limit" : "crypto/WRONG_KEY"));
  }
}

BOOST_AUTO_TEST_CASE(slots_are_missing) {
  KeyWorld world;
  BOOST_TEST(outcome(world.open(with_app_key())) == "not_found/SLOTS_MISSING");
  world.path = world.folder / "no/such/folder";
  BOOST_TEST(outcome(world.open(with_app_key())) == "not_found/SLOTS_MISSING");
}

BOOST_AUTO_TEST_CASE(keystore_locked_away_or_emptied) {
  KeyWorld world;
  world.create({.keystore = true});
  world.keystore.state = Keystore::Access::kLocked;
  const auto locked = world.open({});
  BOOST_TEST(outcome(locked) == "busy/KEYSTORE_LOCKED");
  BOOST_TEST(error_retryable(locked.error().code));
  world.keystore.state = Keystore::Access::kAbsent;
  BOOST_TEST(outcome(world.open({})) == "busy/KEYSTORE_LOCKED");
  world.keystore.state = Keystore::Access::kReady;
  BOOST_TEST(outcome(world.open({})) == "ok");
  world.keystore.entries.clear();
  BOOST_TEST(outcome(world.open({})) == "crypto/WRONG_KEY");

  KeyWorld absent;
  absent.keystore.state = Keystore::Access::kLocked;
  BOOST_TEST(outcome(KeyRing::create(absent.config(), absent.ports(), {.keystore = true})) ==
             "busy/KEYSTORE_LOCKED");
}

BOOST_AUTO_TEST_CASE(a_locked_keystore_does_not_keep_other_keys_out) {
  KeyWorld world;
  world.create({.app_key = app_key(), .device = true, .keystore = true});
  world.keystore.state = Keystore::Access::kLocked;
  BOOST_TEST(need(world.open({std::nullopt, app_key(), std::nullopt, true, true})).opened_by()->type ==
             SlotType::kAppKey);
  BOOST_TEST(need(world.open({})).opened_by()->type == SlotType::kDevice);
}

BOOST_AUTO_TEST_CASE(hardware_changed) {
  KeyWorld world;
  world.create({.passphrase = as_bytes(kPassphrase), .device = true});
  world.change_hardware(stranger());
  BOOST_TEST(outcome(world.open({})) == "crypto/HARDWARE_CHANGED");
  BOOST_TEST(outcome(world.open({as_bytes(kOtherPassphrase), std::nullopt, std::nullopt, true, true})) ==
             "crypto/WRONG_KEY");
  KeyRing ring = need(world.open({as_bytes(kPassphrase), std::nullopt, std::nullopt, true, true}));
  BOOST_TEST(ring.opened_by()->type == SlotType::kPassphrase);
  need(ring.rewrap_device(std::nullopt));
  BOOST_TEST(need(world.open({})).opened_by()->type == SlotType::kDevice);
}

BOOST_AUTO_TEST_CASE(another_user_of_the_same_machine) {
  KeyWorld world;
  world.create({.device = true});
  keys::Config config = world.config();
  config.user = "bob";
  BOOST_TEST(outcome(KeyRing::open(config, world.ports(), {})) == "crypto/HARDWARE_CHANGED");
}

BOOST_AUTO_TEST_CASE(a_probe_that_fails_is_no_change) {
  KeyWorld world;
  world.create({.app_key = app_key(), .device = true});
  world.probe.device = nullptr;
  BOOST_TEST(outcome(world.open({})) == "io");
  BOOST_TEST(outcome(world.open(with_app_key())) == "ok");
}

BOOST_AUTO_TEST_CASE(passphrase_and_device_are_both_needed) {
  KeyWorld world;
  world.create({.passphrase = as_bytes(kPassphrase), .passphrase_needs_device = true});
  BOOST_TEST(outcome(world.open(with_passphrase(kPassphrase))) == "ok");
  BOOST_TEST(outcome(world.open(with_passphrase(kOtherPassphrase))) == "crypto/WRONG_KEY");
  BOOST_TEST(outcome(world.open({})) == "crypto/WRONG_KEY");
  auto clone = stranger();
  clone["cpu"].value = "cpu";
  world.change_hardware(clone);
  BOOST_TEST(outcome(world.open(with_passphrase(kPassphrase))) == "crypto/HARDWARE_CHANGED");
  world.change_hardware(stranger());
  BOOST_TEST(outcome(world.open(with_passphrase(kPassphrase))) == "crypto/WRONG_KEY");
  BOOST_TEST(outcome(KeyRing::create({world.folder / "x", "", world.kdf}, world.ports(),
                                     {.passphrase_needs_device = true})) == "arg");
}

BOOST_AUTO_TEST_CASE(drifted_hardware_is_bound_again) {
  KeyWorld world;
  const uint64_t generation = world.create({.device = true}).generation();
  world.change_hardware(new_disk());
  const KeyRing ring = need(world.open({}));
  BOOST_TEST(static_cast<int>(ring.upgrade()) == static_cast<int>(keys::Upgrade::kDone));
  BOOST_TEST(ring.generation() == generation + 1);
  const KeyRing again = need(world.open({}));
  BOOST_TEST(static_cast<int>(again.upgrade()) == static_cast<int>(keys::Upgrade::kNone));
  // A second change that alone is small, but too much from the first machine on.
  auto parts = new_disk();
  parts["mac"].value = "mac-new";
  world.change_hardware(parts);
  BOOST_TEST(outcome(world.open({})) == "ok");
}

BOOST_AUTO_TEST_CASE(unreadable_hardware_is_not_bound_again) {
  KeyWorld world;
  world.create({.device = true});
  auto parts = FakeDevice::desktop();
  parts["mac"].value.clear();
  world.change_hardware(parts);
  BOOST_TEST(static_cast<int>(need(world.open({})).upgrade()) == static_cast<int>(keys::Upgrade::kNone));
}

BOOST_AUTO_TEST_CASE(a_risen_policy_is_followed) {
  KeyWorld world;
  const Bytes key = bytes_of(world.create(passphrase_option()));
  world.kdf = keys::KdfLevel::kDefault;
  const KeyRing ring = need(world.open(with_passphrase(kPassphrase)));
  BOOST_TEST(static_cast<int>(ring.upgrade()) == static_cast<int>(keys::Upgrade::kDone));
  BOOST_TEST(ring.slots().at(0).kdf == "argon2id t=3 m=64MiB");
  world.kdf = keys::KdfLevel::kLow;  // never lowered
  const KeyRing again = need(world.open(with_passphrase(kPassphrase)));
  BOOST_TEST(again.slots().at(0).kdf == "argon2id t=3 m=64MiB");
  BOOST_TEST(bytes_of(again) == key);
}

BOOST_AUTO_TEST_CASE(an_upgrade_that_can_not_be_written_does_not_keep_anyone_out) {
  /// Reads, but has no room.
  class FullFiles final : public Files {
   public:
    Result<Bytes> read(const std::string& path, size_t limit) override {
      return system_files().read(path, limit);
    }
    Status write(const std::string&, ByteView) override { return full(); }
    Status sync(const std::string&) override { return full(); }
    Status rename(const std::string&, const std::string&) override { return full(); }
    Status sync_directory(const std::string&) override { return full(); }
    Status remove(const std::string&) override { return full(); }

   private:
    static Error full() { return {ErrorCode::kDISK_FULL, "base", "full", {}}; }
  } full;
  KeyWorld world;
  const KeyRing made = world.create({.device = true});
  const Bytes before = world.content();
  world.change_hardware(new_disk());
  world.files = &full;
  KeyRing ring = need(world.open({}));
  BOOST_TEST(static_cast<int>(ring.upgrade()) == static_cast<int>(keys::Upgrade::kFailed));
  BOOST_TEST(ring.generation() == made.generation());
  BOOST_TEST(bytes_of(ring) == bytes_of(made));
  BOOST_TEST(outcome(ring.create_recovery_key()) == "disk_full");
  BOOST_TEST(static_cast<int>(ring.recovery_state()) == static_cast<int>(keys::RecoveryState::kMissing));
  BOOST_TEST(outcome(ring.add_slot({SlotType::kKeystore, std::nullopt, std::nullopt, {}})) == "disk_full");
  BOOST_TEST(world.keystore.entries.empty());
  BOOST_TEST(world.content() == before);
}

BOOST_AUTO_TEST_CASE(out_of_memory_is_no_wrong_key_and_no_cheaper_one) {
  KeyWorld world;
  KeyRing ring = world.create(passphrase_option());
  {
    const MemoryCap cap(size_t{8} << 20);
    BOOST_TEST(outcome(world.open(with_passphrase(kPassphrase))) == "no_memory");
    BOOST_TEST(outcome(ring.change_passphrase(as_bytes(kPassphrase), as_bytes(kOtherPassphrase))) ==
               "no_memory");
  }
  BOOST_TEST(outcome(world.open(with_passphrase(kPassphrase))) == "ok");
}

BOOST_AUTO_TEST_CASE(older_slots_than_the_database_knows) {
  KeyWorld world;
  KeyRing ring = world.create(passphrase_option());
  const Bytes old = world.content();
  need(ring.change_passphrase(as_bytes(kPassphrase), as_bytes(kOtherPassphrase)));
  BOOST_TEST(ring.generation() == 2u);
  world.put(old);
  const KeyRing replayed = need(world.open(with_passphrase(kPassphrase)));
  BOOST_TEST(outcome(replayed.require_generation(1)) == "ok");
  BOOST_TEST(outcome(replayed.require_generation(2)) == "corrupt/SLOTS_OLD");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::test
