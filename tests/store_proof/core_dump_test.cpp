// What a crash of the application writes to disk: no passphrase that went through the C ABI, no data key and
// nothing that was stored. What the application keeps of them in its own memory is the application's to wipe.
#include <tessera/tessera.h>

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <tessera/tessera.hpp>
#include <vector>

#include "child_process.hpp"
#include "core_file.hpp"
#include "doomed_store.hpp"
#include "temp_dir.hpp"

namespace tessera::store_proof {
namespace {

constexpr std::size_t kSecretBytes = 40;
constexpr std::uint32_t kFirst = 11;  // passphrases that open the store one after another
constexpr std::uint32_t kSecond = 12;
constexpr std::uint32_t kAdded = 13;
constexpr std::uint32_t kAppKey = 14;

/// An application's own buffer of a secret, which it wipes.
class OwnSecret {
 public:
  explicit OwnSecret(std::uint32_t seed, std::size_t size = kSecretBytes) : size_(size) {
    test::fill_secret(bytes_, size_, seed);
  }
  OwnSecret(const OwnSecret&) = delete;
  OwnSecret& operator=(const OwnSecret&) = delete;
  ~OwnSecret() {
    volatile std::uint8_t* byte = bytes_;
    for (std::size_t i = 0; i < size_; ++i) byte[i] = 0;
  }
  const void* data() const { return bytes_; }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_;
  std::uint8_t bytes_[kSecretBytes];
};

std::string secret_text(std::uint32_t seed, std::size_t size = kSecretBytes) {
  std::string text(size, '\0');
  test::fill_secret(reinterpret_cast<std::uint8_t*>(text.data()), size, seed);
  return text;
}

tsr_store_secrets with_passphrase(const OwnSecret& passphrase) {
  tsr_store_secrets secrets;
  tsr_store_secrets_init(&secrets, sizeof secrets);
  secrets.passphrase = passphrase.data();
  secrets.passphrase_len = passphrase.size();
  return secrets;
}

bool ended_well(tsr_op* op) {
  const bool ended = tsr_op_wait(op, 60'000, nullptr) == TSR_OK && tsr_op_void(op, nullptr) == TSR_OK;
  tsr_op_free(op);
  return ended;
}

/// Each call that takes a passphrase or a key.
bool use_secrets(tsr_store* store) {
  const OwnSecret first(kFirst);
  const OwnSecret second(kSecond);
  const OwnSecret added(kAdded);
  const OwnSecret app_key(kAppKey, 32);
  const tsr_store_secrets passphrase = with_passphrase(added);
  tsr_store_secrets key;
  tsr_store_secrets_init(&key, sizeof key);
  key.app_key = app_key.data();
  key.app_key_len = app_key.size();
  tsr_op* op = nullptr;
  return tsr_store_change_passphrase(store, first.data(), first.size(), second.data(), second.size(),
                                     nullptr) == TSR_OK &&
         tsr_store_add_slot_async(store, TSR_SLOT_PASSPHRASE, &passphrase, nullptr, nullptr, nullptr, &op,
                                  nullptr) == TSR_OK &&
         ended_well(op) && tsr_store_add_slot(store, TSR_SLOT_APP_KEY, &key, nullptr) == TSR_OK &&
         tsr_store_rotate_data_key(store, &passphrase, nullptr, nullptr) == TSR_OK;
}

int crash(const std::string& folder) {
  const std::string config = doomed_config(folder).to_json();
  tsr_store* store = nullptr;
  {
    const OwnSecret first(kFirst);
    const tsr_store_secrets secrets = with_passphrase(first);
    if (tsr_store_open({config.data(), config.size()}, &secrets, &store, nullptr) != TSR_OK) return 2;
  }
  if (!use_secrets(store)) return 3;
  // SQLite itself computes the canary.
  if (tsr_store_execute_script(store,
                               TSR_LIT("create table t(a); insert into t values ('stored-' || (123457 * "
                                       "654323)); insert into t select a "
                                       "|| '-' || rowid from t"),
                               nullptr, nullptr) != TSR_OK)
    return 4;
  std::string control = "control-";
  control += std::to_string(123457 * std::int64_t{654331});
  test::dump_core(folder);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_core_file_holds_no_passphrase_and_no_key,
                     *boost::unit_test::precondition(test::writes_core_files)) {
  const test::TempDir folder;
  test::ChildProcess child([&] { return crash(folder.path().string()); });
  BOOST_REQUIRE_EQUAL(child.wait(), -SIGABRT);
  const std::string core = test::core_in(folder.path().string());
  BOOST_TEST(test::holds(core, "control-" + std::to_string(123457 * std::int64_t{654331})));
  for (const std::uint32_t seed : {kFirst, kSecond, kAdded}) {
    // Half of it would be enough for who guesses the rest.
    BOOST_TEST(!test::holds(core, secret_text(seed).substr(0, kSecretBytes / 2)), seed);
    BOOST_TEST(!test::holds(core, secret_text(seed).substr(kSecretBytes / 2)), seed);
  }
  BOOST_TEST(!test::holds(core, secret_text(kAppKey, 32).substr(0, 16)));
  BOOST_TEST(!test::holds(core, secret_text(kAppKey, 32).substr(16)));
  BOOST_TEST(!test::holds(core, "stored-" + std::to_string(123457 * std::int64_t{654323})));

  Store store = Store::open(doomed_config(folder.path().string()), {.passphrase = secret_text(kSecond)});
  const std::string raw = store.export_data_key("the test looks for it").substr(2, 64);
  std::string key;
  for (std::size_t i = 0; i < raw.size(); i += 2)
    key += static_cast<char>(std::stoi(raw.substr(i, 2), nullptr, 16));
  BOOST_TEST(!test::holds(core, key.substr(0, 16)));
  BOOST_TEST(!test::holds(core, key.substr(16)));
  BOOST_TEST(!test::holds(core, raw));
}

}  // namespace tessera::store_proof
