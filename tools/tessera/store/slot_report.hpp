// What opens a store.
#pragma once

#include <string>
#include <string_view>
#include <tessera/tessera.hpp>

#include "console.hpp"

namespace tessera::cli {

/// "passphrase" and so on, as `tessera store slots` spells them; throws Failure for another word.
SlotType slot_type_of(std::string_view word);

/// [{"slot", "type", "name", "kdf", "created_ms", "opened"}]
Json slots_json(const Store& store);

/// The same as a table.
std::string slots_text(const Store& store);

/// The weakest way in, as a word; empty for a store in memory.
std::string_view protection_of(const Store& store);

}  // namespace tessera::cli
