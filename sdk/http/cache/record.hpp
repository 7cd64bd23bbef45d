// Responses and lists of variants as bytes for a ResponseStore, and back. What is damaged, of another version
// or of any shape that was not written here is a miss.
#pragma once

#include <optional>
#include <variant>

#include "http/cache/entry.hpp"
#include "http/cache/key.hpp"

namespace tessera::http {

/// Nothing for a head that is larger than any the client takes from the network.
std::optional<Bytes> write_record(const Entry& entry);
Bytes write_record(const Variants& variants);

using Record = std::variant<std::monostate, Entry, Variants>;
Record read_record(ByteView bytes);

}  // namespace tessera::http
