// What applications see of a client at work: attempts, events, state.
#include "tessera/http_hooks.h"

#include "guard.hpp"
#include "http_handle.hpp"
#include "subscription.hpp"
#include "user_data.hpp"

using tessera::Error;
using tessera::ErrorCode;
using tessera::Status;
using tessera::capi::argument_error;
using tessera::capi::borrowed;
using tessera::capi::clear;
using tessera::capi::guard;
using tessera::capi::guard_value;
using tessera::capi::http_of;
using tessera::capi::HttpPtr;
using tessera::capi::is_live;
using tessera::capi::optional_text_in;
using tessera::capi::Registration;
using tessera::capi::require_live;
using tessera::capi::require_out;
using tessera::capi::result_out;
using tessera::capi::text_in;
using tessera::capi::UserData;
using tessera::http::Headers;
using tessera::http::IncomingHead;
using tessera::http::InterceptorPlace;
using tessera::http::OutgoingRequest;

namespace {

std::vector<tsr_pair> pairs_of(const Headers& headers) {
  std::vector<tsr_pair> pairs;
  pairs.reserve(headers.size());
  for (size_t i = 0; i < headers.size(); ++i) {
    const tessera::http::Field field = headers[i];
    pairs.push_back({borrowed(field.name), borrowed(field.value)});
  }
  return pairs;
}

}  // namespace

/// Lives while a function before an attempt runs.
struct tsr_http_attempt : tessera::capi::Handle<tessera::capi::Tag::kHttpAttempt> {
  explicit tsr_http_attempt(OutgoingRequest& shown) : request(shown) {}
  OutgoingRequest& request;
  std::vector<tsr_pair> headers;  // views into it, as they were asked for last
};

namespace {

/// The application's functions as an interceptor. They must not throw; one that does is told as a failure.
class Hooks final : public tessera::http::Interceptor {
 public:
  Hooks(tsr_http_before_fn first, tsr_http_after_fn then, UserData user)
      : before_(first), after_(then), user_(std::move(user)) {}

  Status before(OutgoingRequest& request) override {
    if (before_ == nullptr) return {};
    tsr_http_attempt attempt(request);
    tsr_status status = TSR_E_CALLBACK;
    try {
      status = before_(user_.get(), &attempt);
    } catch (...) {  // NOLINT(bugprone-empty-catch): told as a failure
    }
    if (status == TSR_OK) return {};
    return Error{ErrorCode::kCALLBACK,
                 "abi",
                 "the function before the attempt failed with status " + std::to_string(status),
                 {}};
  }
  void after(const IncomingHead& head) override {
    if (after_ == nullptr) return;
    try {
      const std::vector<tsr_pair> headers = pairs_of(head.headers);
      const tsr_http_head shown{
          borrowed(head.method), borrowed(head.url), headers.empty() ? nullptr : headers.data(),
          headers.size(),        head.attempt,       head.status};
      after_(user_.get(), &shown);
    } catch (...) {  // NOLINT(bugprone-empty-catch): it only looks on
    }
  }

 private:
  const tsr_http_before_fn before_;
  const tsr_http_after_fn after_;
  const UserData user_;
};

class HooksRegistration final : public Registration {
 public:
  HooksRegistration(HttpPtr core, std::shared_ptr<Hooks> hooks, InterceptorPlace place)
      : core_(std::move(core)), id_(core_->client().add_interceptor(std::move(hooks), place)) {}
  ~HooksRegistration() override { core_->client().remove_interceptor(id_); }

 private:
  const HttpPtr core_;
  const uint64_t id_;
};

int32_t number_of(tessera::http::EventKind kind) {
  using tessera::http::EventKind;
  switch (kind) {
    case EventKind::kConnectivity:
      return TSR_HTTP_CONNECTIVITY;
    case EventKind::kBreaker:
      return TSR_HTTP_BREAKER;
    case EventKind::kLimiter:
      return TSR_HTTP_LIMITER;
    case EventKind::kQueue:
      return TSR_HTTP_QUEUE;
    case EventKind::kAuth:
      return TSR_HTTP_AUTH;
    case EventKind::kProxy:
      break;
  }
  return TSR_HTTP_PROXY;
}

class EventRegistration final : public Registration {
 public:
  EventRegistration(HttpPtr core, tsr_http_event_fn fn, UserData user)
      : core_(std::move(core)),
        id_(core_->events().attach([fn, kept = std::make_shared<const UserData>(std::move(user))](
                                       const tessera::http::Event& event) {
          const tsr_http_event_info shown{number_of(event.kind),   0,
                                          borrowed(event.subject), borrowed(event.state),
                                          event.until_ms,          event.mark};
          try {
            fn(kept->get(), &shown);
          } catch (...) {  // NOLINT(bugprone-empty-catch): it only looks on
          }
        })) {}
  ~EventRegistration() override { core_->events().detach(id_); }

 private:
  const HttpPtr core_;
  const uint64_t id_;
};

/// `read` of a live attempt, else `neutral`.
template <class T, class Attempt, class Read>
T value_of(const char* function, Attempt* attempt, T neutral, Read read) noexcept {
  return guard_value(function, neutral,
                     [&] { return is_live(attempt) ? static_cast<T>(read(*attempt)) : neutral; });
}

constexpr tsr_str kAbsent{nullptr, 0};

}  // namespace

tsr_status tsr_http_on_attempt(tsr_http* http, tsr_http_before_fn before, tsr_http_after_fn after,
                               uint32_t flags, void* user, void (*user_free)(void*), tsr_sub** out,
                               tsr_error** err) noexcept {
  clear(out);
  UserData owned(user, user_free);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(HttpPtr core, http_of(http));
    TSR_RETURN_IF_ERROR(require_out(out));
    if (before == nullptr && after == nullptr) {
      return argument_error("before and after are both NULL; pass the one that is to be called");
    }
    if ((flags & ~uint32_t{TSR_HTTP_SIGNER}) != 0) return argument_error("flags has an unknown bit");
    const auto place = flags == 0 ? InterceptorPlace::kInOrder : InterceptorPlace::kSigner;
    auto hooks = std::make_shared<Hooks>(before, after, std::move(owned));
    *out = new tsr_sub(std::make_unique<HooksRegistration>(std::move(core), std::move(hooks), place));
    return {};
  });
}

tsr_str tsr_http_attempt_method(const tsr_http_attempt* attempt) noexcept {
  return value_of(__func__, attempt, kAbsent,
                  [](const auto& live) { return borrowed(live.request.method()); });
}

tsr_str tsr_http_attempt_url(const tsr_http_attempt* attempt) noexcept {
  return value_of(__func__, attempt, kAbsent, [](const auto& live) { return borrowed(live.request.url()); });
}

int32_t tsr_http_attempt_number(const tsr_http_attempt* attempt) noexcept {
  return value_of(__func__, attempt, int32_t{0}, [](const auto& live) { return live.request.attempt(); });
}

tsr_str tsr_http_attempt_header(const tsr_http_attempt* attempt, tsr_str name) noexcept {
  return value_of(__func__, attempt, kAbsent, [&](const auto& live) {
    if (name.data == nullptr) return kAbsent;
    const auto value = live.request.headers().get({name.data, name.len});
    return value ? borrowed(*value) : kAbsent;
  });
}

const tsr_pair* tsr_http_attempt_headers(tsr_http_attempt* attempt, size_t* count_out) noexcept {
  clear(count_out);
  using Pointer = const tsr_pair*;
  return value_of(__func__, attempt, Pointer{nullptr}, [&](auto& live) {
    live.headers = pairs_of(live.request.headers());
    if (count_out != nullptr) *count_out = live.headers.size();
    return live.headers.empty() ? nullptr : live.headers.data();
  });
}

int32_t tsr_http_attempt_body(const tsr_http_attempt* attempt, const uint8_t** data_out,
                              size_t* len_out) noexcept {
  clear(data_out);
  clear(len_out);
  return value_of(__func__, attempt, int32_t{0}, [&](const auto& live) {
    const auto body = live.request.body();
    if (!body) return 0;
    if (data_out != nullptr) *data_out = body->empty() ? nullptr : body->data();
    if (len_out != nullptr) *len_out = body->size();
    return 1;
  });
}

tsr_status tsr_http_attempt_set_header(tsr_http_attempt* attempt, tsr_str name, tsr_str value,
                                       tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_live(attempt, "attempt"));
    TSR_ASSIGN_OR_RETURN(const auto field, text_in(name, "name"));
    TSR_ASSIGN_OR_RETURN(const auto text, text_in(value, "value"));
    // They may be views into the fields that change.
    return attempt->request.set_header(std::string(field), std::string(text));
  });
}

tsr_status tsr_http_attempt_remove_header(tsr_http_attempt* attempt, tsr_str name, tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_live(attempt, "attempt"));
    TSR_ASSIGN_OR_RETURN(const auto field, text_in(name, "name"));
    attempt->request.remove_header(std::string(field));
    return {};
  });
}

tsr_status tsr_http_on_event(tsr_http* http, tsr_http_event_fn fn, void* user, void (*user_free)(void*),
                             tsr_sub** out, tsr_error** err) noexcept {
  clear(out);
  UserData owned(user, user_free);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(HttpPtr core, http_of(http));
    TSR_RETURN_IF_ERROR(require_out(out));
    if (fn == nullptr) return argument_error("the function for events is NULL");
    *out = new tsr_sub(std::make_unique<EventRegistration>(std::move(core), fn, std::move(owned)));
    return {};
  });
}

tsr_status tsr_http_state(tsr_http* http, tsr_buf* out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const HttpPtr core, http_of(http));
    TSR_RETURN_IF_ERROR(require_out(out));
    return result_out(core->client().state_json(), out);
  });
}

tsr_status tsr_http_reset_breaker(tsr_http* http, tsr_str host, tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const HttpPtr core, http_of(http));
    TSR_ASSIGN_OR_RETURN(const auto name, optional_text_in(host, "host"));
    return core->client().reset_breaker(name);
  });
}

tsr_status tsr_http_network_changed(tsr_http* http, tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const HttpPtr core, http_of(http));
    return core->client().network_changed();
  });
}
