// The store through its C functions, the floor of every binding, next to SQLCipher's own C functions with the
// same pragmas. Throughput: ratios of 1 mean the same speed, more is faster.
#include <sodium.h>
#include <tessera/tessera.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "harness.hpp"
#include "raw_store.hpp"

namespace {

using namespace tessera::bench;

constexpr int64_t kItems = 20'000;
constexpr int kIterated = 100;
constexpr size_t kBulk = 2'000;
constexpr int kThreads = 8;
constexpr int kPuts = 3'200;

void require(tsr_status status, tsr_error* err = nullptr) {
  if (status == TSR_OK) return;
  std::fprintf(stderr, "bench: %s\n", err != nullptr ? tsr_error_text(err) : tsr_status_name(status));
  std::abort();
}

tsr_str borrow(std::string_view text) { return {text.data(), text.size()}; }
tsr_value value_of(int64_t number) { return {TSR_VALUE_INTEGER, 0, number, 0, nullptr, 0}; }
tsr_value value_of(double number) { return {TSR_VALUE_REAL, 0, 0, number, nullptr, 0}; }
tsr_value value_of(std::string_view text) { return {TSR_VALUE_TEXT, 0, 0, 0, text.data(), text.size()}; }

std::vector<Item> make_items(int64_t first, size_t count) {
  std::vector<Item> items;
  for (size_t i = 0; i < count; ++i) {
    const int64_t id = first + static_cast<int64_t>(i);
    items.push_back(
        {id, "item number " + std::to_string(id), static_cast<double>(id) * 0.25, std::string(200, 'b')});
  }
  return items;
}

/// The same calls of the store.
class Ours {
 public:
  explicit Ours(const std::string& path) {
    const std::string config =
        R"({"path":")" + path + R"(","commit":"relaxed","kdf":"low","slots":["device"]})";
    tsr_error* err = nullptr;
    require(tsr_store_open(borrow(config), nullptr, &store_, &err), err);
    require(tsr_store_execute_script(store_, tsr_str_of(kSchema), nullptr, &err), err);
  }
  ~Ours() { tsr_store_free(store_); }
  Ours(const Ours&) = delete;
  Ours& operator=(const Ours&) = delete;

  tsr_store* get() const { return store_; }

  void insert(const std::vector<Item>& items) {
    values_.clear();
    for (const Item& item : items) {
      values_.push_back(value_of(item.id));
      values_.push_back(value_of(std::string_view(item.name)));
      values_.push_back(value_of(item.price));
      values_.push_back(value_of(std::string_view(item.body)));
    }
    tsr_error* err = nullptr;
    require(tsr_store_execute_many(store_,
                                   TSR_LIT("insert into items(id, name, price, body) values (?, ?, ?, ?)"),
                                   values_.data(), 4, items.size(), nullptr, nullptr, &err),
            err);
  }

  size_t read(int64_t id) {
    const tsr_value given = value_of(id);
    tsr_rows* rows = nullptr;
    const tsr_value* row = nullptr;
    require(tsr_store_query(store_, TSR_LIT("select body from items where id = ?"), &given, 1, nullptr, &rows,
                            nullptr));
    require(tsr_rows_next(rows, &row, nullptr));
    const size_t size = row[0].len + (static_cast<const char*>(row[0].data)[0] == 'b' ? 0 : 1);
    tsr_rows_free(rows);
    return size;
  }

  double iterate(int64_t id, int limit) {
    const std::array given{value_of(id), value_of(int64_t{limit})};
    tsr_rows* rows = nullptr;
    const tsr_value* row = nullptr;
    require(tsr_store_query(store_, TSR_LIT("select id, name, price, body from items where id >= ? limit ?"),
                            given.data(), given.size(), nullptr, &rows, nullptr));
    double sum = 0;
    int count = 0;
    while (tsr_rows_next(rows, &row, nullptr) == TSR_OK && row != nullptr) {
      ++count;
      sum += static_cast<double>(row[0].integer) + row[2].real;
      sum += static_cast<double>(row[1].len + (static_cast<const char*>(row[1].data)[0] == 'b' ? 0 : 1));
      sum += static_cast<double>(row[3].len + (static_cast<const char*>(row[3].data)[0] == 'b' ? 0 : 1));
    }
    tsr_rows_free(rows);
    if (count != limit) std::abort();
    return sum;
  }

  void put(std::string_view key, std::string_view value) {
    const tsr_value given = value_of(value);
    require(tsr_store_put(store_, borrow(key), &given, nullptr, nullptr));
  }

 private:
  tsr_store* store_ = nullptr;
  std::vector<tsr_value> values_;
};

/// Ids in an order that no cache likes.
class Ids {
 public:
  int64_t next(int64_t most) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<int64_t>((state_ >> 33U) % static_cast<uint64_t>(most)) + 1;
  }

 private:
  uint64_t state_ = 42;
};

void insert_once(Ours& ours, RawStore& raw, int64_t* next) {
  for (int64_t id = 1; id <= kItems; id += kBulk) {
    const auto items = make_items(id, kBulk);
    ours.insert(items);
    raw.insert(items.data(), items.size());
  }
  *next = kItems + 1;
}

void bulk_insert(const Case& subject, Ours& ours, const char* peer, RawStore& raw, int64_t first) {
  int64_t our_next = first;
  int64_t raw_next = first;
  compare_throughput(
      subject, kBulk,
      [&] {
        ours.insert(make_items(our_next, kBulk));
        our_next += kBulk;
      },
      peer,
      [&] {
        const auto items = make_items(raw_next, kBulk);
        raw.insert(items.data(), items.size());
        raw_next += kBulk;
      });
}

std::string key_of(int number) { return "key" + std::to_string(number % 5'000); }
/// Another one each time: SQLite writes nothing for a value that is there already.
std::string text_of(int number) { return "a value that is put, number " + std::to_string(number); }

double raw_puts_per_second(RawStore& raw, int* next) {
  return per_second(kPuts, [&] {
    for (int i = 0; i < kPuts; ++i, ++*next) raw.put(key_of(*next), text_of(*next));
  });
}

/// The puts in their order, each taken by the next thread that is free.
double blocking_puts_per_second(Ours& ours, int* next) {
  std::atomic<int> number = *next;
  *next += kPuts;
  return per_second(kPuts, [&] {
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&ours, &number, end = *next] {
        for (int i = number++; i < end; i = number++) ours.put(key_of(i), text_of(i));
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
}

double async_puts_per_second(Ours& ours, int* next) {
  return per_second(kPuts, [&] {
    std::atomic<int> left = kPuts;
    for (int i = 0; i < kPuts; ++i, ++*next) {
      const std::string key = key_of(*next);
      const std::string text = text_of(*next);
      const tsr_value given = value_of(std::string_view(text));
      require(tsr_store_put_async(
          ours.get(), borrow(key), &given, nullptr,
          [](void* user, tsr_op* op) {
            require(tsr_op_void(op, nullptr));
            auto& waiting = *static_cast<std::atomic<int>*>(user);
            if (waiting.fetch_sub(1) == 1) waiting.notify_one();
          },
          &left, nullptr, nullptr, nullptr));
    }
    for (int seen = left; seen != 0; seen = left) left.wait(seen);
  });
}

void puts(Ours& ours, RawStore& raw) {
  int next = 0;
  const auto raw_puts = [&] { return raw_puts_per_second(raw, &next); };
  const std::string peer = "SQLCipher, a transaction for each put";
  compare_rates(
      {"store/put_8_threads", kPerSecond, 15}, [&] { return blocking_puts_per_second(ours, &next); }, peer,
      raw_puts);
  compare_rates(
      {"store/put_async", kPerSecond, 15}, [&] { return async_puts_per_second(ours, &next); }, peer,
      raw_puts);
}

/// Opening and closing, against what Argon2id takes for the slot and 5 ms.
void open_device_slot(const std::string& path) {
  constexpr unsigned kPasses = 3;
  constexpr size_t kMemory = size_t{64} << 20;
  constexpr double kAllowedMs = 5;
  const std::string config = R"({"path":")" + path + R"(","slots":["device"]})";
  const auto open = [&config] {
    tsr_store* store = nullptr;
    tsr_error* err = nullptr;
    require(tsr_store_open(borrow(config), nullptr, &store, &err), err);
    tsr_store_free(store);
  };
  open();
  compare_plus(
      {"store/open_device_slot", kMilliseconds, 21}, open, "Argon2id of 64 MiB and 3 passes, and 5 ms",
      [] {
        std::array<unsigned char, 32> out{};
        const std::array<unsigned char, crypto_pwhash_SALTBYTES> salt{};
        if (crypto_pwhash(out.data(), out.size(), "ana", 3, salt.data(), kPasses, kMemory,
                          crypto_pwhash_ALG_ARGON2ID13) != 0)
          std::abort();
      },
      kAllowedMs);
}

void compare_with(Ours& ours, RawStore& raw, const std::string& suffix, const char* peer, int64_t* next) {
  // Raw reads through the connection that wrote, and has its pages already.
  for (int64_t id = 1; id <= kItems; ++id) {
    keep(ours.read(id));
    keep(raw.read(id));
  }
  Ids our_ids;
  Ids raw_ids;
  const std::string point_read = "store/point_read" + suffix;
  compare_throughput(
      {point_read.c_str(), kPerSecond}, 1, [&] { return ours.read(our_ids.next(kItems)); }, peer,
      [&] { return raw.read(raw_ids.next(kItems)); });
  const std::string iterate = "store/iterate_100" + suffix;
  compare_throughput(
      {iterate.c_str(), kPerSecond}, kIterated,
      [&] { return ours.iterate(our_ids.next(kItems - kIterated), kIterated); }, peer,
      [&] { return raw.iterate(raw_ids.next(kItems - kIterated), kIterated); });
  const std::string bulk = "store/bulk_insert" + suffix;
  bulk_insert({bulk.c_str(), kPerSecond, 21}, ours, peer, raw, *next);
  *next += 1'000'000;
}

}  // namespace

int main() {
  if (sodium_init() < 0) return 1;
  std::string folder_name = (std::filesystem::temp_directory_path() / "tessera-bench-XXXXXX").string();
  if (mkdtemp(folder_name.data()) == nullptr) return 1;
  const std::filesystem::path folder = folder_name;
  {
    Ours ours((folder / "ours.tdb").string());
    const auto cipher = open_sqlcipher((folder / "raw.db").string());
    int64_t next = 0;
    insert_once(ours, *cipher, &next);
    compare_with(ours, *cipher, "", "SQLCipher's C functions", &next);
    puts(ours, *cipher);
  }
  {
    Ours ours((folder / "ours2.tdb").string());
    const auto plain = open_sqlite((folder / "plain.db").string());
    int64_t next = 0;
    insert_once(ours, *plain, &next);
    compare_with(ours, *plain, "_plain", "SQLite without encryption", &next);
  }
  open_device_slot((folder / "device.tdb").string());
  std::filesystem::remove_all(folder);
  return 0;
}
