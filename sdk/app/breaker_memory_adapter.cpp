#include "app/breaker_memory_adapter.hpp"

namespace tessera {
namespace {

using store::Connection;
using store::Statement;

// It may be away at any time: another database can take the place of the one that had it.
constexpr std::string_view kMakeTable =
    "create table if not exists tsr_breakers("
    "changed integer primary key autoincrement, host text not null unique, record text not null) strict";
constexpr store::CallOptions kRelaxed{.durability = store::Durability::kRelaxed};

Status put(Connection& connection, std::string_view host, std::string_view record) {
  {
    TSR_ASSIGN_OR_RETURN(Statement statement,
                         connection.statement("replace into tsr_breakers(host, record) values (?1, ?2)"));
    TSR_RETURN_IF_ERROR(statement.bind_all(host, record));
    TSR_RETURN_IF_ERROR(statement.run());
  }
  TSR_ASSIGN_OR_RETURN(
      Statement statement,
      connection.statement("delete from tsr_breakers where changed not in "
                           "(select changed from tsr_breakers order by changed desc limit ?1)"));
  TSR_RETURN_IF_ERROR(statement.bind_all(BreakerMemoryAdapter::kMostHosts));
  return statement.run();
}

Status forget(Connection& connection, std::string_view host) {
  TSR_ASSIGN_OR_RETURN(Statement statement, connection.statement("delete from tsr_breakers where host = ?1"));
  TSR_RETURN_IF_ERROR(statement.bind_all(host));
  return statement.run();
}

}  // namespace

std::vector<std::pair<std::string, std::string>> BreakerMemoryAdapter::load_all() {
  std::vector<std::pair<std::string, std::string>> records;
  if (!load(&records).ok()) records.clear();
  return records;
}

Status BreakerMemoryAdapter::load(std::vector<std::pair<std::string, std::string>>* records) {
  TSR_RETURN_IF_ERROR(store_->database().write(
      kRelaxed, [](store::WriteScope& scope) { return scope.connection().run(kMakeTable); }));
  return store_->database().read({}, [records](Connection& connection) -> Status {
    TSR_ASSIGN_OR_RETURN(Statement rows,
                         connection.statement("select host, record from tsr_breakers order by host"));
    for (;;) {
      TSR_ASSIGN_OR_RETURN(const bool has_row, rows.step());
      if (!has_row) return {};
      records->emplace_back(rows.column(0).text(), rows.column(1).text());
    }
  });
}

void BreakerMemoryAdapter::save(std::string_view host, std::string_view record_json) {
  const Status saved = store_->database().write(kRelaxed, [&](store::WriteScope& scope) -> Status {
    Connection& connection = scope.connection();
    TSR_RETURN_IF_ERROR(connection.run(kMakeTable));
    return record_json.empty() ? forget(connection, host) : put(connection, host, record_json);
  });
  if (!saved.ok()) store_->logger().write(LogLevel::kWarn, "store", "breaker_not_kept", saved.error().text);
}

}  // namespace tessera
