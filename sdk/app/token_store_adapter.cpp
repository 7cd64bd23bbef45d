#include "app/token_store_adapter.hpp"

#include <string_view>

namespace tessera {
namespace {

using http::TokenRecord;
using store::Connection;
using store::Statement;

// It may be away at any time: another database can take the place of the one that had it.
constexpr std::string_view kMakeTable =
    "create table if not exists tsr_tokens("
    "tenant text not null, account text not null, version integer not null, record blob not null, "
    "primary key(tenant, account)) strict";
constexpr store::CallOptions kStrict{.durability = store::Durability::kStrict};

Result<bool> has_table(Connection& connection) {
  TSR_ASSIGN_OR_RETURN(
      Statement statement,
      connection.statement("select 1 from sqlite_schema where type = 'table' and name = 'tsr_tokens'"));
  return statement.step();
}

/// 0 when there is none.
Result<int64_t> version_of(Connection& connection, std::string_view tenant, std::string_view account) {
  TSR_ASSIGN_OR_RETURN(
      Statement statement,
      connection.statement("select version from tsr_tokens where tenant = ?1 and account = ?2"));
  TSR_RETURN_IF_ERROR(statement.bind_all(tenant, account));
  TSR_ASSIGN_OR_RETURN(const bool has_row, statement.step());
  return has_row ? statement.column(0).integer : 0;
}

}  // namespace

Result<std::optional<TokenRecord>> TokenStoreAdapter::load() {
  std::optional<TokenRecord> found;
  const Status status = store_->database().read({}, [&](Connection& connection) -> Status {
    TSR_ASSIGN_OR_RETURN(const bool is_there, has_table(connection));
    if (!is_there) return {};
    TSR_ASSIGN_OR_RETURN(
        Statement statement,
        connection.statement("select record from tsr_tokens where tenant = ?1 and account = ?2"));
    TSR_RETURN_IF_ERROR(statement.bind_all(std::string_view(tenant_), std::string_view(account_)));
    TSR_ASSIGN_OR_RETURN(const bool has_row, statement.step());
    if (!has_row) return {};
    TSR_ASSIGN_OR_RETURN(found, http::parse_token_record(statement.column(0).bytes()));
    return {};
  });
  if (!status.ok()) return status.error();
  return found;
}

Result<bool> TokenStoreAdapter::compare_and_swap(uint64_t expected, const TokenRecord& record) {
  const SecretBytes json = http::token_record_json(record);
  bool is_swapped = false;
  const Status status = store_->database().write(kStrict, [&](store::WriteScope& scope) -> Status {
    Connection& connection = scope.connection();
    TSR_RETURN_IF_ERROR(connection.run(kMakeTable));
    TSR_ASSIGN_OR_RETURN(const int64_t present, version_of(connection, tenant_, account_));
    is_swapped = static_cast<uint64_t>(present) == expected;
    if (!is_swapped) return {};
    TSR_ASSIGN_OR_RETURN(
        Statement statement,
        connection.statement(
            "replace into tsr_tokens(tenant, account, version, record) values (?1, ?2, ?3, ?4)"));
    TSR_RETURN_IF_ERROR(statement.bind_all(std::string_view(tenant_), std::string_view(account_),
                                           static_cast<int64_t>(record.version), json.view()));
    return statement.run();
  });
  if (!status.ok()) return status.error();
  return is_swapped;
}

}  // namespace tessera
