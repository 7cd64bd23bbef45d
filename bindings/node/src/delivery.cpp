// The delivery of a store's outbox.
#include <deque>
#include <vector>

#include "call.hpp"
#include "define.hpp"
#include "sink.hpp"

namespace tessera::node {

namespace {

void on_event(void* user, const tsr_delivery_event* event) {
  detail::tell(
      *static_cast<const detail::Waiter*>(user),
      {static_cast<double>(event->kind), static_cast<double>(event->reason), detail::text_of(event->id),
       detail::text_of(event->topic), detail::text_of(event->host), detail::text_of(event->text),
       static_cast<double>(event->pending), static_cast<double>(event->leased),
       static_cast<double>(event->ambiguous), static_cast<double>(event->dead)});
}

/// (store, http, concurrency, leaseMs, spacingMs, consentTopics, function or undefined) => delivery
Napi::Value start_delivery(const Napi::CallbackInfo& info) {
  const In<tsr_store*> store(info[0]);
  const In<tsr_http*> http(info[1]);
  tsr_delivery_opts opts;
  tsr_delivery_opts_init(&opts, sizeof opts);
  opts.concurrency = In<uint32_t>(info[2]).get();
  opts.lease_ms = In<int64_t>(info[3]).get();
  opts.spacing_ms = In<int64_t>(info[4]).get();
  std::deque<In<tsr_str>> texts;
  std::vector<tsr_str> topics;
  const auto given = info[5].As<Napi::Array>();
  for (uint32_t i = 0; i < given.Length(); ++i)
    topics.push_back(texts.emplace_back(Napi::Value(given.Get(i))).get());
  opts.consent_topics = topics.data();
  opts.consent_topic_count = topics.size();
  Out<tsr_delivery*> out;
  const bool is_heard = !info[6].IsUndefined();
  const auto start = [&](void* user, void (*user_free)(void*), tsr_sub**, tsr_error** error) {
    return tsr_delivery_start(store.get(), http.get(), &opts, is_heard ? &on_event : nullptr, user, user_free,
                              out.slot(), error);
  };
  if (is_heard) {
    detail::add_sink(info.Env(), info[6], start);
  } else {
    tsr_error* error = nullptr;
    const tsr_status status = start(nullptr, nullptr, nullptr, &error);
    check(info.Env(), status, error);
  }
  return out.take(info.Env());
}

constexpr auto kPoke = [](tsr_delivery* delivery, Nothing*, tsr_error** error) noexcept -> tsr_status {
  return tsr_delivery_poke(delivery, error);
};

constexpr auto kRetryNow = [](tsr_delivery* delivery, Nothing*, tsr_error** error) noexcept -> tsr_status {
  return tsr_delivery_retry_now(delivery, error);
};

constexpr auto kSetConsent = [](tsr_delivery* delivery, tsr_str topic, bool granted,
                                const Start& to) noexcept -> tsr_status {
  return to(&tsr_delivery_set_consent_async, delivery, topic, int32_t{granted});
};

}  // namespace

void define_delivery(Napi::Env env, Napi::Object exports) {
  define<&start_delivery>(env, exports, "deliveryStart");
  define<&call<kPoke>>(env, exports, "deliveryPoke");
  define<&call<kRetryNow>>(env, exports, "deliveryRetryNow");
  define<&start<kSetConsent, kTakeChanges>>(env, exports, "deliverySetConsent");
  define<&start<&tsr_delivery_stop_async, kTakeNothing>>(env, exports, "deliveryStop");
}

}  // namespace tessera::node
