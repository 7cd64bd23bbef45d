// The TEMP triggers that keep writes of a scope to its own rows.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "store/connection.hpp"

namespace tessera::store {

/// A table that a foreign key may name: declared ones only.
struct TenantParent {
  std::string name, column;
};

/// The triggers of `table` from their BEFORE or AFTER on. `parent_of` gives null for a table without tenants.
Result<std::vector<std::string>> make_tenant_guards(
    Connection& connection, const std::string& table, const std::string& column,
    const std::function<const TenantParent*(std::string_view)>& parent_of);

/// Guards of a declared table that has lost its tenant column: they refuse every write of the application.
std::vector<std::string> make_closed_guards(const std::string& table);

}  // namespace tessera::store
