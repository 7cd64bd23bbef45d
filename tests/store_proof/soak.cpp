// store_soak SECONDS: mixed use of one store, whose memory and files must stay bounded. Prints its figures.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "doomed_store.hpp"
#include "temp_dir.hpp"

namespace tessera::store_proof {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr int kWriters = 8;
constexpr int kReaders = 4;
constexpr int kIds = 2'000;

double memory_mib() {
  std::size_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  constexpr double kPage = 4096.0;
  constexpr double kMib = 1024.0 * 1024.0;
  return static_cast<double>(resident) * kPage / kMib;
}

double files_mib(const std::string& folder) {
  double bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::error_code gone;
    const auto size = std::filesystem::file_size(entry.path(), gone);
    if (!gone) bytes += static_cast<double>(size);
  }
  return bytes / (1024.0 * 1024.0);
}

class Soak {
 public:
  explicit Soak(const std::string& folder) : folder_(folder) {
    store_.execute_script("create table items(id integer primary key, body text, changed integer)");
  }

  void run(std::chrono::seconds time) {
    std::vector<std::thread> threads;
    for (int i = 0; i < kWriters; ++i) threads.emplace_back([this, i] { loop([this, i] { write(i); }); });
    for (int i = 0; i < kReaders; ++i) threads.emplace_back([this] { loop([this] { read(); }); });
    threads.emplace_back([this] { loop([this] { deliver(); }); });
    threads.emplace_back([this] { loop([this] { back_up(); }); });
    watch(time);
    stop_ = true;
    for (std::thread& thread : threads) thread.join();
  }

  /// 0 when everything stayed within its bounds.
  int report() {
    const bool is_sound = store_.check().empty();
    const std::string stats = store_.stats();
    store_.close(10s);
    const double closed = files_mib(folder_);
    const std::size_t quarter = memory_.size() / 4;
    const auto peak = [](auto first, auto last) { return *std::max_element(first, last); };
    const auto at = [this](std::size_t i) { return memory_.begin() + static_cast<std::ptrdiff_t>(i); };
    const double early = peak(at(quarter), at(2 * quarter));
    const double late = peak(at(3 * quarter), memory_.end());
    std::cout << "writes " << writes_ << ", reads " << reads_ << ", delivered " << delivered_ << ", backups "
              << backups_ << ", busy " << busy_ << "\nmemory: second quarter " << early
              << " MiB, last quarter " << late << " MiB\nfiles: at most " << most_files_ << " MiB, closed "
              << closed << " MiB\nintegrity " << (is_sound ? "clean" : "DAMAGED") << ", errors " << errors_
              << "\n"
              << stats << std::endl;
    constexpr double kGrowth = 1.1;
    // The page caches of five connections and the process itself: until they are full, memory grows with the
    // work that the machine found time for.
    constexpr double kCachesMib = 5 * 16 + 16;
    const bool is_flat = late < early * kGrowth + 4 || late < kCachesMib;
    constexpr double kMostFiles = 400;
    const bool worked = writes_ > 1000 && reads_ > 1000 && delivered_ > 100 && backups_ > 1;
    return is_sound && errors_ == 0 && worked && is_flat && most_files_ < kMostFiles && closed < 64 ? 0 : 1;
  }

 private:
  template <class Step>
  void loop(Step step) {
    while (!stop_) {
      try {
        step();
      } catch (const Error& error) {
        if (error.code() == ErrorCode::kBusy) {
          ++busy_;
          continue;
        }
        if (++errors_ < 10) std::cout << error.what() << std::endl;
      }
    }
  }

  void write(int writer) {
    thread_local std::mt19937 random(static_cast<unsigned>(writer));
    const int id = static_cast<int>(random() % kIds);
    const SqlOptions relaxed{.commit = Commit::kRelaxed};
    switch (random() % 6) {
      case 0:
        store_.put("key" + std::to_string(id % 500), std::string(100, 'v'), relaxed);
        break;
      case 1:
        store_.cache("pages").put("page" + std::to_string(random() % 20'000), std::string(2'000, 'p'), 60s);
        break;
      case 2:
        if (random() % 8 == 0)
          store_.outbox().enqueue({.topic = "soak", .url = "https://example.com/", .body = "{}"});
        break;
      case 3:
        store_.execute(relaxed, "delete from items where id = ?", id);
        break;
      default:
        store_.execute(relaxed,
                       "insert into items(id, body, changed) values (?, ?, 1) on conflict(id) do update set "
                       "body = excluded.body, changed = changed + 1",
                       id, std::string(100 + random() % 900, 'b'));
    }
    ++writes_;
  }

  void read() {
    thread_local std::mt19937 random(std::hash<std::thread::id>()(std::this_thread::get_id()) & 0xFFFFU);
    std::int64_t bytes = 0;
    for (const Row row : store_.query("select body from items where id between ? and ?",
                                      static_cast<int>(random() % kIds), kIds))
      bytes += static_cast<std::int64_t>(row.get<std::string_view>(0).size());
    (void)store_.cache("pages").get("page" + std::to_string(random() % 20'000));
    reads_ += bytes >= 0 ? 1 : 0;
    std::this_thread::sleep_for(1ms);
  }

  void deliver() {
    for (const Row row : store_.outbox().lease("soak", 20)) {
      store_.outbox().complete(row.get<std::string>("id"), row.get<std::int64_t>("attempts"));
      ++delivered_;
    }
    std::this_thread::sleep_for(5ms);
  }

  void back_up() {
    store_.backup(folder_ + "/backup.tdb");
    ++backups_;
    for (int i = 0; i < 50 && !stop_; ++i) std::this_thread::sleep_for(100ms);
  }

  void watch(std::chrono::seconds time) {
    for (const auto end = Clock::now() + time; Clock::now() < end;) {
      std::this_thread::sleep_for(250ms);
      memory_.push_back(memory_mib());
      most_files_ = std::max(most_files_, files_mib(folder_));
    }
  }

  const std::string folder_;
  Store store_ =
      Store::open({.path = folder_ + "/app.tdb",
                   .user = {},
                   .app_factors = {},
                   .options = {.kdf = Kdf::kLow,
                               .cache = CacheLimits{.max_bytes = std::int64_t{8} << 20, .max_rows = {}}}},
                  {.passphrase = "soak"});
  std::atomic<bool> stop_{false};
  std::atomic<std::int64_t> writes_{0}, reads_{0}, delivered_{0}, backups_{0}, busy_{0}, errors_{0};
  std::vector<double> memory_;
  double most_files_ = 0;
};

}  // namespace
}  // namespace tessera::store_proof

int main(int, char** arguments) {
  const tessera::test::TempDir folder;
  tessera::store_proof::Soak soak(folder.path().string());
  soak.run(std::chrono::seconds(std::stoll(arguments[1])));
  return soak.report();
}
