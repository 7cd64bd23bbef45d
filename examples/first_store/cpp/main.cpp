// usage: notes PASSPHRASE_FILE [TEXT]
// Keeps notes in notes.tdb: adds one, then lists all.
#include <exception>
#include <fstream>
#include <iostream>
#include <string>
#include <tessera/tessera.hpp>

int main(int argc, char** argv) try {
  std::string passphrase;
  if (argc < 2 || !std::getline(std::ifstream(argv[1]), passphrase))
    throw std::invalid_argument("usage: notes PASSPHRASE_FILE [TEXT]");

  tessera::Store store = tessera::Store::open({.path = "notes.tdb"}, {.passphrase = passphrase});
  if (argc > 2) store.execute("insert into notes(text) values (?)", argv[2]);
  for (const tessera::Row row : store.query("select id, text from notes order by id"))
    std::cout << row.get<int>("id") << "  " << row.get<std::string>("text") << '\n';
  store.close();
  return 0;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
