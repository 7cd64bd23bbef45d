// The outbox inside a store.
#include "call.hpp"
#include "define.hpp"

namespace tessera::node {

/// {topic, method, url, headers, orderingKey, idempotencyKey, body, priority, notBeforeMs}
template <>
class In<const tsr_outbox_item*> {
 public:
  explicit In(Napi::Value value)
      : topic_(member(value, "topic")),
        method_(member(value, "method")),
        url_(member(value, "url")),
        headers_(member(value, "headers")),
        ordering_key_(member(value, "orderingKey")),
        idempotency_key_(member(value, "idempotencyKey")),
        body_(member(value, "body")) {
    tsr_outbox_item_init(&item_, sizeof item_);
    item_.priority = In<int32_t>(member(value, "priority")).get();
    item_.topic = topic_.get();
    item_.method = method_.get();
    item_.url = url_.get();
    item_.headers_json = headers_.get();
    item_.ordering_key = ordering_key_.get();
    item_.idempotency_key = idempotency_key_.get();
    item_.body = body_.get().data;
    item_.body_len = body_.get().len;
    item_.not_before_ms = In<int64_t>(member(value, "notBeforeMs")).get();
  }
  const tsr_outbox_item* get() const { return &item_; }

 private:
  static Napi::Value member(Napi::Value value, const char* name) {
    if (!value.IsObject()) throw Napi::TypeError::New(value.Env(), "an item is an object");
    return value.As<Napi::Object>().Get(name);
  }

  In<tsr_str> topic_;
  In<tsr_str> method_;
  In<tsr_str> url_;
  In<tsr_str> headers_;
  In<tsr_str> ordering_key_;
  In<tsr_str> idempotency_key_;
  In<OptionalBytes> body_;
  tsr_outbox_item item_;
};

namespace {

constexpr auto kLease = [](tsr_store* store, tsr_str topic, uint32_t most,
                           const Start& to) noexcept -> tsr_status {
  return to(&tsr_outbox_lease_async, store, topic, size_t{most});
};

constexpr auto kList = [](tsr_store* store, int32_t state, uint32_t most,
                          const Start& to) noexcept -> tsr_status {
  return to(&tsr_outbox_list_async, store, state, size_t{most});
};

}  // namespace

void define_outbox(Napi::Env env, Napi::Object exports) {
  define<&start<&tsr_outbox_enqueue_async, &tsr_op_buf>>(env, exports, "outboxEnqueue");
  define<&start<&tsr_tx_enqueue_async, &tsr_op_buf>>(env, exports, "txEnqueue");
  define<&call<&tsr_tx_enqueue>>(env, exports, "txEnqueueSync");
  define<&start<kLease, &tsr_op_rowset>>(env, exports, "outboxLease");
  define<&start<&tsr_outbox_complete_async, kTakeNothing>>(env, exports, "outboxComplete");
  define<&start<&tsr_outbox_fail_async, kTakeNothing>>(env, exports, "outboxFail");
  define<&start<&tsr_outbox_extend_async, kTakeNothing>>(env, exports, "outboxExtend");
  define<&start<&tsr_outbox_retry_async, kTakeNothing>>(env, exports, "outboxRetry");
  define<&start<&tsr_outbox_remove_async, kTakeNothing>>(env, exports, "outboxRemove");
  define<&start<&tsr_outbox_revoke_async, kTakeChanges>>(env, exports, "outboxRevoke");
  define<&start<kList, &tsr_op_rowset>>(env, exports, "outboxList");
  define<&start<&tsr_outbox_counts_async, &tsr_op_rowset>>(env, exports, "outboxCounts");
}

}  // namespace tessera::node
