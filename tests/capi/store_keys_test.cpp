// Ways into a store.
#include <boost/test/unit_test.hpp>
#include <set>
#include <string>

#include "child_process.hpp"
#include "store_fixture.hpp"

namespace tessera::test {
namespace {

struct Opened : StoreFixture {
  Opened() { put(store, "k", text("kept")); }

  std::multiset<std::string> types() {
    Rowset rows;
    require_ok(tsr_store_slots(store.get(), rows.out(), failure.out()), failure);
    std::multiset<std::string> types;
    for (size_t i = 0; i < tsr_rowset_count(rows.get()); ++i)
      types.insert(content_of(cell(rows.get(), i, "type")));
    return types;
  }
  /// The type of the slot that opened the store.
  std::string opened_by() {
    Rowset rows;
    require_ok(tsr_store_slots(store.get(), rows.out(), failure.out()), failure);
    for (size_t i = 0; i < tsr_rowset_count(rows.get()); ++i) {
      if (cell(rows.get(), i, "opened").integer == 1) return content_of(cell(rows.get(), i, "type"));
    }
    return {};
  }
  int64_t slot(std::string_view type) {
    Rowset rows;
    require_ok(tsr_store_slots(store.get(), rows.out(), failure.out()), failure);
    for (size_t i = 0; i < tsr_rowset_count(rows.get()); ++i) {
      if (content_of(cell(rows.get(), i, "type")) == type) return cell(rows.get(), i, "slot").integer;
    }
    return -1;
  }
  /// Closes the store and opens it with these secrets.
  tsr_status reopen(const tsr_store_secrets* secrets) {
    store = Store();
    return open_with(config(), secrets, store, failure);
  }
  std::string recovery_key() {
    return made_text(
        [&](tsr_buf* out, tsr_error** err) { return tsr_store_create_recovery_key(store.get(), out, err); });
  }

  Store store = open_store();
  Failure failure;
};

tsr_store_secrets with_recovery_key(std::string_view key) {
  tsr_store_secrets secrets;
  tsr_store_secrets_init(&secrets, sizeof(secrets));
  secrets.recovery_key = str(key);
  return secrets;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(store_keys, Opened)

BOOST_AUTO_TEST_CASE(a_passphrase_is_changed) {
  constexpr std::string_view kNew = "battery staple";
  BOOST_TEST(tsr_store_change_passphrase(store.get(), "wrong", 5, kNew.data(), kNew.size(), failure.out()) ==
             TSR_E_CRYPTO);
  BOOST_TEST(tsr_store_change_passphrase(store.get(), kPassphrase.data(), kPassphrase.size(), "", 0,
                                         nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_store_change_passphrase(store.get(), kPassphrase.data(), kPassphrase.size(), nullptr, 0,
                                         nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_store_change_passphrase(store.get(), kPassphrase.data(), kPassphrase.size(), kNew.data(),
                                         kNew.size(), failure.out()) == TSR_OK,
             tsr_error_text(failure.get()));
  auto secrets = with_passphrase(kPassphrase);
  BOOST_TEST(reopen(&secrets) == TSR_E_CRYPTO);
  secrets = with_passphrase(kNew);
  BOOST_TEST(reopen(&secrets) == TSR_OK);
  BOOST_TEST(content_of(cell(get(store, "k").get(), 0, size_t{0})) == "kept");
}

BOOST_AUTO_TEST_CASE(slots_come_and_go_but_never_the_last_one) {
  BOOST_TEST((types() == std::multiset<std::string>{"passphrase"}));
  const std::string key(32, 'k');
  tsr_store_secrets secrets;
  tsr_store_secrets_init(&secrets, sizeof(secrets));
  secrets.app_key = key.data();
  secrets.app_key_len = key.size();
  BOOST_TEST(tsr_store_add_slot(store.get(), TSR_SLOT_APP_KEY, nullptr, nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_store_add_slot(store.get(), TSR_SLOT_APP_KEY, &secrets, failure.out()) == TSR_OK);
  BOOST_TEST(tsr_store_add_slot(store.get(), TSR_SLOT_DEVICE, nullptr, failure.out()) == TSR_OK,
             tsr_error_text(failure.get()));
  BOOST_TEST((types() == std::multiset<std::string>{"app_key", "device", "passphrase"}));
  BOOST_TEST(tsr_store_protection(store.get()) == TSR_SLOT_DEVICE);
  BOOST_TEST(tsr_store_remove_slot(store.get(), 99, nullptr) == TSR_E_NOT_FOUND);
  BOOST_TEST(opened_by() == "passphrase");
  BOOST_TEST(tsr_store_remove_slot(store.get(), slot("passphrase"), nullptr) == TSR_OK);
  BOOST_TEST(opened_by() == "");
  BOOST_TEST(tsr_store_remove_slot(store.get(), slot("device"), nullptr) == TSR_OK);
  BOOST_TEST(tsr_store_remove_slot(store.get(), slot("app_key"), nullptr) == TSR_E_STATE);
  BOOST_TEST(tsr_store_rebind_device(store.get(), nullptr) == TSR_E_NOT_FOUND);
  BOOST_TEST(reopen(&secrets) == TSR_OK);
  for (const int32_t type : {0, 7, -1, int32_t{TSR_SLOT_RECOVERY}}) {
    BOOST_TEST(tsr_store_add_slot(store.get(), type, &secrets, nullptr) == TSR_E_ARG);
  }
}

BOOST_AUTO_TEST_CASE(a_recovery_key_opens_it_anywhere) {
  BOOST_TEST(tsr_store_has_recovery_key(store.get()) == 0);
  const std::string key = recovery_key();
  BOOST_TEST(tsr_store_has_recovery_key(store.get()) == 1);
  const FakeRoot another("server");
  tsr_testing_set_hardware_root(str(another.path()));
  auto secrets = with_recovery_key(key);
  BOOST_TEST(reopen(&secrets) == TSR_OK, tsr_error_text(failure.get()));
  BOOST_TEST(content_of(cell(get(store, "k").get(), 0, size_t{0})) == "kept");
  const std::string newer = recovery_key();
  BOOST_TEST(newer != key);
  BOOST_TEST(reopen(&secrets) == TSR_E_CRYPTO);
  secrets = with_recovery_key("not a key");
  BOOST_TEST(reopen(&secrets) != TSR_OK);
  secrets = with_recovery_key(newer);
  BOOST_TEST(reopen(&secrets) == TSR_OK);
}

BOOST_AUTO_TEST_CASE(the_data_key_is_rotated) {
  const std::string recovery = recovery_key();
  const auto secrets = with_passphrase(kPassphrase);
  BOOST_REQUIRE(reopen(&secrets) == TSR_OK);  // which does not know the recovery key
  tsr_care_opts opts;
  tsr_care_opts_init(&opts, sizeof(opts));
  BOOST_TEST(tsr_store_rotate_data_key(store.get(), nullptr, nullptr, failure.out()) == TSR_E_STATE);
  opts.flags = 2;
  BOOST_TEST(tsr_store_rotate_data_key(store.get(), &secrets, &opts, nullptr) == TSR_E_ARG);
  opts.flags = TSR_ROTATE_DROP_SLOTS;
  BOOST_TEST(tsr_store_rotate_data_key(store.get(), &secrets, &opts, failure.out()) == TSR_OK,
             tsr_error_text(failure.get()));
  BOOST_TEST(content_of(cell(get(store, "k").get(), 0, size_t{0})) == "kept");
  const auto dropped = with_recovery_key(recovery);
  BOOST_TEST(reopen(&dropped) == TSR_E_CRYPTO);
  BOOST_TEST(reopen(&secrets) == TSR_OK);
  BOOST_TEST(content_of(cell(get(store, "k").get(), 0, size_t{0})) == "kept");
}

BOOST_AUTO_TEST_CASE(the_data_key_leaves_with_a_reason_that_stays) {
  Buffer out;
  BOOST_TEST(tsr_store_export_data_key(store.get(), TSR_LIT(""), out.out(), nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_store_export_data_key(store.get(), TSR_LIT("support case 7"), out.out(), nullptr) == TSR_OK);
  BOOST_TEST(out.text().size() == 99U);
  BOOST_TEST(out.text().substr(0, 2) == "x'");
  Rowset audit;
  BOOST_REQUIRE(tsr_store_audit(store.get(), audit.out(), nullptr) == TSR_OK);
  BOOST_REQUIRE(tsr_rowset_count(audit.get()) == 1U);
  BOOST_TEST(content_of(cell(audit.get(), 0, "reason")) == "support case 7");
}

BOOST_AUTO_TEST_CASE(the_twins) {
  const auto secrets = with_passphrase("more words");
  const auto* const none = static_cast<const tsr_store_secrets*>(nullptr);
  const tsr_store_secrets* const given = &secrets;
  BOOST_TEST(
      tsr_op_void(ended_op(tsr_store_add_slot_async, store.get(), int32_t{TSR_SLOT_DEVICE}, none).get(),
                  nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_void(ended_op(tsr_store_rebind_device_async, store.get()).get(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_void(ended_op(tsr_store_remove_slot_async, store.get(), slot("device")).get(), nullptr) ==
             TSR_OK);
  BOOST_TEST(
      tsr_op_void(ended_op(tsr_store_add_slot_async, store.get(), int32_t{TSR_SLOT_PASSPHRASE}, given).get(),
                  nullptr) == TSR_OK);
  Buffer key;
  const Operation creating = ended_op(tsr_store_create_recovery_key_async, store.get());
  BOOST_TEST(tsr_op_buf(creating.get(), key.out(), nullptr) == TSR_OK);
  BOOST_TEST(key.text().size() > 34U);
  BOOST_TEST(tsr_op_buf(creating.get(), key.out(), nullptr) == TSR_E_STATE);
  BOOST_TEST(tsr_op_buf(ended_op(tsr_store_export_data_key_async, store.get(), TSR_LIT("why")).get(),
                        key.out(), nullptr) == TSR_OK);
  BOOST_TEST(key.text().size() == 99U);
}

BOOST_AUTO_TEST_CASE(killed_anywhere_in_a_change_of_passphrase_one_of_the_two_opens_it) {
  constexpr std::string_view kNew = "battery staple";
  for (int64_t step = 0;; ++step) {
    store = Store();
    ChildProcess child([&] {
      tsr_testing_kill_before_file_operation(-1);  // the store that is opened next is reached
      const Store mine = open_store();
      tsr_testing_kill_before_file_operation(step);
      return tsr_store_change_passphrase(mine.get(), kPassphrase.data(), kPassphrase.size(), kNew.data(),
                                         kNew.size(), nullptr) == TSR_OK
                 ? 0
                 : 1;
    });
    const int ended = child.wait();
    auto secrets = with_passphrase(kPassphrase);
    tsr_status status = reopen(&secrets);
    if (status != TSR_OK) {
      secrets = with_passphrase(kNew);
      status = reopen(&secrets);
    }
    BOOST_TEST_CONTEXT("step " << step) {
      BOOST_TEST(status == TSR_OK, tsr_error_text(failure.get()));
      BOOST_TEST(content_of(cell(get(store, "k").get(), 0, size_t{0})) == "kept");
    }
    if (ended == 0) break;
    BOOST_REQUIRE(ended == -SIGKILL);
    BOOST_REQUIRE(step < 50);
    if (secrets.passphrase == kNew.data()) {
      BOOST_REQUIRE(tsr_store_change_passphrase(store.get(), kNew.data(), kNew.size(), kPassphrase.data(),
                                                kPassphrase.size(), nullptr) == TSR_OK);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
