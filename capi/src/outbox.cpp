#include "tessera/outbox.h"

#include "call.hpp"
#include "guard.hpp"
#include "op.hpp"
#include "options.hpp"
#include "store_handle.hpp"
#include "tx_handle.hpp"
#include "values.hpp"

using tessera::ByteView;
using tessera::Result;
using tessera::Status;
using tessera::to_bytes;
using tessera::capi::argument_error;
using tessera::capi::bytes_in;
using tessera::capi::Call;
using tessera::capi::clear;
using tessera::capi::guard;
using tessera::capi::optional_text_in;
using tessera::capi::options_in;
using tessera::capi::place_of;
using tessera::capi::require_out;
using tessera::capi::RowsetPtr;
using tessera::capi::run_now;
using tessera::capi::start;
using tessera::capi::store_of;
using tessera::capi::StoreRef;
using tessera::capi::text_in;
using tessera::capi::tx_of;
using tessera::capi::TxPtr;
using tessera::store::Outbox;
using tessera::store::OutboxItem;
using tessera::store::OutboxState;
using tessera::store::Outcome;
using tessera::store::RowSet;
using tessera::store::Value;

static_assert(TSR_OUTBOX_PENDING == int32_t(OutboxState::kPending) &&
              TSR_OUTBOX_LEASED == int32_t(OutboxState::kLeased) &&
              TSR_OUTBOX_AMBIGUOUS == int32_t(OutboxState::kAmbiguous) &&
              TSR_OUTBOX_DEAD == int32_t(OutboxState::kDead));

namespace {

constexpr size_t kFirstItemSize =
    offsetof(tsr_outbox_item, not_before_ms) + sizeof(tsr_outbox_item::not_before_ms);

Status read_text(tsr_str text, const char* name, std::string* out) {
  TSR_ASSIGN_OR_RETURN(const auto given, optional_text_in(text, name));
  *out = given;
  return {};
}

Result<OutboxItem> item_in(const tsr_outbox_item* item) {
  if (item == nullptr) return argument_error("item is NULL");
  TSR_ASSIGN_OR_RETURN(const auto own, options_in(item, kFirstItemSize, "item", "tsr_outbox_item_init"));
  OutboxItem read;
  read.priority = own.priority;
  read.not_before_ms = own.not_before_ms;
  TSR_RETURN_IF_ERROR(read_text(own.topic, "item.topic", &read.topic));
  TSR_RETURN_IF_ERROR(read_text(own.method, "item.method", &read.method));
  TSR_RETURN_IF_ERROR(read_text(own.url, "item.url", &read.url));
  TSR_RETURN_IF_ERROR(read_text(own.headers_json, "item.headers_json", &read.headers_json));
  TSR_RETURN_IF_ERROR(read_text(own.ordering_key, "item.ordering_key", &read.ordering_key));
  TSR_RETURN_IF_ERROR(read_text(own.idempotency_key, "item.idempotency_key", &read.idempotency_key));
  if (read.topic.empty()) return argument_error("item.topic is required");
  if (read.url.empty()) return argument_error("item.url is required");
  if (read.method.empty()) read.method = "POST";
  TSR_ASSIGN_OR_RETURN(const auto body, bytes_in(own.body, own.body_len, "item.body"));
  read.body = to_bytes(body);
  return read;
}

RowsetPtr as_rows(const std::vector<OutboxItem>& items) {
  RowSet rows({"id", "topic", "method", "url", "headers_json", "body", "ordering_key", "idempotency_key",
               "priority", "state", "attempts", "created_ms", "not_before_ms", "lease_until_ms",
               "last_error"});
  const auto text = [](const std::string& content) { return Value::of(std::string_view(content)); };
  const auto number = [](auto value) { return Value::of(static_cast<int64_t>(value)); };
  for (const OutboxItem& item : items) {
    const Value cells[] = {text(item.id),
                           text(item.topic),
                           text(item.method),
                           text(item.url),
                           text(item.headers_json),
                           Value::of(ByteView(item.body)),
                           text(item.ordering_key),
                           text(item.idempotency_key),
                           number(item.priority),
                           number(item.state),
                           number(item.attempts),
                           number(item.created_ms),
                           number(item.not_before_ms),
                           number(item.lease_until_ms),
                           text(item.last_error)};
    rows.add(cells);
  }
  return std::make_unique<tsr_rowset>(std::move(rows));
}

Result<RowsetPtr> as_rows(const Result<std::vector<OutboxItem>>& items) {
  if (!items.ok()) return items.error();
  return as_rows(items.value());
}

Result<Call<std::string>> enqueuing(tsr_store* store, const tsr_outbox_item* item) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(auto read, item_in(item));
  return Call<std::string>{ref.place(),
                           [ref, read = std::move(read)] { return ref.core().outbox().enqueue(read); }};
}

Result<Call<std::string>> enqueuing_within(tsr_tx* handle, const tsr_outbox_item* item) {
  TSR_ASSIGN_OR_RETURN(const TxPtr tx, tx_of(handle));
  TSR_ASSIGN_OR_RETURN(auto read, item_in(item));
  return Call<std::string>{place_of(tx), [tx, read = std::move(read)] {
                             return tx->ref.core().outbox().enqueue_within(*tx->transaction, read);
                           }};
}

Result<Call<RowsetPtr>> leasing(tsr_store* store, tsr_str topic, size_t max_items) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto name, optional_text_in(topic, "topic"));
  if (max_items == 0) return argument_error("max_items is 0");
  return Call<RowsetPtr>{ref.place(), [ref, name = std::string(name), max_items] {
                           return as_rows(ref.core().outbox().lease(name, max_items));
                         }};
}

/// Runs what concerns one item.
template <class Body>
Result<Call<void>> on_item(tsr_store* store, tsr_str id, const Body& body) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto which, text_in(id, "id"));
  return Call<void>{ref.place(),
                    [ref, which = std::string(which), body] { return body(ref.core().outbox(), which); }};
}

Result<Call<void>> completing(tsr_store* store, tsr_str id, int64_t attempt) {
  return on_item(store, id, [attempt](Outbox& outbox, const std::string& which) {
    return outbox.complete(which, attempt);
  });
}

Result<Call<void>> failing(tsr_store* store, tsr_str id, int64_t attempt, tsr_str reason, uint32_t flags,
                           int64_t retry_after_ms) {
  TSR_ASSIGN_OR_RETURN(const auto why, optional_text_in(reason, "reason"));
  if ((flags & ~uint32_t{TSR_OUTBOX_PERMANENT}) != 0) return argument_error("flags has an unknown bit");
  if (retry_after_ms < 0) return argument_error("retry_after_ms is negative");
  const bool permanent = (flags & TSR_OUTBOX_PERMANENT) != 0;
  return on_item(
      store, id,
      [attempt, why = std::string(why), permanent, retry_after_ms](Outbox& outbox, const std::string& which) {
        return outbox.fail(which, attempt, why, permanent, retry_after_ms);
      });
}

Result<Call<void>> extending(tsr_store* store, tsr_str id, int64_t attempt, int64_t lease_ms) {
  if (lease_ms <= 0) return argument_error("lease_ms is not positive");
  return on_item(store, id, [attempt, lease_ms](Outbox& outbox, const std::string& which) {
    return outbox.extend(which, attempt, lease_ms);
  });
}

Result<Call<void>> retrying(tsr_store* store, tsr_str id) {
  return on_item(store, id, [](Outbox& outbox, const std::string& which) { return outbox.retry(which); });
}

Result<Call<void>> removing(tsr_store* store, tsr_str id) {
  return on_item(store, id, [](Outbox& outbox, const std::string& which) { return outbox.remove(which); });
}

Result<Call<Outcome>> revoking(tsr_store* store, tsr_str topic) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto name, text_in(topic, "topic"));
  if (name.empty()) return argument_error("topic is empty");
  return Call<Outcome>{ref.place(), [ref, name = std::string(name)]() -> Result<Outcome> {
                         TSR_ASSIGN_OR_RETURN(const int64_t count, ref.core().outbox().revoke(name));
                         return Outcome{.changes = count};
                       }};
}

Result<Call<RowsetPtr>> listing(tsr_store* store, int32_t state, size_t max_items) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  if (state < -1 || state > TSR_OUTBOX_DEAD) return argument_error("state is not -1 or one of TSR_OUTBOX_*");
  const auto wanted = state < 0 ? std::nullopt : std::optional(static_cast<OutboxState>(state));
  return Call<RowsetPtr>{
      ref.place(), [ref, wanted, max_items] { return as_rows(ref.core().outbox().list(wanted, max_items)); }};
}

Result<RowsetPtr> count(Outbox& outbox) {
  TSR_ASSIGN_OR_RETURN(const auto counts, outbox.counts());
  TSR_ASSIGN_OR_RETURN(const auto next_due, outbox.next_due_ms());
  RowSet rows({"pending", "leased", "ambiguous", "dead", "bytes", "delivered", "dropped_full", "dropped_age",
               "dropped_revoked", "next_due_ms"});
  const Value cells[] = {
      Value::of(counts.pending),         Value::of(counts.leased),
      Value::of(counts.ambiguous),       Value::of(counts.dead),
      Value::of(counts.bytes),           Value::of(counts.delivered),
      Value::of(counts.dropped_full),    Value::of(counts.dropped_age),
      Value::of(counts.dropped_revoked), next_due.has_value() ? Value::of(*next_due) : Value{}};
  rows.add(cells);
  return std::make_unique<tsr_rowset>(std::move(rows));
}

Result<Call<RowsetPtr>> counting(tsr_store* store) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  return Call<RowsetPtr>{ref.place(), [ref] { return count(ref.core().outbox()); }};
}

}  // namespace

tsr_status tsr_outbox_enqueue(tsr_store* store, const tsr_outbox_item* item, tsr_buf* out,
                              tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&] { return run_now(enqueuing(store, item), out); });
}

tsr_status tsr_outbox_enqueue_async(tsr_store* store, const tsr_outbox_item* item, tsr_done_fn done,
                                    void* user, void (*user_free)(void*), tsr_op** out,
                                    tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return enqueuing(store, item); });
}

tsr_status tsr_tx_enqueue(tsr_tx* tx, const tsr_outbox_item* item, tsr_buf* out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&] { return run_now(enqueuing_within(tx, item), out); });
}

tsr_status tsr_tx_enqueue_async(tsr_tx* tx, const tsr_outbox_item* item, tsr_done_fn done, void* user,
                                void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return enqueuing_within(tx, item); });
}

tsr_status tsr_outbox_lease(tsr_store* store, tsr_str topic, size_t max_items, tsr_rowset** out,
                            tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_now(leasing(store, topic, max_items), out);
  });
}

tsr_status tsr_outbox_lease_async(tsr_store* store, tsr_str topic, size_t max_items, tsr_done_fn done,
                                  void* user, void (*user_free)(void*), tsr_op** out,
                                  tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return leasing(store, topic, max_items); });
}

tsr_status tsr_outbox_complete(tsr_store* store, tsr_str id, int64_t attempt, tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(completing(store, id, attempt)); });
}

tsr_status tsr_outbox_complete_async(tsr_store* store, tsr_str id, int64_t attempt, tsr_done_fn done,
                                     void* user, void (*user_free)(void*), tsr_op** out,
                                     tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return completing(store, id, attempt); });
}

tsr_status tsr_outbox_fail(tsr_store* store, tsr_str id, int64_t attempt, tsr_str reason, uint32_t flags,
                           int64_t retry_after_ms, tsr_error** err) noexcept {
  return guard(__func__, err,
               [&] { return run_now(failing(store, id, attempt, reason, flags, retry_after_ms)); });
}

tsr_status tsr_outbox_fail_async(tsr_store* store, tsr_str id, int64_t attempt, tsr_str reason,
                                 uint32_t flags, int64_t retry_after_ms, tsr_done_fn done, void* user,
                                 void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return failing(store, id, attempt, reason, flags, retry_after_ms); });
}

tsr_status tsr_outbox_extend(tsr_store* store, tsr_str id, int64_t attempt, int64_t lease_ms,
                             tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(extending(store, id, attempt, lease_ms)); });
}

tsr_status tsr_outbox_extend_async(tsr_store* store, tsr_str id, int64_t attempt, int64_t lease_ms,
                                   tsr_done_fn done, void* user, void (*user_free)(void*), tsr_op** out,
                                   tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return extending(store, id, attempt, lease_ms); });
}

tsr_status tsr_outbox_retry(tsr_store* store, tsr_str id, tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(retrying(store, id)); });
}

tsr_status tsr_outbox_retry_async(tsr_store* store, tsr_str id, tsr_done_fn done, void* user,
                                  void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return retrying(store, id); });
}

tsr_status tsr_outbox_remove(tsr_store* store, tsr_str id, tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(removing(store, id)); });
}

tsr_status tsr_outbox_remove_async(tsr_store* store, tsr_str id, tsr_done_fn done, void* user,
                                   void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return removing(store, id); });
}

tsr_status tsr_outbox_revoke(tsr_store* store, tsr_str topic, int64_t* count_out, tsr_error** err) noexcept {
  clear(count_out);
  return guard(__func__, err, [&] { return run_now(revoking(store, topic), count_out); });
}

tsr_status tsr_outbox_revoke_async(tsr_store* store, tsr_str topic, tsr_done_fn done, void* user,
                                   void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return revoking(store, topic); });
}

tsr_status tsr_outbox_list(tsr_store* store, int32_t state, size_t max_items, tsr_rowset** out,
                           tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_now(listing(store, state, max_items), out);
  });
}

tsr_status tsr_outbox_list_async(tsr_store* store, int32_t state, size_t max_items, tsr_done_fn done,
                                 void* user, void (*user_free)(void*), tsr_op** out,
                                 tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return listing(store, state, max_items); });
}

tsr_status tsr_outbox_counts(tsr_store* store, tsr_rowset** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_now(counting(store), out);
  });
}

tsr_status tsr_outbox_counts_async(tsr_store* store, tsr_done_fn done, void* user, void (*user_free)(void*),
                                   tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return counting(store); });
}
