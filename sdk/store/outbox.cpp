#include "store/outbox.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/big_endian.hpp"
#include "store/errors.hpp"
#include "text/json.hpp"
#include "text/utf8.hpp"
#include "text/uuid.hpp"

namespace tessera::store {
namespace {

constexpr size_t kMaxTopicBytes = 256;
constexpr size_t kMaxMethodBytes = 32;
constexpr size_t kMaxUrlBytes = 8192;
constexpr size_t kMaxHeadersBytes = size_t{64} << 10;
constexpr size_t kMaxOrderingKeyBytes = 1024;
constexpr size_t kMaxErrorBytes = 1024;
constexpr int64_t kClockStepMs = 3'600'000;
constexpr int64_t kMostRetryAfterMs = int64_t{24} * 3'600'000;
constexpr CallOptions kStrict{.durability = Durability::kStrict};
constexpr std::array<std::string_view, 4> kCredentialHeaders{"authorization", "cookie", "proxy-authorization",
                                                             "x-api-key"};

// Columns in the order that read_item() expects.
#define TSR_OUTBOX_COLUMNS                                                                            \
  "id, idempotency_key, topic, method, url, headers_json, body, ordering_key, priority, created_ms, " \
  "not_before_ms, lease_until_ms, attempts, state, last_error"

// An item's turn: no older one of its ordering key waits or is in doubt, and none is under way.
#define TSR_OUTBOX_IN_ORDER                                                                              \
  "(item.ordering_key = '' or not exists (select 1 from tsr_outbox as other where other.ordering_key = " \
  "item.ordering_key and (other.state = 1 or (other.seq < item.seq and other.state <> 3))))"

Error bad(std::string text) { return store_error(ErrorCode::kARG, {}, std::move(text)); }
Error not_found() {
  return store_error(ErrorCode::kNOT_FOUND, {},
                     "the outbox has no item with this id; it was delivered, removed or dropped");
}
Error lease_lost() {
  return store_error(
      ErrorCode::kSTATE, {},
      "the lease of this outbox item has ended or passed to another worker; lease items again");
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7F; });
}

Status check_text(std::string_view name, std::string_view text, size_t most, bool may_be_empty) {
  if (text.empty() && !may_be_empty) return bad("an outbox item needs a " + std::string(name));
  if (text.size() > most)
    return bad("the " + std::string(name) + " of an outbox item has " + std::to_string(text.size()) +
               " bytes; use at most " + std::to_string(most));
  if (!is_utf8(text) || has_control(text))
    return bad("the " + std::string(name) + " of an outbox item must be UTF-8 without control characters");
  return {};
}

/// A password in the URL would lie in the queue as a header's would.
bool has_user_info(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view authority = url.substr(scheme + 3);
  return authority.substr(0, authority.find_first_of("/?#\\")).find('@') != std::string_view::npos;
}

Status check_headers(std::string_view headers_json) {
  if (headers_json.empty()) return {};
  const auto headers = parse_json(
      headers_json,
      {.max_document = kMaxHeadersBytes, .max_depth = 1, .max_members = 256, .max_string = size_t{16} << 10});
  if (!headers || !headers->is_object())
    return bad("the headers of an outbox item must be a JSON object of texts, at most 64 KiB");
  for (const auto& [name, value] : headers->items()) {
    const std::string lower = to_lower_ascii(trim_ascii(name));
    if (std::find(kCredentialHeaders.begin(), kCredentialHeaders.end(), lower) != kCredentialHeaders.end())
      return bad("an outbox item may not keep the header " + lower +
                 ", which holds credentials; add it when the item is sent");
    if (name.empty() || has_control(name) || !value.is_string() ||
        has_control(value.get_ref<const std::string&>()))
      return bad("a header of an outbox item needs a name and a text value without control characters");
  }
  return {};
}

Status check_item(const OutboxItem& item) {
  TSR_RETURN_IF_ERROR(check_text("topic", item.topic, kMaxTopicBytes, true));
  TSR_RETURN_IF_ERROR(check_text("method", item.method, kMaxMethodBytes, false));
  TSR_RETURN_IF_ERROR(check_text("URL", item.url, kMaxUrlBytes, false));
  TSR_RETURN_IF_ERROR(check_text("ordering key", item.ordering_key, kMaxOrderingKeyBytes, true));
  TSR_RETURN_IF_ERROR(check_text("idempotency key", item.idempotency_key, kMaxTopicBytes, true));
  if (has_user_info(item.url))
    return bad("the URL of an outbox item names a user, which is a credential; add it when the item is sent");
  return check_headers(item.headers_json);
}

int64_t size_of(const OutboxItem& item) {
  return static_cast<int64_t>(item.topic.size() + item.method.size() + item.url.size() +
                              item.headers_json.size() + item.body.size() + item.ordering_key.size());
}

OutboxItem read_item(const Statement& row) {
  const auto text = [&row](int column) { return std::string(row.column(column).text()); };
  OutboxItem item;
  item.id = text(0);
  item.idempotency_key = text(1);
  item.topic = text(2);
  item.method = text(3);
  item.url = text(4);
  item.headers_json = text(5);
  const ByteView body = row.column(6).bytes();
  item.body.assign(body.begin(), body.end());
  item.ordering_key = text(7);
  item.priority = static_cast<int32_t>(row.column(8).integer);
  item.created_ms = row.column(9).integer;
  item.not_before_ms = row.column(10).integer;
  item.lease_until_ms = row.column(11).integer;
  item.attempts = row.column(12).integer;
  item.state = static_cast<OutboxState>(row.column(13).integer);
  item.last_error = text(14);
  return item;
}

/// Binds, steps to the end.
template <class... Values>
Status run(Connection& connection, std::string_view sql, const Values&... values) {
  TSR_ASSIGN_OR_RETURN(Statement statement, connection.statement(sql));
  TSR_RETURN_IF_ERROR(statement.bind_all(values...));
  return statement.run();
}

/// Text that can be kept: valid UTF-8, not longer than an error needs to be.
std::string kept_error(std::string_view error) {
  std::string text(error.substr(0, kMaxErrorBytes));
  while (!text.empty() && !is_utf8(text) && text.size() + 4 > std::min(error.size(), kMaxErrorBytes))
    text.pop_back();
  if (is_utf8(text)) return text;
  std::string ascii;
  for (const char c : error.substr(0, kMaxErrorBytes)) ascii += c >= ' ' && c <= '~' ? c : '?';
  return ascii;
}

class OutboxImpl final : public Outbox {
 public:
  OutboxImpl(Database& database, const OutboxConfig& config) : database_(database), config_(config) {}

  Status prepare() override {
    return database_.write(kStrict, [](WriteScope& scope) {
      return scope.connection().run(
          "create table if not exists tsr_outbox (seq integer primary key autoincrement, "
          "id text not null unique, idempotency_key text not null, topic text not null, method text not "
          "null, "
          "url text not null, headers_json text not null, body blob not null, ordering_key text not null, "
          "priority integer not null, created_ms integer not null, window_ms integer not null, "
          "not_before_ms integer not null, lease_until_ms integer not null, attempts integer not null, "
          "state integer not null, last_error text not null, bytes integer not null) strict;"
          "create index if not exists tsr_outbox_next on tsr_outbox (state, priority desc, seq, bytes);"
          "create index if not exists tsr_outbox_order on tsr_outbox (ordering_key, seq, state);"
          "create index if not exists tsr_outbox_age on tsr_outbox (created_ms);"
          "create table if not exists tsr_outbox_numbers (name text primary key not null, "
          "value integer not null) strict");
    });
  }

  Result<std::string> enqueue(const OutboxItem& item) override {
    TSR_RETURN_IF_ERROR(check(item));
    std::string id;
    const Status written =
        database_.write(kStrict, [&](WriteScope& scope) { return add(scope.connection(), item, &id); });
    if (!written) return written.error();
    return id;
  }

  Result<std::string> enqueue_within(Transaction& transaction, const OutboxItem& item) override {
    TSR_RETURN_IF_ERROR(check(item));
    std::string id;
    const Status written =
        transaction.within([&](WriteScope& scope) { return add(scope.connection(), item, &id); });
    if (!written) return written.error();
    return id;
  }

  Result<std::vector<OutboxItem>> lease(std::string_view topic, size_t count) override {
    std::vector<OutboxItem> items;
    const Status written = database_.write(kStrict, [&](WriteScope& scope) -> Status {
      items.clear();
      const int64_t now_ms = now();
      TSR_RETURN_IF_ERROR(settle(scope.connection(), now_ms));
      return take_due(scope.connection(), topic, count, now_ms, &items);
    });
    if (!written) return written.error();
    return items;
  }

  Status complete(std::string_view id, int64_t attempt) override {
    return database_.write(kStrict, [&](WriteScope& scope) -> Status {
      Connection& connection = scope.connection();
      TSR_RETURN_IF_ERROR(held(connection, id, attempt));
      TSR_RETURN_IF_ERROR(run(connection, "delete from tsr_outbox where id = ?1", id));
      return add_to(connection, "delivered", 1);
    });
  }

  Status fail(std::string_view id, int64_t attempt, std::string_view error, bool permanent,
              int64_t retry_after_ms) override {
    return database_.write(kStrict, [&](WriteScope& scope) -> Status {
      Connection& connection = scope.connection();
      TSR_RETURN_IF_ERROR(held(connection, id, attempt));
      const std::string text = kept_error(error);
      if (permanent || attempt >= config_.max_attempts)
        return run(connection,
                   "update tsr_outbox set state = 3, lease_until_ms = 0, last_error = ?2 where id = ?1", id,
                   std::string_view(text));
      const int64_t wait_ms =
          retry_after_ms > 0 ? std::min(retry_after_ms, kMostRetryAfterMs) : backoff(attempt);
      return run(connection,
                 "update tsr_outbox set state = case state when 2 then 2 else 0 end, lease_until_ms = 0, "
                 "not_before_ms = ?2, last_error = ?3 where id = ?1",
                 id, now() + wait_ms, std::string_view(text));
    });
  }

  Status extend(std::string_view id, int64_t attempt, int64_t lease_ms) override {
    if (lease_ms <= 0) return bad("a lease can be extended by at least 1 ms");
    return database_.write(kStrict, [&](WriteScope& scope) -> Status {
      Connection& connection = scope.connection();
      TSR_RETURN_IF_ERROR(held(connection, id, attempt));
      return run(connection, "update tsr_outbox set state = 1, lease_until_ms = ?2 where id = ?1", id,
                 now() + std::min(lease_ms, kMostRetryAfterMs));
    });
  }

  Status retry(std::string_view id) override {
    return database_.write(kStrict, [&](WriteScope& scope) -> Status {
      Connection& connection = scope.connection();
      TSR_RETURN_IF_ERROR(run(connection,
                              "update tsr_outbox set state = 0, attempts = 0, lease_until_ms = 0, "
                              "not_before_ms = ?2, window_ms = ?2 where id = ?1 and state in (2, 3)",
                              id, now()));
      if (connection.changes() != 0) return {};
      TSR_ASSIGN_OR_RETURN(const bool known, exists(connection, id));
      if (!known) return not_found();
      return store_error(ErrorCode::kSTATE, {},
                         "this outbox item is neither dead nor ambiguous; it is retried by itself");
    });
  }

  Status remove(std::string_view id) override {
    return database_.write(kStrict, [&](WriteScope& scope) -> Status {
      TSR_RETURN_IF_ERROR(run(scope.connection(), "delete from tsr_outbox where id = ?1", id));
      if (scope.connection().changes() == 0) return not_found();
      return {};
    });
  }

  Result<int64_t> revoke(std::string_view topic) override {
    int64_t dropped = 0;
    const Status written = database_.write(kStrict, [&](WriteScope& scope) -> Status {
      TSR_RETURN_IF_ERROR(run(scope.connection(), "delete from tsr_outbox where topic = ?1", topic));
      dropped = scope.connection().changes();
      return add_to(scope.connection(), "dropped_revoked", dropped);
    });
    if (!written) return written.error();
    return dropped;
  }

  Result<std::optional<OutboxItem>> find(std::string_view id) override {
    std::optional<OutboxItem> item;
    const Status read = database_.read({}, [&](Connection& connection) -> Status {
      TSR_ASSIGN_OR_RETURN(Statement statement, connection.statement("select " TSR_OUTBOX_COLUMNS
                                                                     " from tsr_outbox where id = ?1"));
      TSR_RETURN_IF_ERROR(statement.bind_all(id));
      TSR_ASSIGN_OR_RETURN(const bool found, statement.step());
      if (found) item = read_item(statement);
      return {};
    });
    if (!read) return read.error();
    return item;
  }

  Result<std::vector<OutboxItem>> list(std::optional<OutboxState> state, size_t limit) override {
    std::vector<OutboxItem> items;
    const Status read = database_.read({}, [&](Connection& connection) -> Status {
      TSR_ASSIGN_OR_RETURN(
          Statement statement,
          connection.statement("select " TSR_OUTBOX_COLUMNS " from tsr_outbox where ?1 < 0 or state = ?1 "
                               "order by seq limit ?2"));
      TSR_RETURN_IF_ERROR(
          statement.bind_all(state ? static_cast<int64_t>(*state) : int64_t{-1}, limit_of(limit)));
      return read_items(statement, &items);
    });
    if (!read) return read.error();
    return items;
  }

  Result<OutboxCounts> counts() override {
    OutboxCounts counts;
    const Status read = database_.read({}, [&](Connection& connection) -> Status {
      TSR_RETURN_IF_ERROR(count_states(connection, &counts));
      return count_ends(connection, &counts);
    });
    if (!read) return read.error();
    return counts;
  }

  Result<std::optional<int64_t>> next_due_ms() override {
    std::optional<int64_t> due_ms;
    const Status read = database_.read({}, [&](Connection& connection) -> Status {
      TSR_ASSIGN_OR_RETURN(
          Statement statement,
          connection.statement("select min(due) from (select min(lease_until_ms) as due from tsr_outbox "
                               "where state = 1 union all select min(not_before_ms) from tsr_outbox as item "
                               "where state = 0 and " TSR_OUTBOX_IN_ORDER ")"));
      TSR_ASSIGN_OR_RETURN(const bool found, statement.step());
      if (found && !statement.column(0).is_null()) due_ms = statement.column(0).integer;
      return {};
    });
    if (!read) return read.error();
    return due_ms;
  }

 private:
  int64_t now() const { return database_.clock().wall_ms(); }

  static int64_t limit_of(size_t count) { return static_cast<int64_t>(std::min<size_t>(count, 1'000'000)); }

  Status check(const OutboxItem& item) const {
    TSR_RETURN_IF_ERROR(check_item(item));
    if (size_of(item) <= config_.max_bytes) return {};
    return store_error(ErrorCode::kLIMIT, {},
                       "an outbox item of " + std::to_string(size_of(item)) +
                           " bytes is larger than the whole queue may be (" +
                           std::to_string(config_.max_bytes) + ")");
  }

  // --- Inside a write ---

  Status add(Connection& connection, const OutboxItem& item, std::string* id) {
    const int64_t now_ms = now();
    TSR_RETURN_IF_ERROR(make_room(connection, item));
    *id = uuid_text(make_uuid7(database_.random(), now_ms));
    const std::string idempotency_key =
        item.idempotency_key.empty() ? uuid_text(make_uuid4(database_.random())) : item.idempotency_key;
    static constexpr uint8_t kNothing = 0;  // an empty vector's data may be null, which would bind NULL
    const ByteView body = item.body.empty() ? ByteView(&kNothing, 0) : ByteView(item.body);
    return run(
        connection,
        "insert into tsr_outbox (id, idempotency_key, topic, method, url, headers_json, body, "
        "ordering_key, priority, created_ms, window_ms, not_before_ms, lease_until_ms, attempts, state, "
        "last_error, bytes) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11, 0, 0, 0, '', ?12)",
        std::string_view(*id), std::string_view(idempotency_key), std::string_view(item.topic),
        std::string_view(item.method), std::string_view(item.url), std::string_view(item.headers_json), body,
        std::string_view(item.ordering_key), int64_t{item.priority}, now_ms,
        std::max<int64_t>(item.not_before_ms, 0), size_of(item));
  }

  /// Drops what is worth less than `item`; items that are being sent stay.
  Status make_room(Connection& connection, const OutboxItem& item) {
    TSR_ASSIGN_OR_RETURN(const int64_t count, connection.integer("select count(*) from tsr_outbox"));
    TSR_ASSIGN_OR_RETURN(const int64_t size,
                         connection.integer("select coalesce(sum(bytes), 0) from tsr_outbox"));
    int64_t rows = count + 1;
    int64_t bytes = size + size_of(item);
    std::vector<int64_t> victims;
    {
      TSR_ASSIGN_OR_RETURN(Statement statement,
                           connection.statement("select seq, bytes from tsr_outbox where state <> 1 and "
                                                "priority <= ?1 order by priority, seq"));
      TSR_RETURN_IF_ERROR(statement.bind_all(int64_t{item.priority}));
      while (rows > config_.max_rows || bytes > config_.max_bytes) {
        TSR_ASSIGN_OR_RETURN(const bool found, statement.step());
        if (!found)
          return store_error(ErrorCode::kLIMIT, {},
                             "the outbox is full of items of higher priority or under way; send some first");
        victims.push_back(statement.column(0).integer);
        bytes -= statement.column(1).integer;
        --rows;
      }
    }
    for (const int64_t seq : victims)
      TSR_RETURN_IF_ERROR(run(connection, "delete from tsr_outbox where seq = ?1", seq));
    return add_to(connection, "dropped_full", static_cast<int64_t>(victims.size()));
  }

  /// What time brings: leases that ran out, items too old to keep or to send unasked.
  Status settle(Connection& connection, int64_t now_ms) {
    TSR_RETURN_IF_ERROR(follow_clock(connection, now_ms));
    TSR_RETURN_IF_ERROR(run(connection,
                            "update tsr_outbox set state = case when attempts >= ?2 then 3 else 0 end "
                            "where state = 1 and lease_until_ms <= ?1",
                            now_ms, config_.max_attempts));
    TSR_RETURN_IF_ERROR(run(connection, "delete from tsr_outbox where created_ms < ?1 and state <> 1",
                            now_ms - config_.max_age_ms));
    TSR_RETURN_IF_ERROR(add_to(connection, "dropped_age", connection.changes()));
    return run(connection,
               "update tsr_outbox set state = 2 where state = 0 and attempts > 0 and window_ms < ?1",
               now_ms - config_.key_window_ms);
  }

  /// Times written while the clock ran more than an hour ahead move back with it.
  static Status follow_clock(Connection& connection, int64_t now_ms) {
    TSR_ASSIGN_OR_RETURN(const int64_t high_ms,
                         connection.integer("select coalesce(max(value), 0) from tsr_outbox_numbers "
                                            "where name = 'high_ms'"));
    if (now_ms >= high_ms - kClockStepMs && now_ms <= high_ms) return {};
    if (now_ms < high_ms)
      TSR_RETURN_IF_ERROR(
          run(connection,
              "update tsr_outbox set created_ms = min(created_ms, ?1), window_ms = min(window_ms, ?1), "
              "not_before_ms = max(not_before_ms - ?2, 0), lease_until_ms = max(lease_until_ms - ?2, 0)",
              now_ms, high_ms - now_ms));
    return run(connection,
               "insert into tsr_outbox_numbers (name, value) values ('high_ms', ?1) "
               "on conflict (name) do update set value = excluded.value",
               now_ms);
  }

  Status take_due(Connection& connection, std::string_view topic, size_t count, int64_t now_ms,
                  std::vector<OutboxItem>* items) {
    {
      TSR_ASSIGN_OR_RETURN(
          Statement statement,
          connection.statement("select " TSR_OUTBOX_COLUMNS
                               " from tsr_outbox as item where state = 0 and not_before_ms <= ?1 and "
                               "(?2 = '' or topic = ?2) and " TSR_OUTBOX_IN_ORDER
                               " order by priority desc, seq limit ?3"));
      TSR_RETURN_IF_ERROR(statement.bind_all(now_ms, topic, limit_of(count)));
      TSR_RETURN_IF_ERROR(read_items(statement, items));
    }
    for (OutboxItem& item : *items) {
      item.state = OutboxState::kLeased;
      ++item.attempts;
      item.lease_until_ms = now_ms + config_.lease_ms;
      TSR_RETURN_IF_ERROR(
          run(connection, "update tsr_outbox set state = 1, attempts = ?2, lease_until_ms = ?3 where id = ?1",
              std::string_view(item.id), item.attempts, item.lease_until_ms));
    }
    return {};
  }

  static Status read_items(Statement& statement, std::vector<OutboxItem>* items) {
    for (;;) {
      TSR_ASSIGN_OR_RETURN(const bool found, statement.step());
      if (!found) return {};
      items->push_back(read_item(statement));
    }
  }

  /// Whether the lease is `attempt`'s. One that ran out still is, until the item is leased again.
  static Status held(Connection& connection, std::string_view id, int64_t attempt) {
    TSR_ASSIGN_OR_RETURN(
        Statement statement,
        connection.statement("select attempts, lease_until_ms, state from tsr_outbox where id = ?1"));
    TSR_RETURN_IF_ERROR(statement.bind_all(id));
    TSR_ASSIGN_OR_RETURN(const bool found, statement.step());
    if (!found) return not_found();
    const bool is_held = statement.column(0).integer == attempt && statement.column(1).integer != 0;
    if (!is_held) return lease_lost();
    return {};
  }

  static Result<bool> exists(Connection& connection, std::string_view id) {
    TSR_ASSIGN_OR_RETURN(Statement statement, connection.statement("select 1 from tsr_outbox where id = ?1"));
    TSR_RETURN_IF_ERROR(statement.bind_all(id));
    return statement.step();
  }

  static Status add_to(Connection& connection, std::string_view name, int64_t amount) {
    if (amount == 0) return {};
    return run(connection,
               "insert into tsr_outbox_numbers (name, value) values (?1, ?2) "
               "on conflict (name) do update set value = value + excluded.value",
               name, amount);
  }

  static Status count_states(Connection& connection, OutboxCounts* counts) {
    TSR_ASSIGN_OR_RETURN(
        Statement statement,
        connection.statement("select state, count(*), sum(bytes) from tsr_outbox group by state"));
    for (;;) {
      TSR_ASSIGN_OR_RETURN(const bool found, statement.step());
      if (!found) return {};
      const int64_t rows = statement.column(1).integer;
      counts->bytes += statement.column(2).integer;
      switch (static_cast<OutboxState>(statement.column(0).integer)) {
        case OutboxState::kPending:
          counts->pending = rows;
          break;
        case OutboxState::kLeased:
          counts->leased = rows;
          break;
        case OutboxState::kAmbiguous:
          counts->ambiguous = rows;
          break;
        case OutboxState::kDead:
          counts->dead = rows;
          break;
      }
    }
  }

  static Status count_ends(Connection& connection, OutboxCounts* counts) {
    const std::array<std::pair<std::string_view, int64_t*>, 4> numbers{
        {{"delivered", &counts->delivered},
         {"dropped_full", &counts->dropped_full},
         {"dropped_age", &counts->dropped_age},
         {"dropped_revoked", &counts->dropped_revoked}}};
    for (const auto& [name, number] : numbers) {
      TSR_ASSIGN_OR_RETURN(Statement statement,
                           connection.statement("select value from tsr_outbox_numbers where name = ?1"));
      TSR_RETURN_IF_ERROR(statement.bind_all(name));
      TSR_ASSIGN_OR_RETURN(const bool found, statement.step());
      if (found) *number = statement.column(0).integer;
    }
    return {};
  }

  /// Random in [0, base x 2^(attempt - 1)], capped: retries of many clients spread.
  int64_t backoff(int64_t attempt) {
    int64_t most_ms = config_.backoff_base_ms;
    for (int64_t i = 1; i < attempt && most_ms < config_.backoff_cap_ms; ++i) most_ms *= 2;
    most_ms = std::min(most_ms, config_.backoff_cap_ms);
    std::array<uint8_t, 8> bytes;
    database_.random().fill(bytes);
    return static_cast<int64_t>(big_endian(bytes) %
                                (static_cast<uint64_t>(std::max<int64_t>(most_ms, 0)) + 1));
  }

  Database& database_;
  const OutboxConfig config_;
};

}  // namespace

Result<std::unique_ptr<Outbox>> Outbox::open(Database& database, const OutboxConfig& config) {
  if (config.max_rows <= 0 || config.max_bytes <= 0 || config.lease_ms <= 0 || config.max_attempts <= 0)
    return bad("the limits of an outbox must be above zero");
  auto outbox = std::make_unique<OutboxImpl>(database, config);
  TSR_RETURN_IF_ERROR(outbox->prepare());
  return std::unique_ptr<Outbox>(std::move(outbox));
}

}  // namespace tessera::store
