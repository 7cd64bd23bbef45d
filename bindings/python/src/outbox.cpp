// tessera.Outbox: the native that the Python class derives from.
#include "handles.hpp"
#include "outbox_item.hpp"
#include "rows.hpp"
#include "secrets.hpp"

namespace tessera::python {
namespace {

/// Keeps the Python object of its store alive.
struct Outbox {
  py::object store;
  tsr_store* handle;
};

tsr_store* get(const Outbox& self) { return self.handle; }

template <class T>
T member(const py::dict& members, const char* name) {
  try {
    return members[name].cast<T>();
  } catch (const py::cast_error&) {
    throw py::type_error(std::string(name) + " must be an int");
  }
}

uint32_t fail_flags(bool is_permanent) { return is_permanent ? uint32_t{TSR_OUTBOX_PERMANENT} : 0; }

void define_delivery(py::class_<Outbox>& outbox) {
  outbox
      .def(
          "_lease",
          [](const Outbox& self, const MaybeText& topic, size_t max_items) {
            const auto rows = obtain<RowsetPtr>([&](tsr_rowset** out, tsr_error** err) {
              return tsr_outbox_lease(get(self), borrow_if_any(topic), max_items, out, err);
            });
            return rows_of(rows.get());
          },
          py::arg("topic"), py::arg("max_items"))
      .def(
          "_complete",
          [](const Outbox& self, const Text& id, int64_t attempt) {
            run([&](tsr_error** err) { return tsr_outbox_complete(get(self), id.str(), attempt, err); });
          },
          py::arg("id"), py::arg("attempt"))
      .def(
          "_fail",
          [](const Outbox& self, const Text& id, int64_t attempt, const Text& reason, bool is_permanent,
             int64_t retry_after_ms) {
            run([&](tsr_error** err) {
              return tsr_outbox_fail(get(self), id.str(), attempt, reason.str(), fail_flags(is_permanent),
                                     retry_after_ms, err);
            });
          },
          py::arg("id"), py::arg("attempt"), py::arg("reason"), py::arg("permanent"),
          py::arg("retry_after_ms"))
      .def(
          "_extend",
          [](const Outbox& self, const Text& id, int64_t attempt, int64_t lease_ms) {
            run([&](tsr_error** err) {
              return tsr_outbox_extend(get(self), id.str(), attempt, lease_ms, err);
            });
          },
          py::arg("id"), py::arg("attempt"), py::arg("lease_ms"))
      .def(
          "_start_lease",
          [](const Outbox& self, const MaybeText& topic, size_t max_items, py::function done) {
            return start_op(std::move(done), &take_row_list, [&](auto... rest) {
              return tsr_outbox_lease_async(get(self), borrow_if_any(topic), max_items, rest...);
            });
          },
          py::arg("topic"), py::arg("max_items"), py::arg("done"))
      .def(
          "_start_complete",
          [](const Outbox& self, const Text& id, int64_t attempt, py::function done) {
            return start_op(std::move(done), &take_nothing, [&](auto... rest) {
              return tsr_outbox_complete_async(get(self), id.str(), attempt, rest...);
            });
          },
          py::arg("id"), py::arg("attempt"), py::arg("done"))
      .def(
          "_start_fail",
          [](const Outbox& self, const Text& id, int64_t attempt, const Text& reason, bool is_permanent,
             int64_t retry_after_ms, py::function done) {
            return start_op(std::move(done), &take_nothing, [&](auto... rest) {
              return tsr_outbox_fail_async(get(self), id.str(), attempt, reason.str(),
                                           fail_flags(is_permanent), retry_after_ms, rest...);
            });
          },
          py::arg("id"), py::arg("attempt"), py::arg("reason"), py::arg("permanent"),
          py::arg("retry_after_ms"), py::arg("done"))
      .def(
          "_start_extend",
          [](const Outbox& self, const Text& id, int64_t attempt, int64_t lease_ms, py::function done) {
            return start_op(std::move(done), &take_nothing, [&](auto... rest) {
              return tsr_outbox_extend_async(get(self), id.str(), attempt, lease_ms, rest...);
            });
          },
          py::arg("id"), py::arg("attempt"), py::arg("lease_ms"), py::arg("done"));
}

void define_looking_after(py::class_<Outbox>& outbox) {
  outbox
      .def(
          "retry",
          [](const Outbox& self, const Text& id) {
            run([&](tsr_error** err) { return tsr_outbox_retry(get(self), id.str(), err); });
          },
          py::arg("id"),
          "Makes a dead or ambiguous item due again. Raises NotFoundError, StateError, ForkedError.")
      .def(
          "remove",
          [](const Outbox& self, const Text& id) {
            run([&](tsr_error** err) { return tsr_outbox_remove(get(self), id.str(), err); });
          },
          py::arg("id"), "Removes an item in any state. Raises NotFoundError, StateError, ForkedError.")
      .def(
          "revoke",
          [](const Outbox& self, const Text& topic) {
            int64_t count = 0;
            run([&](tsr_error** err) { return tsr_outbox_revoke(get(self), topic.str(), &count, err); });
            return count;
          },
          py::arg("topic"),
          "Consent was revoked: removes every item of `topic` and gives their number. Raises StateError, "
          "ForkedError.")
      .def(
          "_list",
          [](const Outbox& self, int32_t state, size_t max_items) {
            const auto rows = obtain<RowsetPtr>([&](tsr_rowset** out, tsr_error** err) {
              return tsr_outbox_list(get(self), state, max_items, out, err);
            });
            return rows_of(rows.get());
          },
          py::arg("state"), py::arg("max_items"))
      .def("_counts",
           [](const Outbox& self) {
             const auto rows = obtain<RowsetPtr>(
                 [&](tsr_rowset** out, tsr_error** err) { return tsr_outbox_counts(get(self), out, err); });
             return rows_of(rows.get());
           })
      .def(
          "_start_retry",
          [](const Outbox& self, const Text& id, py::function done) {
            return start_op(std::move(done), &take_nothing, [&](auto... rest) {
              return tsr_outbox_retry_async(get(self), id.str(), rest...);
            });
          },
          py::arg("id"), py::arg("done"))
      .def(
          "_start_remove",
          [](const Outbox& self, const Text& id, py::function done) {
            return start_op(std::move(done), &take_nothing, [&](auto... rest) {
              return tsr_outbox_remove_async(get(self), id.str(), rest...);
            });
          },
          py::arg("id"), py::arg("done"))
      .def(
          "_start_revoke",
          [](const Outbox& self, const Text& topic, py::function done) {
            return start_op(std::move(done), &take_count, [&](auto... rest) {
              return tsr_outbox_revoke_async(get(self), topic.str(), rest...);
            });
          },
          py::arg("topic"), py::arg("done"))
      .def(
          "_start_list",
          [](const Outbox& self, int32_t state, size_t max_items, py::function done) {
            return start_op(std::move(done), &take_row_list, [&](auto... rest) {
              return tsr_outbox_list_async(get(self), state, max_items, rest...);
            });
          },
          py::arg("state"), py::arg("max_items"), py::arg("done"))
      .def(
          "_start_counts",
          [](const Outbox& self, py::function done) {
            return start_op(std::move(done), &take_row_list,
                            [&](auto... rest) { return tsr_outbox_counts_async(get(self), rest...); });
          },
          py::arg("done"));
}

}  // namespace

OutboxItem::OutboxItem(const py::dict& members) {
  tsr_outbox_item_init(&item_, sizeof item_);
  read(members, "topic", &item_.topic);
  read(members, "method", &item_.method);
  read(members, "url", &item_.url);
  read(members, "headers_json", &item_.headers_json);
  read(members, "ordering_key", &item_.ordering_key);
  read(members, "idempotency_key", &item_.idempotency_key);
  item_.priority = member<int32_t>(members, "priority");
  item_.not_before_ms = member<int64_t>(members, "not_before_ms");
  if (members["body"].is_none()) return;
  if (!body_.emplace().read(members["body"])) throw py::type_error("body must be a str or bytes");
  item_.body = body_->data();
  item_.body_len = body_->size();
}

void OutboxItem::read(const py::dict& members, const char* name, tsr_str* out) {
  const py::object text = members[name];
  if (!text.is_none()) *out = text_of(text.ptr(), name);
}

void define_outbox(py::module_& module) {
  py::class_<Outbox> outbox(module, "Outbox", "What tessera.Outbox derives from.");
  outbox
      .def(py::init([](py::object store) {
             tsr_store* const handle = store.cast<const Store&>().handle.get();
             return Outbox{std::move(store), handle};
           }),
           py::arg("store"))
      .def(
          "_enqueue",
          [](const Outbox& self, const py::dict& members) {
            const OutboxItem item(members);
            return obtain_str([&](tsr_buf* out, tsr_error** err) {
              return tsr_outbox_enqueue(get(self), item.get(), out, err);
            });
          },
          py::arg("members"))
      .def(
          "_start_enqueue",
          [](const Outbox& self, const py::dict& members, py::function done) {
            const OutboxItem item(members);
            return start_op(std::move(done), &take_str, [&](auto... rest) {
              return tsr_outbox_enqueue_async(get(self), item.get(), rest...);
            });
          },
          py::arg("members"), py::arg("done"));
  define_delivery(outbox);
  define_looking_after(outbox);
}

}  // namespace tessera::python
