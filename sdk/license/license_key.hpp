// Human licence keys: XXXXX-XXXXX-XXXXX-XXXXX-XXXXC in Crockford base 32 with its mod-37 check symbol.
#pragma once

#include <string>
#include <string_view>

#include "base/random.hpp"
#include "base/result.hpp"

namespace tessera {

std::string license_key_generate(Random& random);
/// The canonical form, or LICENSE_KEY_INVALID. Forgives case, spaces, hyphens, O for 0, I and L for 1.
Result<std::string> license_key_canonical(std::string_view typed);

}  // namespace tessera
