// What comes one after another over the C ABI, events and pages: the handle, and the next as an operation.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "app/http_series.hpp"
#include "http_handle.hpp"
#include "op.hpp"

namespace tessera::capi {

template <class Walk>
struct HttpSeries {
  HttpPtr core;  // outlives `walk`
  std::unique_ptr<Walk> walk;
};

template <class Walk>
using HttpSeriesPtr = std::shared_ptr<HttpSeries<Walk>>;

/// Operations keep the series; without its handle nobody could end one that waits.
template <class Walk, Tag kTag>
// NOLINTNEXTLINE(bugprone-crtp-constructor-accessibility): a base of handles alone
struct HttpSeriesHandle : Handle<kTag> {
  explicit HttpSeriesHandle(HttpSeriesPtr<Walk> made) : series(std::move(made)) {}
  HttpSeriesHandle(const HttpSeriesHandle&) = delete;
  HttpSeriesHandle& operator=(const HttpSeriesHandle&) = delete;
  ~HttpSeriesHandle() { series->walk->close(); }

  const HttpSeriesPtr<Walk> series;
  const ForkGuard fork;
};

/// A handle of what came, null at the end.
template <class Made, class Value>
Result<std::unique_ptr<Made>> next_out(Result<std::optional<Value>> next) {
  if (!next.ok()) return std::move(next).error();
  std::optional<Value> value = std::move(next).value();
  if (!value) return std::unique_ptr<Made>();
  return std::make_unique<Made>(std::move(*value));
}

/// Of Walk::next_async(), as a Made.
template <class Walk, class Made>
struct HttpNext {
  using Value = std::unique_ptr<Made>;
  Place place;
  HttpSeriesPtr<Walk> series;
};

template <class Walk, class Made>
class HttpNextOperation final : public OperationWith<std::unique_ptr<Made>> {
 public:
  HttpNextOperation(const char* function, Listener listener, HttpNext<Walk, Made> next)
      : OperationWith<std::unique_ptr<Made>>(function, std::move(listener)),
        series_(std::move(next.series)) {}

 private:
  using Next = typename Walk::Next;

  Status submit(const Place&) override {
    const HttpSeriesPtr<Walk> series = series_;  // this may be gone before next_async() returns
    return series->walk->next_async([this](Next next) { told(std::move(next)); }, this);
  }
  /// On the client's thread, or on the one that asks or closes: an operation ends on a thread of the library.
  void told(Next next) {
    next_ = std::move(next);
    if (!series_->core->client().is_current() && this->Operation::submit({}).ok())
      return;  // this may be gone
    this->complete([this] { return this->perform(); });
  }
  void hurry() override {
    const HttpSeriesPtr<Walk> series = series_;
    series->walk->leave(this);
  }
  Status perform() override { return this->keep(next_out<Made>(std::move(*next_))); }

  // Stays until the end: the client must not go before it has come back from here.
  const HttpSeriesPtr<Walk> series_;
  std::optional<Next> next_;
};

template <class Walk, class Made>
std::unique_ptr<Operation> make_operation(const char* function, Listener listener,
                                          HttpNext<Walk, Made> next) {
  return std::make_unique<HttpNextOperation<Walk, Made>>(function, std::move(listener), std::move(next));
}

}  // namespace tessera::capi
