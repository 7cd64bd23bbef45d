// The delivery of an outbox.
#include "tessera/delivery.h"

#include "app/delivery_core.hpp"
#include "call.hpp"
#include "guard.hpp"
#include "http_handle.hpp"
#include "op.hpp"
#include "options.hpp"
#include "store_handle.hpp"
#include "user_data.hpp"

using tessera::DeliveryCore;
using tessera::Result;
using tessera::Status;
using tessera::capi::argument_error;
using tessera::capi::borrowed;
using tessera::capi::Call;
using tessera::capi::clear;
using tessera::capi::guard;
using tessera::capi::guard_free;
using tessera::capi::Handle;
using tessera::capi::http_of;
using tessera::capi::options_in;
using tessera::capi::require_out;
using tessera::capi::require_usable;
using tessera::capi::run_now;
using tessera::capi::start;
using tessera::capi::store_of;
using tessera::capi::Tag;
using tessera::capi::text_in;
using tessera::capi::UserData;
using tessera::http::DeliveryConfig;
using tessera::http::DeliveryEvent;
using tessera::http::PauseReason;
using tessera::store::Outcome;

using Kind = DeliveryEvent::Kind;
static_assert(TSR_DELIVERY_DELIVERED == int32_t(Kind::kDelivered) &&
              TSR_DELIVERY_DEAD == int32_t(Kind::kDead) &&
              TSR_DELIVERY_AMBIGUOUS == int32_t(Kind::kAmbiguous) &&
              TSR_DELIVERY_PAUSED == int32_t(Kind::kPaused) &&
              TSR_DELIVERY_RESUMED == int32_t(Kind::kResumed) && TSR_DELIVERY_DEPTH == int32_t(Kind::kDepth));
static_assert(TSR_DELIVERY_OFFLINE == int32_t(PauseReason::kOffline) &&
              TSR_DELIVERY_UNAVAILABLE == int32_t(PauseReason::kUnavailable) &&
              TSR_DELIVERY_UNAUTHORIZED == int32_t(PauseReason::kUnauthorized) &&
              TSR_DELIVERY_BUSY == int32_t(PauseReason::kBusy) &&
              TSR_DELIVERY_CLOSED == int32_t(PauseReason::kClosed) &&
              TSR_DELIVERY_STORE == int32_t(PauseReason::kStore) &&
              TSR_DELIVERY_CONSENT == int32_t(PauseReason::kConsent));

struct tsr_delivery : Handle<Tag::kDelivery> {
  explicit tsr_delivery(std::shared_ptr<DeliveryCore> started) : core(std::move(started)) {}
  const std::shared_ptr<DeliveryCore> core;
  const tessera::ForkGuard fork;
};

namespace {

using DeliveryPtr = std::shared_ptr<DeliveryCore>;

constexpr size_t kFirst = offsetof(tsr_delivery_opts, consent_topic_count) + sizeof(size_t);

/// The copy lives as long as the call, so that a callback may free the handle.
Result<DeliveryPtr> delivery_of(const tsr_delivery* handle) {
  TSR_RETURN_IF_ERROR(require_usable(handle, "delivery"));
  return handle->core;
}

Result<DeliveryConfig> config_in(const tsr_delivery_opts* opts) {
  TSR_ASSIGN_OR_RETURN(const tsr_delivery_opts given,
                       options_in(opts, kFirst, "opts", "tsr_delivery_opts_init"));
  if (given.consent_topics == nullptr && given.consent_topic_count > 0) {
    return argument_error("opts.consent_topics is NULL but has a count");
  }
  DeliveryConfig config;
  if (given.concurrency != 0) config.concurrency = given.concurrency;
  if (given.lease_ms != 0) config.lease_ms = given.lease_ms;
  if (given.spacing_ms < -1) return argument_error("opts.spacing_ms is less than -1");
  if (given.spacing_ms != 0) config.spacing_ms = given.spacing_ms == -1 ? 0 : given.spacing_ms;
  for (size_t i = 0; i < given.consent_topic_count; ++i) {
    TSR_ASSIGN_OR_RETURN(const auto topic, text_in(given.consent_topics[i], "a topic of opts"));
    config.consent_topics.emplace_back(topic);
  }
  return config;
}

DeliveryCore::OnEvent forward_to(tsr_delivery_fn on_event, UserData user) {
  const auto kept = std::make_shared<UserData>(std::move(user));
  if (on_event == nullptr) return {};
  return [on_event, kept](const DeliveryEvent& event) {
    const tsr_delivery_event told{static_cast<int32_t>(event.kind),
                                  static_cast<int32_t>(event.reason),
                                  borrowed(event.id),
                                  borrowed(event.topic),
                                  borrowed(event.host),
                                  borrowed(event.text),
                                  event.depth.pending,
                                  event.depth.leased,
                                  event.depth.ambiguous,
                                  event.depth.dead};
    on_event(kept->get(), &told);
  };
}

Result<Call<Outcome>> deciding(tsr_delivery* delivery, tsr_str topic, int32_t granted) {
  TSR_ASSIGN_OR_RETURN(const DeliveryPtr core, delivery_of(delivery));
  TSR_ASSIGN_OR_RETURN(const auto name, text_in(topic, "topic"));
  return Call<Outcome>{nullptr, [core, name = std::string(name), granted]() -> Result<Outcome> {
                         TSR_ASSIGN_OR_RETURN(const int64_t removed,
                                              core->delivery().set_consent(name, granted != 0));
                         return Outcome{.changes = removed};
                       }};
}

Result<Call<void>> stopping(tsr_delivery* delivery, uint32_t timeout_ms) {
  TSR_ASSIGN_OR_RETURN(const DeliveryPtr core, delivery_of(delivery));
  return Call<void>{nullptr, [core, timeout_ms] { return core->stop(timeout_ms); }};
}

}  // namespace

tsr_status tsr_delivery_start(tsr_store* store, tsr_http* http, const tsr_delivery_opts* opts,
                              tsr_delivery_fn on_event, void* user, void (*user_free)(void*),
                              tsr_delivery** out, tsr_error** err) noexcept {
  clear(out);
  UserData owned(user, user_free);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const auto ref, store_of(store));
    TSR_ASSIGN_OR_RETURN(const auto client, http_of(http));
    TSR_RETURN_IF_ERROR(require_out(out));
    if (ref.tenant != nullptr) {
      return argument_error("store has a tenant, but its outbox is nobody's; pass the store itself");
    }
    TSR_ASSIGN_OR_RETURN(const DeliveryConfig config, config_in(opts));
    TSR_ASSIGN_OR_RETURN(auto core, DeliveryCore::start(ref.use->core, client, config,
                                                        forward_to(on_event, std::move(owned))));
    *out = new tsr_delivery(std::move(core));
    return {};
  });
}

tsr_status tsr_delivery_poke(tsr_delivery* delivery, tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const DeliveryPtr core, delivery_of(delivery));
    core->delivery().poke();
    return {};
  });
}

tsr_status tsr_delivery_retry_now(tsr_delivery* delivery, tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const DeliveryPtr core, delivery_of(delivery));
    core->delivery().retry_now();
    return {};
  });
}

tsr_status tsr_delivery_set_consent(tsr_delivery* delivery, tsr_str topic, int32_t granted,
                                    int64_t* removed_out, tsr_error** err) noexcept {
  clear(removed_out);
  return guard(__func__, err, [&] { return run_now(deciding(delivery, topic, granted), removed_out); });
}

tsr_status tsr_delivery_set_consent_async(tsr_delivery* delivery, tsr_str topic, int32_t granted,
                                          tsr_done_fn done, void* user, void (*user_free)(void*),
                                          tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return deciding(delivery, topic, granted); });
}

tsr_status tsr_delivery_stop(tsr_delivery* delivery, uint32_t timeout_ms, tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(stopping(delivery, timeout_ms)); });
}

tsr_status tsr_delivery_stop_async(tsr_delivery* delivery, uint32_t timeout_ms, tsr_done_fn done, void* user,
                                   void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return stopping(delivery, timeout_ms); });
}

void tsr_delivery_free(tsr_delivery* delivery) noexcept { guard_free(__func__, delivery); }
