#include "app/sealing_roots.hpp"

#include <algorithm>

namespace tessera {
namespace {

using store::Connection;
using store::Statement;
using store::Value;

constexpr std::string_view kMakeTable =
    "create table if not exists tsr_secret_roots("
    "made integer primary key, id blob not null unique, key blob not null) strict";
constexpr std::string_view kAll = "select id, key from tsr_secret_roots order by made";

Result<sealed::Root> root_of(const Statement& row) {
  const ByteView id = row.column(0).bytes();
  const ByteView key = row.column(1).bytes();
  sealed::Root root{.id = {}, .key = SecretBytes(key)};
  if (id.size() != root.id.size() || key.size() != Key256().size()) {
    return Error{
        ErrorCode::kCORRUPT, "store", "a sealing root in the store is damaged; restore a backup", {}};
  }
  std::ranges::copy(id, root.id.begin());
  return root;
}

Result<std::vector<sealed::Root>> read_all(Connection& connection) {
  std::vector<sealed::Root> roots;
  TSR_ASSIGN_OR_RETURN(Statement rows, connection.statement(kAll));
  for (;;) {
    TSR_ASSIGN_OR_RETURN(const bool has_row, rows.step());
    if (!has_row) return roots;
    TSR_ASSIGN_OR_RETURN(sealed::Root root, root_of(rows));
    roots.push_back(std::move(root));
  }
}

/// One that is there already stays.
Status insert(Connection& connection, const sealed::Root& root) {
  TSR_ASSIGN_OR_RETURN(Statement statement,
                       connection.statement("insert into tsr_secret_roots(id, key) values (?, ?) "
                                            "on conflict do nothing"));
  TSR_RETURN_IF_ERROR(statement.bind(1, Value::of(ByteView(root.id))));
  TSR_RETURN_IF_ERROR(statement.bind(2, Value::of(root.key.view())));
  return statement.run();
}

constexpr store::CallOptions kStrict{.durability = store::Durability::kStrict};

}  // namespace

Status SealingRoots::prepare() {
  return database_.write(kStrict,
                         [](store::WriteScope& scope) { return scope.connection().run(kMakeTable); });
}

Result<sealed::Root> SealingRoots::newest() {
  std::optional<sealed::Root> found;
  const auto take_newest = [&found](Connection& connection) -> Status {
    TSR_ASSIGN_OR_RETURN(auto roots, read_all(connection));
    if (!roots.empty()) found = std::move(roots.back());
    return {};
  };
  TSR_RETURN_IF_ERROR(database_.read({}, take_newest));
  if (found) return std::move(*found);
  // Another thread may have made one meanwhile.
  const Status made = database_.write(kStrict, [&](store::WriteScope& scope) -> Status {
    TSR_RETURN_IF_ERROR(take_newest(scope.connection()));
    if (found) return {};
    sealed::Root root{.id = {}, .key = SecretBytes(Key256().size())};
    database_.random().fill(root.id);
    database_.random().fill(root.key.writable());
    TSR_RETURN_IF_ERROR(insert(scope.connection(), root));
    found = std::move(root);
    return {};
  });
  if (!made.ok()) return made.error();
  return std::move(*found);
}

Result<std::optional<sealed::Root>> SealingRoots::find(const sealed::RootId& id) {
  std::optional<sealed::Root> found;
  const Status looked = database_.read({}, [&](Connection& connection) -> Status {
    TSR_ASSIGN_OR_RETURN(Statement row,
                         connection.statement("select id, key from tsr_secret_roots where id = ?"));
    TSR_RETURN_IF_ERROR(row.bind(1, Value::of(ByteView(id))));
    TSR_ASSIGN_OR_RETURN(const bool has_row, row.step());
    if (!has_row) return {};
    TSR_ASSIGN_OR_RETURN(found, root_of(row));
    return {};
  });
  if (!looked.ok()) return looked.error();
  return found;
}

Result<std::vector<sealed::Root>> SealingRoots::all() {
  std::vector<sealed::Root> roots;
  TSR_RETURN_IF_ERROR(database_.read({}, [&roots](Connection& connection) -> Status {
    TSR_ASSIGN_OR_RETURN(roots, read_all(connection));
    return {};
  }));
  return roots;
}

Status write_sealing_roots(Connection& connection, const std::vector<sealed::Root>& roots) {
  TSR_RETURN_IF_ERROR(connection.run(kMakeTable));
  for (const sealed::Root& root : roots) TSR_RETURN_IF_ERROR(insert(connection, root));
  return {};
}

std::vector<sealed::Root> read_sealing_roots(const std::string& path, const store::DatabaseKey& key) {
  auto file = Connection::open({.path = path, .read_only = true, .key_is_known = true}, &key);
  if (!file.ok()) return {};
  auto roots = read_all(**file);
  return roots.ok() ? std::move(roots).value() : std::vector<sealed::Root>();
}

}  // namespace tessera
