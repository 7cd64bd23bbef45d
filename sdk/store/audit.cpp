#include "store/care.hpp"

namespace tessera::store {

Status record_audit(Database& database, std::string_view event, std::string_view reason) {
  const CallOptions strict{.durability = Durability::kStrict};
  const Status recorded = database.write(strict, [&](WriteScope& scope) -> Status {
    TSR_RETURN_IF_ERROR(scope.connection().run(
        "create table if not exists tsr_audit(id integer primary key, at_ms integer not "
        "null, event text not null, reason text not null) strict"));
    TSR_ASSIGN_OR_RETURN(
        Statement insert,
        scope.connection().statement("insert into tsr_audit(at_ms, event, reason) values (?, ?, ?)"));
    TSR_RETURN_IF_ERROR(insert.bind_all(database.clock().wall_ms(), event, reason));
    return insert.run();
  });
  TSR_RETURN_IF_ERROR(recorded);
  database.logger().write(LogLevel::kWarn, "store", event, "data leaves the encrypted store",
                          {{"reason", std::string(reason)}});
  return {};
}

}  // namespace tessera::store
