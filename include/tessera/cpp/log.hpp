/// @file tessera/cpp/log.hpp  Log records for the application's own logger. The library never prints.
#ifndef TESSERA_CPP_LOG_HPP
#define TESSERA_CPP_LOG_HPP

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "tessera/cpp/detail/call.hpp"
#include "tessera/log.h"

namespace tessera::inline v1 {

/// Levels of a record, in rising order.  @since 1.0
enum class LogLevel : std::int32_t {
  kTrace = TSR_LOG_TRACE,
  kDebug = TSR_LOG_DEBUG,
  kInfo = TSR_LOG_INFO,
  kWarn = TSR_LOG_WARN,
  kError = TSR_LOG_ERROR,
};

/// One record; the text is borrowed for the call. Secrets, tokens and hardware identifiers are redacted.
/// @since 1.0
struct LogRecord {
  LogLevel level;
  std::string_view area;     ///< "license", "hwid", ...
  std::string_view event;    ///< Stable snake_case name, such as "import_refused".
  std::string_view message;  ///< One sentence.
  std::string_view fields;   ///< A JSON object.
};

/// Runs in the thread that made the call being logged, one call at a time. An exception that it throws is
/// dropped: logging must not change what a call does.  @since 1.0
using LogSink = std::function<void(const LogRecord&)>;

/// A live registration of a LogSink; its destructor waits until the sink neither runs nor will run, except
/// from within the sink itself. Keeps what it was registered with alive.  @threads any  @since 1.0
class Subscription {
 public:
  using Owner = detail::Handle<tsr_sub, &tsr_sub_free>;

  /// For the facade's own use.
  explicit Subscription(Owner owner) noexcept : owner_(std::move(owner)) {}

  /// Ends the registration now instead of in the destructor.
  void cancel() noexcept { owner_ = Owner(); }

 private:
  Owner owner_;
};

namespace detail {

inline void forward_record(void* user, std::int32_t level, tsr_str area, tsr_str event, tsr_str message,
                           tsr_str fields) noexcept {
  constexpr auto kView = [](tsr_str text) { return std::string_view(text.data, text.len); };
  try {
    (*static_cast<LogSink*>(user))(
        {static_cast<LogLevel>(level), kView(area), kView(event), kView(message), kView(fields)});
  } catch (...) {  // ignored, see LogSink
  }
}

inline void free_sink(void* user) noexcept { delete static_cast<LogSink*>(user); }

/// `attach` is tsr_<handle>_on_log; it owns the sink from the call on, also when it fails.
template <typename T, typename Attach>
Expected<Subscription> attach_sink(Attach attach, T* handle, LogLevel level, LogSink sink) {
  auto user = std::make_unique<LogSink>(std::move(sink));
  return obtain_as<Subscription, Subscription::Owner>([&](tsr_sub** out, tsr_error** error) {
    return attach(handle, static_cast<std::int32_t>(level), &forward_record, user.release(), &free_sink, out,
                  error);
  });
}

}  // namespace detail
}  // namespace tessera::inline v1

#endif
