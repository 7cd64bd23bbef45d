// tessera.Delivery: the native that the Python class derives from.
#include <deque>
#include <vector>

#include "handles.hpp"
#include "http_response.hpp"
#include "in_python.hpp"
#include "secrets.hpp"

namespace tessera::python {
namespace {

struct Delivery {
  DeliveryPtr handle;
};

tsr_delivery* get(const Delivery& self) { return self.handle.get(); }

/// `tsr_delivery_fn`
void tell_event(void* user, const tsr_delivery_event* event) {
  try_in_python([&] { return kept_function(user); },
                [&](const py::object& function) {
                  function(from_python("tessera._delivery", "delivery_event")(
                      event->kind, event->reason, lenient_text(event->id), lenient_text(event->topic),
                      lenient_text(event->host), lenient_text(event->text), event->pending, event->leased,
                      event->ambiguous, event->dead));
                });
}

/// Borrows from the texts that it keeps.
class Topics {
 public:
  explicit Topics(const py::list& topics) {
    for (const py::handle topic : topics) {
      if (!texts_.emplace_back().read(topic)) throw py::type_error("a topic must be a str");
      topics_.push_back(texts_.back().str());
    }
  }
  const tsr_str* data() const { return topics_.data(); }
  size_t size() const { return topics_.size(); }

 private:
  std::deque<Text> texts_;
  std::vector<tsr_str> topics_;
};

Delivery start(const Store& store, const HttpClient& client, uint32_t concurrency, int64_t lease_ms,
               int64_t spacing_ms, const py::list& consent_topics, py::object on_event) {
  const Topics topics(consent_topics);
  tsr_delivery_opts opts;
  tsr_delivery_opts_init(&opts, sizeof opts);
  opts.concurrency = concurrency;
  opts.lease_ms = lease_ms;
  opts.spacing_ms = spacing_ms;
  opts.consent_topics = topics.data();
  opts.consent_topic_count = topics.size();
  const tsr_delivery_fn tell = on_event.is_none() ? nullptr : &tell_event;
  void* const user = keep_function(std::move(on_event));
  return {obtain<DeliveryPtr>([&](tsr_delivery** out, tsr_error** err) {
    return tsr_delivery_start(store.handle.get(), client.handle.get(), &opts, tell, user, &drop_function, out,
                              err);
  })};
}

void define_consent(py::class_<Delivery>& delivery) {
  delivery
      .def(
          "set_consent",
          [](const Delivery& self, const Text& topic, bool is_granted) {
            int64_t removed = 0;
            run([&](tsr_error** err) {
              return tsr_delivery_set_consent(get(self), topic.str(), is_granted ? 1 : 0, &removed, err);
            });
            return removed;
          },
          py::arg("topic"), py::arg("granted"),
          "What the user agreed to, of any topic; it is not kept over a restart. Withdrawn, every item of "
          "the "
          "topic is\n"
          "removed and what is under way is cancelled; agreed to again, what came in between is removed as "
          "well. Gives how\n"
          "many were removed. Raises ArgError, StateError (the store is closed), IoError, DiskFullError, "
          "ForkedError.")
      .def(
          "_start_set_consent",
          [](const Delivery& self, const Text& topic, bool is_granted, Ending done) {
            return start_op(done, &take_count, [&](auto... rest) {
              return tsr_delivery_set_consent_async(get(self), topic.str(), is_granted ? 1 : 0, rest...);
            });
          },
          py::arg("topic"), py::arg("granted"), py::arg("done"));
}

}  // namespace

void define_delivery(py::module_& module) {
  py::class_<Delivery> delivery(module, "Delivery", "What tessera.Delivery derives from.");
  delivery
      .def(py::init(&start), py::arg("store"), py::arg("client"), py::arg("concurrency"), py::arg("lease_ms"),
           py::arg("spacing_ms"), py::arg("consent_topics"), py::arg("on_event"))
      .def(
          "poke",
          [](const Delivery& self) {
            run([&](tsr_error** err) { return tsr_delivery_poke(get(self), err); });
          },
          "Looks whether something became due. What this process adds to the outbox is noticed without it.\n"
          "Raises ForkedError.")
      .def(
          "retry_now",
          [](const Delivery& self) {
            run([&](tsr_error** err) { return tsr_delivery_retry_now(get(self), err); });
          },
          "The network may be back: pauses that wait for a time to pass end now. Raises ForkedError.")
      .def(
          "_close",
          [](const Delivery& self, double timeout) {
            const uint32_t timeout_ms = to_timeout_ms(timeout);
            run([&](tsr_error** err) { return tsr_delivery_stop(get(self), timeout_ms, err); });
          },
          py::arg("timeout"))
      .def(
          "_start_close",
          [](const Delivery& self, double timeout, Ending done) {
            const uint32_t timeout_ms = to_timeout_ms(timeout);
            return start_op(done, &take_nothing, [&](auto... rest) {
              return tsr_delivery_stop_async(get(self), timeout_ms, rest...);
            });
          },
          py::arg("timeout"), py::arg("done"));
  define_consent(delivery);
}

}  // namespace tessera::python
