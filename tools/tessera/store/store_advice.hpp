// What to do about errors of the store.
#pragma once

#include <string>
#include <string_view>
#include <tessera/tessera.hpp>

namespace tessera::cli {

/// The word in the error's detail that tells outcomes of one code apart; empty when there is none.
std::string reason_of(const Error& error);

std::string_view store_next_step(const Error& error);

}  // namespace tessera::cli
