#include "store/settings.hpp"

#include <array>
#include <cmath>
#include <utility>

#include "store/errors.hpp"
#include "store/watch.hpp"
#include "text/json.hpp"
#include "text/utf8.hpp"

namespace tessera::store {
namespace {

constexpr JsonLimits kJsonLimits{.max_document = size_t{64} << 20,
                                 .max_depth = 64,
                                 .max_members = 1'000'000,
                                 .max_string = size_t{16} << 20};

Error bad(std::string text) { return store_error(ErrorCode::kARG, {}, std::move(text)); }

Status check_key(std::string_view key) {
  if (key.empty()) return bad("a setting needs a key of at least one byte; the given one is empty");
  if (key.size() > kMaxKeyBytes)
    return bad("the key of a setting has " + std::to_string(key.size()) + " bytes; use at most " +
               std::to_string(kMaxKeyBytes));
  if (!is_utf8(key)) return bad("the key of a setting is not UTF-8; encode it first");
  return {};
}

Status check_value(const Value& value) {
  switch (value.type) {
    case ValueType::kReal:
      if (std::isnan(value.real))
        return bad("a setting can't hold NaN, which the database keeps as null; put null instead");
      return {};
    case ValueType::kText:
      if (!is_utf8(value.text())) return bad("the text of a setting is not UTF-8; put it as bytes");
      return {};
    case ValueType::kJson:
      if (const auto parsed = parse_json(value.text(), kJsonLimits); !parsed)
        return bad("the JSON of a setting is not valid: " + parsed.error().text);
      return {};
    case ValueType::kNull:
    case ValueType::kInteger:
    case ValueType::kBlob:
    case ValueType::kBool:
      return {};
  }
  return bad("the type of a setting's value is not one of the known ones");
}

Error not_found() {
  return store_error(ErrorCode::kNOT_FOUND, {}, "there is no setting with this key; put it first");
}

/// What goes into the column `value`; the type is kept beside it.
Value stored(const Value& value) {
  if (value.type == ValueType::kBool) return Value::of(int64_t{value.integer != 0});
  if (value.type == ValueType::kJson) return Value::of(value.text());
  return value;
}

/// The typed value of cells (type, value).
Value typed(const Value& type, Value value) {
  const auto kind = static_cast<ValueType>(type.integer);
  if (kind == ValueType::kBool || kind == ValueType::kJson) value.type = kind;
  return value;
}

/// A value whose bytes are its own.
class OwnedValue {
 public:
  explicit OwnedValue(const Value& value) : value_(value), bytes_(copy(value)) {}
  Value view() const {
    Value value = value_;
    if (value.data != nullptr) value.data = bytes_.data();
    return value;
  }

 private:
  static Bytes copy(const Value& value) {
    if (value.data == nullptr) return {};
    const ByteView bytes = value.bytes();
    return {bytes.begin(), bytes.end()};
  }
  Value value_;
  Bytes bytes_;
};

/// What changes rows. Writes that wait in the database's queue may outlive the Settings, so it is copied.
struct Writer {
  Clock* clock;
  std::shared_ptr<WatchHub> hub;

  Status put(WriteScope& scope, std::string_view key, const Value& value) const {
    TSR_ASSIGN_OR_RETURN(
        Statement statement,
        scope.connection().statement(
            "insert into tsr_settings (key, type, value, updated_ms) values (?1, ?2, ?3, ?4) "
            "on conflict (key) do update set type = excluded.type, value = excluded.value, updated_ms = "
            "excluded.updated_ms"));
    TSR_RETURN_IF_ERROR(statement.bind(1, Value::of(key)));
    TSR_RETURN_IF_ERROR(statement.bind(2, Value::of(static_cast<int64_t>(value.type))));
    TSR_RETURN_IF_ERROR(statement.bind(3, stored(value)));
    TSR_RETURN_IF_ERROR(statement.bind(4, Value::of(clock->wall_ms())));
    TSR_RETURN_IF_ERROR(statement.run());
    tell_after_commit(scope, key);
    return {};
  }

  Status remove(WriteScope& scope, std::string_view key) const {
    TSR_ASSIGN_OR_RETURN(Statement statement,
                         scope.connection().statement("delete from tsr_settings where key = ?1"));
    TSR_RETURN_IF_ERROR(statement.bind_all(key));
    TSR_RETURN_IF_ERROR(statement.run());
    if (scope.connection().changes() == 0) return not_found();
    tell_after_commit(scope, key);
    return {};
  }

  void tell_after_commit(WriteScope& scope, std::string_view key) const {
    if (!hub->is_watched()) return;
    scope.after_commit([told = hub, key = std::string(key)] { told->tell(key); });
  }
};

class SettingsImpl final : public Settings {
 public:
  explicit SettingsImpl(Database& database)
      : database_(database), writer_{&database.clock(), std::make_shared<WatchHub>()} {}
  SettingsImpl(const SettingsImpl&) = delete;
  SettingsImpl& operator=(const SettingsImpl&) = delete;
  ~SettingsImpl() override { writer_.hub->remove_all(); }

  Status prepare() override {
    return database_.write({.durability = Durability::kRelaxed}, [](WriteScope& scope) {
      return scope.connection().run(
          "create table if not exists tsr_settings (key text primary key not null, type integer not null, "
          "value any, updated_ms integer not null) strict");
    });
  }

  Status put(std::string_view key, const Value& value, const CallOptions& options) override {
    TSR_RETURN_IF_ERROR(check(key, value));
    return database_.write(options, [&](WriteScope& scope) { return writer_.put(scope, key, value); });
  }

  Status put_async(std::string_view key, const Value& value, const CallOptions& options,
                   std::function<void(Status)> done) override {
    TSR_RETURN_IF_ERROR(check(key, value));
    return database_.write_async(
        options,
        [writer = writer_, key = std::string(key), value = OwnedValue(value)](WriteScope& scope) {
          return writer.put(scope, key, value.view());
        },
        std::move(done));
  }

  Status put_within(Transaction& transaction, std::string_view key, const Value& value) override {
    TSR_RETURN_IF_ERROR(check(key, value));
    return transaction.within([&](WriteScope& scope) { return writer_.put(scope, key, value); });
  }

  Result<RowSet> get(std::string_view key, const CallOptions& options) override {
    TSR_RETURN_IF_ERROR(check_key(key));
    RowSet rows({"value"});
    const Status read = database_.read(options, [&](Connection& connection) -> Status {
      TSR_ASSIGN_OR_RETURN(Statement statement,
                           connection.statement("select type, value from tsr_settings where key = ?1"));
      TSR_RETURN_IF_ERROR(statement.bind_all(key));
      TSR_ASSIGN_OR_RETURN(const bool found, statement.step());
      if (!found) return {};
      const Value value = typed(statement.column(0), statement.column(1));
      rows.add(&value);
      return {};
    });
    if (!read) return read.error();
    return rows;
  }

  Status remove(std::string_view key, const CallOptions& options) override {
    TSR_RETURN_IF_ERROR(check_key(key));
    return database_.write(options, [&](WriteScope& scope) { return writer_.remove(scope, key); });
  }

  Status remove_within(Transaction& transaction, std::string_view key) override {
    TSR_RETURN_IF_ERROR(check_key(key));
    return transaction.within([&](WriteScope& scope) { return writer_.remove(scope, key); });
  }

  Result<RowSet> list(std::string_view prefix, const CallOptions& options) override {
    TSR_RETURN_IF_ERROR(check_prefix(prefix));
    RowSet rows({"key", "value"});
    // Keys sort by their bytes, and no byte of UTF-8 is 0xFF.
    std::string past_last(prefix);
    past_last.push_back('\xFF');
    const Status read = database_.read(options, [&](Connection& connection) -> Status {
      TSR_ASSIGN_OR_RETURN(
          Statement statement,
          connection.statement(
              "select key, type, value from tsr_settings where key >= ?1 and key < ?2 order by key"));
      TSR_RETURN_IF_ERROR(statement.bind_all(prefix, std::string_view(past_last)));
      for (;;) {
        TSR_ASSIGN_OR_RETURN(const bool found, statement.step());
        if (!found) return {};
        const std::array<Value, 2> row{statement.column(0), typed(statement.column(1), statement.column(2))};
        rows.add(row.data());
      }
    });
    if (!read) return read.error();
    return rows;
  }

  Result<uint64_t> watch(std::string_view prefix, std::function<bool(std::string_view)> changed) override {
    TSR_RETURN_IF_ERROR(check_prefix(prefix));
    if (!changed) return bad("a watch needs a function to call; none was given");
    return writer_.hub->add(prefix, std::move(changed));
  }

  void unwatch(uint64_t id) override { writer_.hub->remove(id); }

 private:
  static Status check(std::string_view key, const Value& value) {
    TSR_RETURN_IF_ERROR(check_key(key));
    return check_value(value);
  }
  static Status check_prefix(std::string_view prefix) {
    if (prefix.empty()) return {};
    return check_key(prefix);
  }

  Database& database_;
  const Writer writer_;
};

}  // namespace

Result<std::unique_ptr<Settings>> Settings::open(Database& database) {
  auto settings = std::make_unique<SettingsImpl>(database);
  TSR_RETURN_IF_ERROR(settings->prepare());
  return std::unique_ptr<Settings>(std::move(settings));
}

}  // namespace tessera::store
