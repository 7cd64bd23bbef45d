// tessera.Cache: the native that the Python class derives from.
#include "handles.hpp"
#include "in_python.hpp"
#include "rows.hpp"

namespace tessera::python {
namespace {

/// One space. Keeps the Python object of its store alive.
struct Cache {
  py::object store;
  tsr_store* handle;
  std::string space;
};

tsr_store* get(const Cache& self) { return self.handle; }
tsr_str space(const Cache& self) { return borrow(self.space); }

/// None is the knowledge that there is no value.
class Answer {
 public:
  explicit Answer(py::handle source) : is_negative_(source.is_none()) {
    if (!is_negative_ && !text_.read(source)) throw py::type_error("the value must be bytes, str or None");
  }
  const void* data() const { return text_.data(); }
  size_t size() const { return text_.size(); }
  uint32_t flags() const { return is_negative_ ? uint32_t{TSR_CACHE_NEGATIVE} : 0; }

 private:
  bool is_negative_;
  Text text_;
};

/// `tsr_load_fn`. The Python function gives a value and how long it holds, in milliseconds.
tsr_status load(void* user, tsr_str key, tsr_loaded* loaded) {
  const bool is_done = static_cast<Callback*>(user)->run([&](const py::object& loader) {
    const auto [value, ttl_ms] = loader(py::str(key.data, key.len)).cast<std::pair<py::object, int64_t>>();
    const Answer answer(value);
    run<Lock::kKept>([&](tsr_error** err) {
      return tsr_loaded_set(loaded, answer.data(), answer.size(), ttl_ms, answer.flags(), err);
    });
  });
  return is_done ? TSR_OK : TSR_E_CALLBACK;
}

py::object get_or_load(const Cache& self, const Text& key, py::object loader, double timeout) {
  Callback callback(std::move(loader));
  const uint32_t timeout_ms = to_timeout_ms(timeout);
  tsr_rowset* made = nullptr;
  Failure failure;
  const tsr_status status = call_sdk<Lock::kReleased>([&] {
    return tsr_cache_load(get(self), space(self), key.str(), &load, &callback, timeout_ms, &made,
                          failure.out());
  });
  const RowsetPtr rows(made);
  callback.rethrow();
  if (status != TSR_OK) failure.raise(status);
  return rows_of(rows.get())[0];
}

void define_background(py::class_<Cache>& cache) {
  cache
      .def(
          "_start_put",
          [](const Cache& self, const Text& key, py::object value, int64_t ttl_ms, py::function done) {
            const Answer answer(value);
            return start_op(std::move(done), &take_nothing, [&](auto... rest) {
              return tsr_cache_put_async(get(self), space(self), key.str(), answer.data(), answer.size(),
                                         ttl_ms, answer.flags(), rest...);
            });
          },
          py::arg("key"), py::arg("value"), py::arg("ttl_ms"), py::arg("done"))
      .def(
          "_start_get",
          [](const Cache& self, const Text& key, py::function done) {
            return start_op(std::move(done), &take_row_list, [&](auto... rest) {
              return tsr_cache_get_async(get(self), space(self), key.str(), rest...);
            });
          },
          py::arg("key"), py::arg("done"))
      .def(
          "_start_remove",
          [](const Cache& self, const Text& key, py::function done) {
            return start_op(std::move(done), &take_nothing, [&](auto... rest) {
              return tsr_cache_remove_async(get(self), space(self), key.str(), rest...);
            });
          },
          py::arg("key"), py::arg("done"))
      .def(
          "_start_clear",
          [](const Cache& self, py::function done) {
            return start_op(std::move(done), &take_nothing, [&](auto... rest) {
              return tsr_cache_clear_async(get(self), space(self), rest...);
            });
          },
          py::arg("done"))
      .def(
          "_start_stats",
          [](const Cache& self, py::function done) {
            return start_op(std::move(done), &take_row_list, [&](auto... rest) {
              return tsr_cache_stats_async(get(self), space(self), rest...);
            });
          },
          py::arg("done"));
}

}  // namespace

void define_cache(py::module_& module) {
  py::class_<Cache> cache(module, "Cache", "What tessera.Cache derives from.");
  cache
      .def(py::init([](py::object store, std::string name) {
             tsr_store* const handle = store.cast<const Store&>().handle.get();
             return Cache{std::move(store), handle, std::move(name)};
           }),
           py::arg("store"), py::arg("space"))
      .def_property_readonly(
          "space", [](const Cache& self) { return self.space; }, "The name of the space.")
      .def(
          "_put",
          [](const Cache& self, const Text& key, py::object value, int64_t ttl_ms) {
            const Answer answer(value);
            run([&](tsr_error** err) {
              return tsr_cache_put(get(self), space(self), key.str(), answer.data(), answer.size(), ttl_ms,
                                   answer.flags(), err);
            });
          },
          py::arg("key"), py::arg("value"), py::arg("ttl_ms"))
      .def(
          "_get",
          [](const Cache& self, const Text& key) -> py::object {
            tsr_rowset* made = nullptr;
            if (!found([&](tsr_error** err) {
                  return tsr_cache_get(get(self), space(self), key.str(), &made, err);
                })) {
              return py::none();
            }
            return rows_of(RowsetPtr(made).get())[0];
          },
          py::arg("key"))
      .def("_get_or_load", &get_or_load, py::arg("key"), py::arg("loader"), py::arg("timeout"))
      .def(
          "remove",
          [](const Cache& self, const Text& key) {
            run([&](tsr_error** err) { return tsr_cache_remove(get(self), space(self), key.str(), err); });
          },
          py::arg("key"), "Forgets an answer; one that is not there is fine. Raises StateError, ForkedError.")
      .def(
          "clear",
          [](const Cache& self) {
            run([&](tsr_error** err) { return tsr_cache_clear(get(self), space(self), err); });
          },
          "Forgets every answer of the space. Raises StateError, ForkedError.")
      .def("_stats", [](const Cache& self) {
        const auto rows = obtain<RowsetPtr>([&](tsr_rowset** out, tsr_error** err) {
          return tsr_cache_stats(get(self), space(self), out, err);
        });
        return rows_of(rows.get());
      });
  define_background(cache);
}

}  // namespace tessera::python
