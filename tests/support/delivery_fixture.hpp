// Fixture: a store, a client over the C ABI and a server, on the machine's own clock. Leaves no live object.
#pragma once

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "http_fixture.hpp"
#include "store_fixture.hpp"

namespace tessera::test {

/// What the application heard of a delivery.
class Heard {
 public:
  struct Event {
    int32_t kind, reason;
    std::string id, topic, text;
    int64_t dead;
  };

  static void tell(void* user, const tsr_delivery_event* event) {
    auto& self = *static_cast<Heard*>(user);
    if (self.also) self.also(*event);
    const std::scoped_lock lock(self.mutex_);
    self.events_.push_back({event->kind, event->reason, HttpFixture::text_of(event->id),
                            HttpFixture::text_of(event->topic), HttpFixture::text_of(event->text),
                            event->dead});
    self.changed_.notify_all();
  }
  static void let_go(void* user) {
    auto& self = *static_cast<Heard*>(user);
    const std::scoped_lock lock(self.mutex_);
    ++self.freed_;
    self.changed_.notify_all();
  }

  Event wait_for(const std::function<bool(const Event&)>& is_it) {
    Event found{};
    wait([&] {
      const auto place = std::ranges::find_if(events_, is_it);
      if (place == events_.end()) return false;
      found = *place;
      return true;
    });
    return found;
  }
  void wait_until_free() {
    wait([&] { return freed_ > 0; });
  }
  int freed() {
    const std::scoped_lock lock(mutex_);
    return freed_;
  }

  std::function<void(const tsr_delivery_event&)> also;

 private:
  void wait(const std::function<bool()>& is_so) {
    std::unique_lock lock(mutex_);
    BOOST_REQUIRE(changed_.wait_for(lock, std::chrono::seconds(120), is_so));
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Event> events_;  // guarded by mutex_, as the next
  int freed_ = 0;
};

class DeliveryFixture : public StoreFixture {
 public:
  DeliveryFixture() { tsr_testing_reset_clock(); }

  Origin origin;
  Heard heard;

  nlohmann::json quick() const { return {{"base_url", origin.url("/")}, {"retry", {{"max_attempts", 1}}}}; }
  Http client() const { return HttpFixture::open_http(quick()); }
  Delivery deliver(const Store& store, const Http& http, const tsr_delivery_opts* opts = nullptr) {
    Delivery delivery;
    Failure failure;
    require_ok(tsr_delivery_start(store.get(), http.get(), opts, &Heard::tell, &heard, &Heard::let_go,
                                  delivery.out(), failure.out()),
               failure);
    return delivery;
  }
  std::string enqueue(const Store& store, std::string_view path, std::string_view topic = "sales",
                      std::string_view key = {}) const {
    tsr_outbox_item item;
    tsr_outbox_item_init(&item, sizeof(item));
    const std::string url = origin.url(path);
    item.topic = str(topic);
    item.url = str(url);
    item.body = "{}";
    item.body_len = 2;
    if (!key.empty()) item.idempotency_key = str(key);
    return made_text(
        [&](tsr_buf* out, tsr_error** err) { return tsr_outbox_enqueue(store.get(), &item, out, err); });
  }
  static size_t count(const Store& store, int32_t state) {
    Rowset rows;
    Failure failure;
    require_ok(tsr_outbox_list(store.get(), state, 100, rows.out(), failure.out()), failure);
    return tsr_rowset_count(rows.get());
  }
};

}  // namespace tessera::test
