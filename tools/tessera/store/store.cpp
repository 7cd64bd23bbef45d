#include "store/commands.hpp"

namespace tessera::cli {

void add_store(CLI::App& app, Session& session) {
  CLI::App& store = *add_group(app, "store", "Make, read and care for an encrypted store");
  for (const auto add :
       {add_store_init, add_store_unlock, add_store_query, add_store_shell, add_store_slots,
        add_store_recover, add_store_rotate, add_store_erase, add_store_copies, add_store_care})
    add(store, session);
}

}  // namespace tessera::cli
