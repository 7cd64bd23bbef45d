// The commands of `tessera store`, each in its own file.
#pragma once

#include "command.hpp"

namespace tessera::cli {

void add_store_init(CLI::App& store, Session& session);
void add_store_unlock(CLI::App& store, Session& session);
void add_store_query(CLI::App& store, Session& session);
void add_store_shell(CLI::App& store, Session& session);
void add_store_slots(CLI::App& store, Session& session);
void add_store_recover(CLI::App& store, Session& session);
void add_store_rotate(CLI::App& store, Session& session);
void add_store_erase(CLI::App& store, Session& session);
void add_store_copies(CLI::App& store, Session& session);
void add_store_care(CLI::App& store, Session& session);

}  // namespace tessera::cli
