// A process that changes one store without end, and says each change that was acknowledged.
#include <iostream>
#include <string>
#include <tessera/tessera.hpp>

#include "doomed_store.hpp"

namespace tessera::store_proof {
namespace {

void say(std::int64_t number) { std::cout << number << std::endl; }

void add_row(Store& store, std::int64_t number) {
  store.execute("insert into numbers(n, filler) values (?, ?)", number, std::string(300, 'f'));
}

void write(Store& store, std::int64_t number) {
  store.transaction([number](Transaction& tx) {
    tx.execute("insert into numbers(n, filler) values (?, ?)", number, std::string(300, 'f'));
    tx.put("last", number);
    tx.enqueue({.topic = "numbers", .url = "https://example.com/"});
  });
}

/// The numbers are in tables of their own.
void migrate(Store& store, std::int64_t number) {
  std::vector<std::string> sql;
  for (std::int64_t step = 1; step <= number; ++step) {
    const std::string n = std::to_string(step);
    sql.push_back("create table step" + n + "(x); insert into numbers(n) values (" + n + ")");
  }
  std::vector<std::string> names;
  for (std::size_t step = 0; step < sql.size(); ++step) names.push_back("step" + std::to_string(step + 1));
  std::vector<Migration> steps;
  for (std::size_t step = 0; step < sql.size(); ++step) steps.push_back({names[step], sql[step]});
  store.migrate(steps);
}

void rewrap(Store& store, std::int64_t number) {
  store.change_passphrase(passphrase(number - 1), passphrase(number));
  add_row(store, number);
}

void rotate(Store& store, std::int64_t number) {
  store.rotate_data_key({.passphrase = passphrase(0)});
  add_row(store, number);
}

void back_up(Store& store, const std::string& folder, std::int64_t number) {
  add_row(store, number);
  store.backup(folder + "/backup.tdb");
}

/// A compact copy takes the database's place.
void compact(Store& store, std::int64_t number) {
  add_row(store, number);
  store.compact();
}

[[noreturn]] void work(const std::string& folder, const std::string& kind, std::int64_t number) {
  Store store = Store::open(doomed_config(folder), {.passphrase = passphrase(kind == "rewrap" ? number : 0)});
  for (say(0);; say(number)) {
    ++number;
    if (kind == "write") write(store, number);
    if (kind == "migrate") migrate(store, number);
    if (kind == "rewrap") rewrap(store, number);
    if (kind == "rotate") rotate(store, number);
    if (kind == "backup") back_up(store, folder, number);
    if (kind == "compact") compact(store, number);
  }
}

}  // namespace
}  // namespace tessera::store_proof

/// store_actor FOLDER KIND LAST_NUMBER
int main(int, char** arguments) {
  try {
    tessera::store_proof::work(arguments[1], arguments[2], std::stoll(arguments[3]));
  } catch (const std::exception& error) {
    std::cout << "failed: " << error.what() << std::endl;
    return 1;
  }
}
