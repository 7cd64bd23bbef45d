// The peer: SQLite's C functions as a careful program uses them, with the pragmas of the store. Compiled once
// with SQLCipher and once with the system's SQLite.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tessera::bench {

struct Item {
  int64_t id;
  std::string name;
  double price;
  std::string body;
};

/// One thread at a time. Aborts on any error.
class RawStore {
 public:
  virtual ~RawStore() = default;
  virtual void run(const char* sql) = 0;
  /// All in one transaction.
  virtual void insert(const Item* items, size_t count) = 0;
  /// Bytes of the item's body.
  virtual size_t read(int64_t id) = 0;
  /// Sums up what `limit` items from `id` on hold.
  virtual double iterate(int64_t id, int limit) = 0;
  /// One transaction.
  virtual void put(std::string_view key, std::string_view value) = 0;
};

/// SQLCipher with a raw key, as the store has one.
std::unique_ptr<RawStore> open_sqlcipher(const std::string& path);
/// Plain SQLite, for orientation.
std::unique_ptr<RawStore> open_sqlite(const std::string& path);

inline constexpr const char* kSchema =
    "create table items(id integer primary key, name text not null, price real not null, body text not null)";

}  // namespace tessera::bench
