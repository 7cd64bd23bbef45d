/// @file tessera/cpp/delivery.hpp  Sends what a store's outbox holds through an API client.
#ifndef TESSERA_CPP_DELIVERY_HPP
#define TESSERA_CPP_DELIVERY_HPP

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/cpp/http.hpp"
#include "tessera/cpp/operation.hpp"
#include "tessera/cpp/store.hpp"
#include "tessera/delivery.h"

namespace tessera::inline v1 {

/// What happened in a delivery.  @since 1.2
enum class DeliveryEventKind : std::int32_t {
  kDelivered = TSR_DELIVERY_DELIVERED,
  kDead = TSR_DELIVERY_DEAD,
  kAmbiguous = TSR_DELIVERY_AMBIGUOUS,
  kPaused = TSR_DELIVERY_PAUSED,
  kResumed = TSR_DELIVERY_RESUMED,
  kDepth = TSR_DELIVERY_DEPTH,
};

/// Why nothing, or not everything, is sent.  @since 1.2
enum class DeliveryPause : std::int32_t {
  kOffline = TSR_DELIVERY_OFFLINE,
  kUnavailable = TSR_DELIVERY_UNAVAILABLE,
  kUnauthorized = TSR_DELIVERY_UNAUTHORIZED,
  kBusy = TSR_DELIVERY_BUSY,
  kClosed = TSR_DELIVERY_CLOSED,
  kStore = TSR_DELIVERY_STORE,
  kConsent = TSR_DELIVERY_CONSENT,
};

/// One event; the texts are borrowed for the call. delivery.h says which kind has what.  @since 1.2
struct DeliveryEvent {
  DeliveryEventKind kind;
  DeliveryPause reason;  ///< Of a pause.
  std::string_view id;
  std::string_view topic;
  std::string_view host;  ///< Of a pause; empty: all.
  std::string_view text;  ///< For people.
  std::int64_t pending;
  std::int64_t leased;
  std::int64_t ambiguous;
  std::int64_t dead;
};

/// Runs on the delivery's own thread, which sends nothing meanwhile; it may call everything but
/// Delivery::stop(). An exception that it throws is dropped.  @since 1.2
using DeliverySink = std::function<void(const DeliveryEvent&)>;

/// How a delivery goes about it. Borrows its texts for the call; 0 is the default.  @since 1.2
struct DeliveryOptions {
  std::uint32_t concurrency = 0;                   ///< Requests at once, 1 to 64; 4 by default.
  std::chrono::milliseconds lease{};               ///< Extended by this while a request is under way; 60 s.
  std::chrono::milliseconds spacing{};             ///< Between requests after a pause; 100 ms; -1: none.
  std::vector<std::string_view> consent_topics{};  ///< Nothing of them is sent before set_consent().
};

namespace detail {

inline void forward_delivery(void* user, const tsr_delivery_event* event) noexcept {
  constexpr auto kView = [](tsr_str text) { return std::string_view(text.data, text.len); };
  try {
    (*static_cast<const DeliverySink*>(user))({static_cast<DeliveryEventKind>(event->kind),
                                               static_cast<DeliveryPause>(event->reason), kView(event->id),
                                               kView(event->topic), kView(event->host), kView(event->text),
                                               event->pending, event->leased, event->ambiguous, event->dead});
  } catch (...) {  // ignored, see DeliverySink
  }
}

inline void free_delivery_sink(void* user) noexcept { delete static_cast<DeliverySink*>(user); }

}  // namespace detail

/// The delivery of one store's outbox, from start() to stop(). Move-only; keeps the store and the client. Its
/// destructor stops at once; what was under way stays in the outbox.
///
/// @code
/// tessera::Delivery delivery = tessera::Delivery::start(store, http);
/// store.outbox().enqueue({.topic = "sales", .url = "https://api.example.com/sales", .body = json});
/// @endcode
/// @threads any  @since 1.2
class Delivery {
 public:
  using Owner = detail::Handle<tsr_delivery, &tsr_delivery_free>;

  /// For the facade's own use.
  explicit Delivery(Owner owner) noexcept : owner_(std::move(owner)) {}

  /// Sends from now on, on a thread of its own.
  /// @errors ErrorCode::kArg, kState (the store is closed), kBusy, kForked  @threads any  @since 1.2
  static Delivery start(const Store& store, const HttpClient& http, const DeliveryOptions& options = {},
                        DeliverySink sink = {}) {
    return try_start(store, http, options, std::move(sink)).value();
  }
  static Expected<Delivery> try_start(const Store& store, const HttpClient& http,
                                      const DeliveryOptions& options = {}, DeliverySink sink = {}) noexcept {
    std::vector<tsr_str> topics;
    for (const std::string_view topic : options.consent_topics) topics.push_back(detail::borrow(topic));
    tsr_delivery_opts opts;
    tsr_delivery_opts_init(&opts, sizeof opts);
    opts.concurrency = options.concurrency;
    opts.lease_ms = options.lease.count();
    opts.spacing_ms = options.spacing.count();
    opts.consent_topics = topics.data();
    opts.consent_topic_count = topics.size();
    const tsr_delivery_fn forward = sink ? &detail::forward_delivery : nullptr;
    auto user = std::make_unique<DeliverySink>(std::move(sink));
    return detail::obtain_as<Delivery, Owner>([&](auto** out, tsr_error** error) {
      return tsr_delivery_start(store.handle(), http.handle(), &opts, forward, user.release(),
                                &detail::free_delivery_sink, out, error);
    });
  }

  /// Looks whether something became due. What this process adds to the outbox is noticed without it.
  /// @errors ErrorCode::kForked  @threads any  @since 1.2
  void poke() { try_poke().value(); }
  Expected<void> try_poke() noexcept {
    return detail::run([&](tsr_error** error) { return tsr_delivery_poke(owner_.get(), error); });
  }

  /// The network may be back: pauses that wait for a time to pass end now.
  /// @errors ErrorCode::kForked  @threads any  @since 1.2
  void retry_now() { try_retry_now().value(); }
  Expected<void> try_retry_now() noexcept {
    return detail::run([&](tsr_error** error) { return tsr_delivery_retry_now(owner_.get(), error); });
  }

  /// What the user agreed to. Withdrawn, every item of the topic is removed; gives how many.
  /// @errors ErrorCode::kArg, kState, kIo, kDiskFull, kForked  @threads any  @blocks disk  @since 1.2
  std::int64_t set_consent(std::string_view topic, bool granted) {
    return try_set_consent(topic, granted).value();
  }
  Expected<std::int64_t> try_set_consent(std::string_view topic, bool granted) noexcept {
    std::int64_t removed = 0;
    auto done = detail::run([&](tsr_error** error) {
      return tsr_delivery_set_consent(owner_.get(), detail::borrow(topic), granted ? 1 : 0, &removed, error);
    });
    if (!done) return done.error();
    return removed;
  }

  /// set_consent() in the background; see Completion.
  /// @errors ErrorCode::kArg, kForked, kBusy  @threads any  @since 1.2
  Operation set_consent_async(std::string_view topic, bool granted, Completion<std::int64_t> done) {
    return try_set_consent_async(topic, granted, std::move(done)).value();
  }
  Expected<Operation> try_set_consent_async(std::string_view topic, bool granted,
                                            Completion<std::int64_t> done) noexcept {
    return detail::start_op<std::int64_t, &detail::take_count>(std::move(done), [&](auto... op) {
      return tsr_delivery_set_consent_async(owner_.get(), detail::borrow(topic), granted ? 1 : 0, op...);
    });
  }

  /// Sends nothing more and lets what is under way end within `timeout`, then cancels it; that stays in the
  /// outbox. Again is fine.
  /// @errors ErrorCode::kTimeout (some were cancelled), kState (inside its sink, or on the client's own
  /// thread), kForked  @threads any  @blocks network  @since 1.2
  void stop(std::chrono::milliseconds timeout = kCloseTimeout) { try_stop(timeout).value(); }
  Expected<void> try_stop(std::chrono::milliseconds timeout = kCloseTimeout) noexcept {
    return detail::run([&](tsr_error** error) {
      return tsr_delivery_stop(owner_.get(), detail::to_timeout(timeout), error);
    });
  }

  /// stop() in the background; see Completion.
  /// @errors ErrorCode::kArg, kForked, kBusy  @threads any  @since 1.2
  Operation stop_async(std::chrono::milliseconds timeout, Completion<void> done) {
    return try_stop_async(timeout, std::move(done)).value();
  }
  Expected<Operation> try_stop_async(std::chrono::milliseconds timeout, Completion<void> done) noexcept {
    return detail::start_op<void, &detail::take_void>(std::move(done), [&](auto... op) {
      return tsr_delivery_stop_async(owner_.get(), detail::to_timeout(timeout), op...);
    });
  }

 private:
  Owner owner_;
};

}  // namespace tessera::inline v1

#endif
