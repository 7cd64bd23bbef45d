#include "license/install.hpp"

#include "installation.hpp"

namespace tessera {
namespace {

using namespace license_test;

const Json kSpec{{"sku", "pro"}, {"license_id", "L1"}, {"days", 365}};
const Json kTrialSpec{{"days", 14}, {"sku", "pro"}, {"license_id", "T1"}};
constexpr const char* kKey = "00000-00000-00000-00000-00000";
constexpr const char* kOtherKey = "00000-00000-00000-00000-00011";

struct Fixture : Installation {
  using Installation::Installation;
  Json read(const std::string& request) const {
    return parse_json(require(vendor.issuer().read_request(request))).value();
  }
  Json factors(const std::string& license_key = {}) { return read(request(license_key)).at("factors"); }

  Code start(const std::string& token) {
    LicenseState changed = state;
    const Status started = start_trial(token, snapshot(), context(), memory, clock.wall, &changed);
    if (started.ok()) state = std::move(changed);
    return started.ok() ? Code::kOK : license_code_of(started.error());
  }
  std::string deactivate() { return require(make_deactivation(snapshot(), context(), clock.wall, &state)); }
};

struct Trial : Fixture {
  Trial() { BOOST_REQUIRE(import(vendor.key_set()) == Code::kOK); }
  std::string trial = vendor.trial(kTrialSpec);
};

/// A licence with one meter of each kind.
struct Meters {
  Meters() {
    verdict.code = Code::kOK;
    verdict.license_id = "L1";
    for (const char* per : {"day", "month", "total"}) verdict.entitlements[per] = {int64_t{10}, 0, per};
    verdict.entitlements["flag"] = {true, 0, ""};
    verdict.entitlements["seats"] = {int64_t{5}, 0, ""};
    set_time("2026-05-30");
  }

  void set_time(const char* date) {
    std::tm parts{};
    BOOST_REQUIRE(strptime(date, "%Y-%m-%d", &parts) != nullptr);
    verdict.effective_time_ms = verdict.clock_floor_ms = int64_t{timegm(&parts)} * 1000;
  }
  /// The count after adding, or the negative code of the refusal.
  int64_t add(const char* name, int64_t amount) {
    const auto reading = add_to_meter(name, amount, verdict, &state);
    return reading ? reading->used : -static_cast<int64_t>(code_of(reading));
  }

  Verdict verdict;
  test::FakeRandom random;
  LicenseState state = new_installation(random);
};

constexpr int64_t kLimit = -static_cast<int64_t>(Code::kMETER_LIMIT);

}  // namespace

BOOST_FIXTURE_TEST_SUITE(activation_request, Fixture)

BOOST_AUTO_TEST_CASE(says_who_asks_and_from_what_machine) {
  const std::string text =
      require(make_request({kKey, "desk 4"}, snapshot(), context(), clock.wall, random, &state));
  const Json seen = read(text);
  BOOST_TEST(seen.at("license_key") == kKey);
  BOOST_TEST(seen.at("note") == "desk 4");
  BOOST_TEST(seen.at("renews") == "");
  BOOST_TEST(seen.at("strength") == "strong");
  BOOST_TEST(seen.at("install_key") == snapshot().install_key_id);
  BOOST_TEST(seen.at("issued_at") == clock.wall / 1000);
  BOOST_TEST(seen.at("nonce") == state.open_nonces.back().value);
  BOOST_TEST(seen.at("factors").size() == 4U);
  BOOST_TEST(dump_json(seen).find("disk-one") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(names_the_licence_it_renews_but_no_trial) {
  BOOST_REQUIRE(import(vendor.key_set()) == Code::kOK);
  BOOST_REQUIRE(start(vendor.trial(kTrialSpec)) == Code::kOK);
  BOOST_TEST(read(request()).at("renews") == "");
  BOOST_REQUIRE(import(vendor.license(request(), kSpec)) == Code::kOK);
  BOOST_TEST(read(request()).at("renews") == "L1");
}

BOOST_AUTO_TEST_CASE(one_licence_key_gives_the_same_tags_every_time) {
  const Json first = factors(kKey);
  BOOST_TEST(factors(kKey) == first);
  BOOST_TEST(factors("ooooo ooooo ooooo ooooo ooooo") == first);
  Fixture reinstalled(2);
  BOOST_TEST(reinstalled.factors(kKey) == first);
}

BOOST_AUTO_TEST_CASE(tags_under_different_keys_installations_or_products_have_nothing_in_common) {
  const auto tags = [](const Json& factors) {
    std::vector<std::string> out;
    for (const Json& factor : factors) {
      for (const Json& tag : factor.at("tags")) out.push_back(tag);
    }
    std::sort(out.begin(), out.end());
    return out;
  };
  Fixture other(2), editor;
  editor.config.product = "editor";
  const auto without_vendor = [&](Fixture& fixture, const char* key) {
    return require(read_hardware(require(decode_claims(require(parse_jws(fixture.request(key))))).at("hw")));
  };
  std::vector<std::vector<std::string>> all{tags(factors(kKey)), tags(factors(kOtherKey)), tags(factors()),
                                            tags(other.factors())};
  all.emplace_back();
  for (const BoundFactor& factor : without_vendor(editor, kKey).factors)
    all.back().push_back(base64url_encode(as_bytes(factor.tags.front())));
  std::sort(all.back().begin(), all.back().end());
  for (size_t one = 0; one < all.size(); ++one) {
    for (size_t two = one + 1; two < all.size(); ++two) {
      std::vector<std::string> common;
      std::set_intersection(all[one].begin(), all[one].end(), all[two].begin(), all[two].end(),
                            std::back_inserter(common));
      BOOST_TEST(common.empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_mistyped_key_or_a_bad_note_opens_nothing) {
  const auto made = [this](const ActivationRequestOptions& options) {
    return make_request(options, snapshot(), context(), clock.wall, random, &state);
  };
  BOOST_TEST(code_of(made({"00000-00000-00000-00000-00001", {}})) == Code::kLICENSE_KEY_INVALID);
  for (const std::string& note : {std::string(257, 'n'), std::string("a\0b", 3), std::string("\xC3(")})
    BOOST_TEST(error_of(made({{}, note})) == ErrorCode::kARG);
  BOOST_TEST(state.open_nonces.empty());
  BOOST_TEST(made({{}, std::string(256, 'n')}).ok());
}

BOOST_AUTO_TEST_CASE(row_probe_finds_nothing) {
  auto parts = test::FakeDevice::desktop();
  for (auto& [kind, part] : parts) part.value.clear();
  const auto made = [this] { return make_request({}, snapshot(), context(), clock.wall, random, &state); };
  move_to(parts);
  BOOST_TEST(code_of(made()) == Code::kHW_NO_COMPONENTS);
  device = nullptr;
  BOOST_TEST(code_of(made()) == Code::kHW_NO_COMPONENTS);
  // What one kind lacks is left out, not bound as a value.
  parts = test::FakeDevice::desktop();
  parts["mac"].value.clear();
  move_to(parts);
  for (const Json& factor : factors()) BOOST_TEST(factor.at("kind") != "mac");
}

BOOST_AUTO_TEST_CASE(at_most_32_stay_open_and_the_oldest_goes) {
  for (int i = 0; i < 32; ++i) request();
  const std::string first = state.open_nonces[0].value, second = state.open_nonces[1].value;
  request();
  BOOST_TEST(state.open_nonces.size() == 32U);
  BOOST_TEST(state.find_open_nonce(first, clock.wall) == nullptr);
  BOOST_TEST(state.find_open_nonce(second, clock.wall) != nullptr);
  clock.pass(kNonceLifeMs + 1);
  request();
  BOOST_TEST(state.open_nonces.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(trial, Trial)

BOOST_AUTO_TEST_CASE(runs_for_its_days_from_the_start) {
  clock.pass(100 * kDayMs);  // shipped long before
  BOOST_REQUIRE(start(trial) == Code::kOK);
  BOOST_TEST(verdict().code == Code::kOK_TRIAL);
  BOOST_TEST(verdict().expires_at_ms == clock.wall + 14 * kDayMs);
  clock.pass(14 * kDayMs);
  BOOST_TEST(verdict().code == Code::kTRIAL_EXPIRED);
}

BOOST_AUTO_TEST_CASE(starting_it_again_changes_nothing_and_after_its_end_is_refused) {
  BOOST_REQUIRE(start(trial) == Code::kOK);
  const Bytes before = write_state(state);
  clock.pass(13 * kDayMs);
  BOOST_TEST(start(trial) == Code::kOK);
  BOOST_CHECK(write_state(state) == before);
  clock.pass(kDayMs);
  BOOST_TEST(start(trial) == Code::kTRIAL_USED);
}

BOOST_AUTO_TEST_CASE(one_trial_an_installation) {
  BOOST_REQUIRE(start(trial) == Code::kOK);
  BOOST_TEST(start(vendor.trial({{"days", 14}, {"sku", "pro"}})) == Code::kTRIAL_USED);
}

BOOST_AUTO_TEST_CASE(a_used_one_is_remembered_in_the_second_place) {
  memory.trials = {"T1"};
  BOOST_TEST(start(trial) == Code::kTRIAL_USED);
  BOOST_TEST(start(vendor.trial({{"days", 14}, {"sku", "pro"}})) == Code::kOK);
}

BOOST_AUTO_TEST_CASE(is_bound_to_this_machine) {
  BOOST_REQUIRE(start(trial) == Code::kOK);
  move_to(test::FakeDevice::desktop("two"));
  BOOST_TEST(verdict().code == Code::kHW_MISMATCH);
  BOOST_TEST(start(trial) == Code::kTRIAL_USED);
}

BOOST_AUTO_TEST_CASE(needs_a_machine_that_can_be_told_apart) {
  move_to({{"cpu", {FactorClass::kModel, 1, "cpu"}}});
  BOOST_TEST(start(trial) == Code::kHW_TOO_WEAK);
  Json spec = kTrialSpec;
  spec["allow_weak"] = true;
  BOOST_TEST(start(vendor.trial(spec)) == Code::kOK);
  state.trial.reset();
  move_to({});
  BOOST_TEST(start(vendor.trial(spec)) == Code::kHW_NO_COMPONENTS);
  device = nullptr;
  BOOST_TEST(start(vendor.trial(spec)) == Code::kHW_NO_COMPONENTS);
}

BOOST_AUTO_TEST_CASE(other_documents_start_none) {
  BOOST_TEST(start(vendor.license("", kSpec)) == Code::kTOKEN_TYPE);
  BOOST_TEST(start(request()) == Code::kKEY_UNKNOWN);
  BOOST_TEST(start("") == Code::kTOKEN_MALFORMED);
  BOOST_TEST(!state.trial);
}

BOOST_AUTO_TEST_CASE(a_licence_comes_before_it_and_leaves_it_running) {
  BOOST_REQUIRE(start(trial) == Code::kOK);
  BOOST_REQUIRE(import(vendor.license(request(), kSpec)) == Code::kOK);
  BOOST_TEST(verdict().code == Code::kOK);
  BOOST_TEST(verdict().license_id == "L1");
  deactivate();
  BOOST_TEST(verdict().code == Code::kOK_TRIAL);
  BOOST_TEST(deactivate() == state.tombstones.back().proof);
}

BOOST_AUTO_TEST_CASE(under_a_wrong_clock_it_starts_no_earlier_than_it_was_made) {
  const int64_t made_ms = clock.wall;
  clock.wall = 0;
  BOOST_REQUIRE(start(trial) == Code::kOK);
  BOOST_TEST(state.trial->started_ms == made_ms);
  BOOST_TEST(verdict().code == Code::kWARN_CLOCK);
  BOOST_TEST(verdict().expires_at_ms == made_ms + 14 * kDayMs);
}

BOOST_AUTO_TEST_CASE(started_under_a_clock_that_ran_ahead_it_never_outlives_its_days) {
  const int64_t truth_ms = clock.wall;
  clock.wall += 1000 * kDayMs;
  BOOST_REQUIRE(start(trial) == Code::kOK);
  BOOST_TEST(verdict().code == Code::kOK_TRIAL);
  clock.wall = truth_ms;
  BOOST_TEST(verdict().code == Code::kTRIAL_EXPIRED);  // until the service pulls its start back
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(deactivation, Trial)

BOOST_AUTO_TEST_CASE(gives_one_proof_however_often) {
  BOOST_REQUIRE(import(vendor.license(request(), kSpec)) == Code::kOK);
  const std::string proof = deactivate();
  BOOST_TEST(deactivate() == proof);
  const Json seen = parse_json(require(vendor.issuer().read_deactivation(proof))).value();
  BOOST_TEST(seen.at("license_id") == "L1");
  BOOST_TEST(seen.at("install_key") == snapshot().install_key_id);
  BOOST_TEST(seen.at("issued_at") == clock.wall / 1000);
  BOOST_TEST(verdict().code == Code::kDEACTIVATED);
  BOOST_TEST(verdict().state == "NONE");
}

BOOST_AUTO_TEST_CASE(needs_a_licence) {
  const auto refused = [this] {
    return code_of(make_deactivation(snapshot(), context(), clock.wall, &state));
  };
  BOOST_TEST(refused() == Code::kNO_LICENSE);
  BOOST_REQUIRE(start(trial) == Code::kOK);
  BOOST_TEST(refused() == Code::kNO_LICENSE);
}

BOOST_AUTO_TEST_CASE(an_expired_licence_can_be_given_back_and_the_next_one_used) {
  BOOST_REQUIRE(import(vendor.license(request(), {{"sku", "pro"}, {"days", 1}})) == Code::kOK);
  clock.pass(2 * kDayMs);
  const std::string first = deactivate();
  BOOST_REQUIRE(import(vendor.license(request(), kSpec)) == Code::kOK);
  BOOST_TEST(verdict().usable());
  BOOST_TEST(deactivate() != first);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(meters, Meters)

BOOST_AUTO_TEST_CASE(count_up_to_their_limit) {
  BOOST_TEST(add("month", 0) == 0);
  BOOST_TEST(add("month", 7) == 7);
  BOOST_TEST(add("month", 4) == kLimit);
  BOOST_TEST(add("month", INT64_MAX) == kLimit);
  BOOST_TEST(add("month", 3) == 10);
  BOOST_TEST(add("month", 1) == kLimit);
  BOOST_TEST(add("month", 0) == 10);
  const auto reading = add_to_meter("month", 0, verdict, &state);
  BOOST_TEST(reading->limit == 10);
}

BOOST_AUTO_TEST_CASE(start_anew_with_their_period) {
  struct Row {
    const char* date;
    int64_t day, month, total;  // used before one more
  };
  for (const auto& [date, day, month, total] :
       {Row{"2026-05-30", 0, 0, 0}, Row{"2026-05-30", 1, 1, 1}, Row{"2026-05-31", 0, 2, 2},
        Row{"2026-06-01", 0, 0, 3}, Row{"2026-12-31", 0, 0, 4}, Row{"2027-01-01", 0, 0, 5}}) {
    BOOST_TEST_CONTEXT(date) {
      set_time(date);
      BOOST_TEST(add("day", 0) == day);
      BOOST_TEST(add("month", 0) == month);
      BOOST_TEST(add("total", 0) == total);
      for (const char* name : {"day", "month", "total"}) add(name, 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_clock_that_swings_reopens_no_period) {
  BOOST_TEST(add("day", 10) == 10);
  set_time("2026-05-31");
  BOOST_TEST(add("day", 10) == 10);
  for (const char* date : {"2026-05-30", "2026-05-29", "2026-05-31"}) {
    set_time(date);
    BOOST_TEST(add("day", 1) == kLimit);
  }
  set_time("2026-06-01");
  BOOST_TEST(add("day", 1) == 1);
}

BOOST_AUTO_TEST_CASE(a_clock_far_ahead_closes_no_period_for_long) {
  set_time("2036-01-01");
  const int64_t ahead_ms = verdict.effective_time_ms;
  set_time("2026-05-30");
  verdict.effective_time_ms = ahead_ms;
  BOOST_TEST(add("day", 10) == 10);
  BOOST_TEST(add("month", 10) == 10);
  set_time("2026-06-29");
  BOOST_TEST(add("day", 1) == kLimit);
  set_time("2026-06-30");
  BOOST_TEST(add("day", 1) == 1);
  BOOST_TEST(add("month", 1) == kLimit);
  set_time("2026-07-01");
  BOOST_TEST(add("month", 1) == 1);
}

BOOST_AUTO_TEST_CASE(another_licence_in_between_gives_no_second_total) {
  BOOST_TEST(add("total", 10) == 10);
  verdict.license_id = "L2";
  BOOST_TEST(add("total", 1) == 1);
  verdict.license_id = "L1";
  BOOST_TEST(add("total", 1) == kLimit);
  state = require(read_state(write_state(state)));
  BOOST_TEST(add("total", 1) == kLimit);
  verdict.license_id = "L2";
  BOOST_TEST(add("total", 0) == 1);
}

BOOST_AUTO_TEST_CASE(a_meter_is_an_integer_with_a_period) {
  for (const char* name : {"flag", "seats", "none", ""})
    BOOST_TEST(add(name, 1) == -static_cast<int64_t>(Code::kMETER_UNKNOWN));
  BOOST_TEST(state.meters.empty());
}

BOOST_AUTO_TEST_CASE(an_expired_entitlement_or_licence_meters_nothing) {
  verdict.entitlements["day"].expires_at_ms = verdict.effective_time_ms;
  BOOST_TEST(add("day", 1) == -static_cast<int64_t>(Code::kMETER_UNKNOWN));
  verdict.code = Code::kEXPIRED;
  BOOST_TEST(add("month", 1) == -static_cast<int64_t>(Code::kEXPIRED));
}

BOOST_AUTO_TEST_CASE(a_lower_limit_after_a_downgrade_leaves_nothing) {
  BOOST_TEST(add("month", 8) == 8);
  verdict.entitlements["month"].value = int64_t{5};
  BOOST_TEST(add("month", 1) == kLimit);
  BOOST_TEST(add("month", 0) == 8);
  verdict.entitlements["month"].value = int64_t{9};
  BOOST_TEST(add("month", 1) == 9);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
