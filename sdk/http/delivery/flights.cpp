#include "http/delivery/flights.hpp"

#include <algorithm>

namespace tessera::http {

Result<Flight*> Flights::launch(Client& client, Request request, std::unique_ptr<Flight> flight,
                                const Consents& consents) {
  // Under the lock: whoever withdraws a consent finds it here, or is asked before it goes.
  const std::scoped_lock lock(mutex_);
  if (!consents.allows(flight->item.topic)) return static_cast<Flight*>(nullptr);
  all_.push_back(std::move(flight));
  Flight* const launched = all_.back().get();
  try {
    auto sent = client.send(std::move(request), *launched);
    if (sent.ok()) {
      launched->handle_ = std::move(sent).value();
      return launched;
    }
    all_.pop_back();
    return std::move(sent).error();
  } catch (...) {
    all_.pop_back();  // it was not sent, so nobody ends it
    throw;
  }
}

std::unique_ptr<Flight> Flights::land(Flight& flight) {
  const std::scoped_lock lock(mutex_);
  const auto place = std::ranges::find(all_, &flight, &std::unique_ptr<Flight>::get);
  std::unique_ptr<Flight> landed = std::move(*place);
  all_.erase(place);
  return landed;
}

void Flights::cancel_topic(std::string_view topic) {
  cancel_if([topic](const Flight& flight) { return flight.item.topic == topic; });
}

void Flights::cancel(const Flight& flight) {
  cancel_if([&flight](const Flight& other) { return &other == &flight; });
}

void Flights::cancel_all() {
  cancel_if([](const Flight&) { return true; });
}

void Flights::cancel_if(const std::function<bool(const Flight&)>& is_meant) {
  const std::scoped_lock lock(mutex_);
  for (const std::unique_ptr<Flight>& flight : all_) {
    if (is_meant(*flight)) flight->handle_->cancel();
  }
}

}  // namespace tessera::http
