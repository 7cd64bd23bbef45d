// Tenant scope (SS-20, TB-25): a table that declares a tenant column can't be read or written without a
// tenant.
//
// Reading: the table's name is shadowed by a common table expression that filters by tsr_tenant(). Writing:
// TEMP triggers ignore rows of other tenants and refuse rows given to them. An authorizer denies everything
// else that touches the table.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "store/database.hpp"

namespace tessera::store {

class Tenants : public SqlPolicy {
 public:
  static std::unique_ptr<Tenants> make();
  /// Remembers in tsr_tenant_tables that `column` of `table` holds the tenant. NOT_FOUND without the table or
  /// column.
  virtual Status declare(Database& database, std::string_view table, std::string_view column) = 0;
};

}  // namespace tessera::store
