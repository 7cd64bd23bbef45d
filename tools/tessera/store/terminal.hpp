// Questions to the person at the terminal.
#pragma once

#include <string>

#include "store/secret_text.hpp"

namespace tessera::cli {

/// Whether somebody is there to answer.
bool can_ask();

/// One line, typed in the open.
std::string ask(const std::string& question);

/// One line that the terminal does not show; empty when nothing was typed.
SecretText ask_secret(const std::string& question);

/// A new secret, typed twice; throws Failure when the two differ or are empty.
SecretText ask_new_secret(const std::string& what);

}  // namespace tessera::cli
