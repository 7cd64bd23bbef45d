// Power fails before each durable operation of a change. What is there after the reboot are the slots of
// before or of after, and they open.
#include <boost/test/data/test_case.hpp>
#include <functional>

#include "fault_files.hpp"
#include "key_world.hpp"

namespace tessera::test {
namespace {

namespace data = boost::unit_test::data;
using keys::KeyRing;

struct Change {
  const char* name;
  std::function<Status(KeyRing&)> run;
};
std::ostream& operator<<(std::ostream& out, const Change& change) { return out << change.name; }

template <class T>
Status status_of(Result<T> result) {
  return result.ok() ? Status() : Status(result.error());
}

std::vector<Change> changes() {
  return {{"rewrap", [](KeyRing& ring) { return ring.rewrap_device(std::nullopt); }},
          {"passphrase",
           [](KeyRing& ring) {
             return ring.change_passphrase(as_bytes(kPassphrase), as_bytes(kOtherPassphrase));
           }},
          {"recovery key", [](KeyRing& ring) { return status_of(ring.create_recovery_key()); }},
          {"rotation", [](KeyRing& ring) {
             const auto staged = ring.stage_rotation({}, false);
             return staged.ok() ? ring.commit_rotation() : Status(staged.error());
           }}};
}

struct Outcome {
  bool acknowledged = false;
  bool opens = false;  // by the application's key, with a known data key
  bool is_new = false;
  bool passphrase_opens = false;  // the one that belongs to the slots that are there
  bool staged_opens = true;       // if a rotation is pending
  bool safe() const { return opens && passphrase_opens && staged_opens && (is_new || !acknowledged); }
};

class Interruption {
 public:
  explicit Interruption(Change change) : change_(std::move(change)) {
    world_.path = "data/app.tks";
    world_.files = &before_;
    const KeyRing ring =
        world_.create({.passphrase = as_bytes(kPassphrase), .app_key = app_key(), .device = true});
    key_ = bytes_of(ring);
    generation_ = ring.generation();
  }
  void ignore_syncs() { before_.ignore_syncs(); }

  std::vector<Outcome> at_every_point(Survivors survivors) {
    std::vector<Outcome> outcomes;
    while (outcomes.empty() || !outcomes.back().acknowledged)
      outcomes.push_back(at(std::ssize(outcomes), survivors));
    return outcomes;
  }

 private:
  Outcome at(int64_t point, Survivors survivors) {
    FaultFiles disk = before_;
    world_.files = &disk;
    Outcome out;
    try {
      KeyRing ring = need(world_.open({as_bytes(kPassphrase), app_key(), std::nullopt, false, false}));
      // So that the rotation can take every slot along.
      if (change_.name == std::string("rotation")) {
        need(ring.change_passphrase(as_bytes(kPassphrase), as_bytes(kPassphrase)));
        generation_ = ring.generation();
      }
      disk.cut_before(point);
      out.acknowledged = change_.run(ring).ok();
    } catch (const PowerCut&) {
      out.acknowledged = false;
    }
    disk.reboot(survivors);
    const auto ring = world_.open(with_app_key());
    if (!ring.ok()) return out;
    out.is_new = ring->generation() == generation_ + 1;
    const bool rotated = out.is_new && change_.name == std::string("rotation");
    out.opens = (out.is_new || ring->generation() == generation_) && (bytes_of(*ring) == key_) != rotated;
    const bool is_changed = out.is_new && change_.name == std::string("passphrase");
    out.passphrase_opens = world_.open(with_passphrase(is_changed ? kOtherPassphrase : kPassphrase)).ok();
    if (need(KeyRing::rotation_pending(disk, world_.path)))
      out.staged_opens = KeyRing::open_staged(world_.config(), world_.ports(), with_app_key()).ok();
    return out;
  }

  Change change_;
  KeyWorld world_;
  FaultFiles before_;
  Bytes key_;
  uint64_t generation_ = 0;
};

BOOST_AUTO_TEST_SUITE(power_cut)

BOOST_DATA_TEST_CASE(leaves_the_old_or_the_new_slots, data::make(changes()) * data::make({0, 1, 2, 3}),
                     change, survivors) {
  const auto outcomes = Interruption(change).at_every_point(static_cast<Survivors>(survivors));
  BOOST_TEST(outcomes.size() >= 5u);
  BOOST_TEST(!outcomes.front().is_new);
  for (size_t point = 0; point < outcomes.size(); ++point) {
    BOOST_TEST_CONTEXT("cut before operation " << point) { BOOST_TEST(outcomes[point].safe()); }
  }
}

// The control: on a disk that never syncs the same check must find a loss. (Not of a torn file: the half that
// is left is the first copy.)
BOOST_DATA_TEST_CASE(notices_a_disk_that_does_not_sync, data::make({0, 1}), survivors) {
  Interruption interruption(changes().front());
  interruption.ignore_syncs();
  BOOST_TEST(!interruption.at_every_point(static_cast<Survivors>(survivors)).back().safe());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::test
