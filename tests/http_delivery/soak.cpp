// delivery_soak SECONDS [SEED]: an outbox fills while the network and the server fail at random; everything
// arrives, once by its key, and in order. Prints its figures.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <thread>

#include "fault_proxy.hpp"
#include "ledger.hpp"
#include "rig.hpp"
#include "temp_dir.hpp"

namespace tessera::delivery_proof {
namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr int kOrders = 8;
constexpr int64_t kMostWaiting = 100;
constexpr unsigned kMoods = 3;
constexpr auto kPatience = 300s;  // to empty the outbox at the end

class Soak {
 public:
  explicit Soak(unsigned seed) : random_(seed), ledger_(seed + 1, kMoods) {
    proxy_.randomise(seed + 2);
    origin_.on("POST", "/", [this](const test::Seen& seen) { return ledger_.take(seen); });
  }

  void run(std::chrono::seconds time) {
    const auto end = steady_clock::now() + time;
    while (steady_clock::now() < end) {
      add();
      if (random_() % 200 == 0) trouble();
      std::this_thread::sleep_for(2ms);
    }
  }

  /// 0 when everything arrived.
  int report() {
    const auto end = steady_clock::now() + kPatience;
    while (steady_clock::now() < end && waiting() > 0) std::this_thread::sleep_for(50ms);
    const store::OutboxCounts counts = require(rig_.store->outbox().counts());
    int failures = waiting() == 0 && counts.dead == 0 && counts.ambiguous == 0 ? 0 : 1;
    int all = 0;
    for (int order = 0; order < kOrders; ++order) {
      all += added_[order];
      const std::string complaint = ledger_.complaint(name(order), added_[order]);
      if (complaint.empty()) continue;
      std::cout << complaint << '\n';
      ++failures;
    }
    std::cout << "added " << all << ", delivered " << counts.delivered << ", waiting " << waiting()
              << ", dead " << counts.dead << ", in doubt " << counts.ambiguous << ", requests "
              << ledger_.requests() << ", repeated " << ledger_.repeats() << std::endl;
    if (counts.delivered != all) ++failures;
    require(rig_.delivery->stop(60'000));
    if (failures > 0) {
      for (const std::string& line : proxy_.history()) std::cout << line << '\n';
    }
    return failures == 0 && all >= kOrders ? 0 : 1;
  }

 private:
  static std::string name(int order) { return "order" + std::to_string(order); }

  int64_t waiting() const {
    const store::OutboxCounts counts = require(rig_.store->outbox().counts());
    return counts.pending + counts.leased;
  }
  void add() {
    if (waiting() >= kMostWaiting) return;
    const auto order = static_cast<int>(random_() % kOrders);
    const std::string url = "http://127.0.0.1:" + std::to_string(proxy_.port()) + "/";
    require(rig_.store->outbox().enqueue(numbered(url, name(order), ++added_[order])));
  }
  /// For a moment nobody gets through.
  void trouble() {
    const test::Door doors[] = {test::Door::kRefused, test::Door::kGarbage};
    proxy_.set_door(doors[random_() % 2]);
    proxy_.reset_all();
    std::this_thread::sleep_for(std::chrono::milliseconds(random_() % 300));
    proxy_.set_door(test::Door::kOpen);
  }

  const test::TempDir folder_;
  std::mt19937 random_;
  Ledger ledger_;
  test::Origin origin_;
  test::FaultProxy proxy_{origin_.port()};
  Rig rig_{open_store(folder_.path().string())};
  int added_[kOrders] = {};
};

}  // namespace
}  // namespace tessera::delivery_proof

int main(int count, char** arguments) {
  const unsigned seed = count > 2 ? static_cast<unsigned>(std::stoul(arguments[2])) : 20'261'130;
  std::cout << "seed " << seed << std::endl;
  tessera::delivery_proof::Soak soak(seed);
  soak.run(std::chrono::seconds(std::stoll(arguments[1])));
  return soak.report();
}
