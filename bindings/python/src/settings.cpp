// tessera.Store: settings and who watches them.
#include "fast_call.hpp"
#include "handles.hpp"
#include "in_python.hpp"
#include "rows.hpp"

namespace tessera::python {
namespace {

tsr_store* get(const Store& self) { return self.handle.get(); }

PyObject* put(Store& self, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
  const Arguments<3> arguments({"key", "value", "commit"}, 2, 1, given, count, keywords);
  const tsr_str key = text_of(arguments[0], "key");
  Values value;
  value.add_setting(arguments[1]);
  const SqlOptions opts(arguments[2], nullptr, nullptr);
  run([&](tsr_error** err) { return tsr_store_put(get(self), key, value.data(), opts.get(), err); });
  return Py_NewRef(Py_None);
}

PyObject* get_value(Store& self, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
  const Arguments<2> arguments({"key", "default"}, 1, 0, given, count, keywords);
  const tsr_str key = text_of(arguments[0], "key");
  tsr_rowset* made = nullptr;
  const bool is_there = found([&](tsr_error** err) { return tsr_store_get(get(self), key, &made, err); });
  if (!is_there) return Py_NewRef(arguments[1] == nullptr ? Py_None : arguments[1]);
  return only_value(RowsetPtr(made).get()).release().ptr();
}

PyMethodDef hot_methods[] = {
    fast_method_def<Store, &put>(
        "put",
        "put($self, key, value, *, commit=None)\n--\n\n"
        "Writes one setting: None, bool, int, float, str, bytes, or a dict or list that is kept as JSON. "
        "`key` has 1 to\n"
        "1,024 bytes. Raises ArgError, and as execute()."),
    fast_method_def<Store, &get_value>(
        "get",
        "get($self, key, default=None)\n--\n\n"
        "Reads one setting, in the type that was put; `default` when there is none. Raises as query()."),
};

/// `tsr_changed_fn`
tsr_status forward_change(void* user, tsr_str key) {
  const bool is_open = in_python([&] {
    const py::object& function = kept_function(user);
    try {
      function(py::str(key.data, key.len));
    } catch (py::error_already_set& error) {
      error.discard_as_unraisable(function);
    }
  });
  return is_open ? TSR_OK : TSR_E_STATE;
}

py::dict dict_of(const tsr_rowset* rows) {
  py::dict settings;
  for (size_t i = 0; i < tsr_rowset_count(rows); ++i) {
    const tsr_value* const row = tsr_rowset_row(rows, i);
    const auto key = py::reinterpret_steal<py::object>(object_of(row[0]));
    const auto value = py::reinterpret_steal<py::object>(object_of(row[1]));
    if (!key || !value) throw py::error_already_set();
    settings[key] = value;
  }
  return settings;
}

py::object take_dict(tsr_op* op) {
  const auto rows = obtain<RowsetPtr, Lock::kKept>(
      [&](tsr_rowset** out, tsr_error** err) { return tsr_op_rowset(op, out, err); });
  return dict_of(rows.get());
}

}  // namespace

void define_settings(py::class_<Store>& store) {
  for (PyMethodDef& method : hot_methods) add_method(store, &method);
  store
      .def(
          "remove",
          [](const Store& self, const Text& key, py::object commit) {
            const SqlOptions opts(commit.ptr(), nullptr, nullptr);
            return found(
                [&](tsr_error** err) { return tsr_store_remove(get(self), key.str(), opts.get(), err); });
          },
          py::arg("key"), py::kw_only(), py::arg("commit") = py::none(),
          "Removes one setting; False when there was none. Raises as execute().")
      .def(
          "list",
          [](const Store& self, const Text& prefix) {
            const auto rows = obtain<RowsetPtr>([&](tsr_rowset** out, tsr_error** err) {
              return tsr_store_list(get(self), prefix.str(), out, err);
            });
            return dict_of(rows.get());
          },
          py::arg("prefix") = "",
          "The settings whose keys begin with `prefix`, in key order, as a dict. Raises as query().")
      .def(
          "watch",
          [](const Store& self, const Text& prefix, py::function callback) {
            void* const user = keep_function(std::move(callback));
            return Subscription{obtain<SubPtr>([&](tsr_sub** out, tsr_error** err) {
              return tsr_store_watch(get(self), prefix.str(), &forward_change, user, &drop_function, out,
                                     err);
            })};
          },
          py::arg("prefix"), py::arg("callback"),
          "Calls `callback(key)` on a thread of the library after each commit that put or removed a setting "
          "whose key begins\n"
          "with `prefix`, until the Subscription is cancelled or collected. An exception in it goes to\n"
          "sys.unraisablehook. Raises StateError, ForkedError.")
      .def(
          "_start_put",
          [](const Store& self, const Text& key, py::object value, py::object commit, py::function done) {
            Values values;
            values.add_setting(value.ptr());
            const SqlOptions opts(commit.ptr(), nullptr, nullptr);
            return start_op(std::move(done), &take_nothing, [&](auto... rest) {
              return tsr_store_put_async(get(self), key.str(), values.data(), opts.get(), rest...);
            });
          },
          py::arg("key"), py::arg("value"), py::arg("commit"), py::arg("done"))
      .def(
          "_start_get",
          [](const Store& self, const Text& key, py::function done) {
            return start_op(std::move(done), &take_only_value,
                            [&](auto... rest) { return tsr_store_get_async(get(self), key.str(), rest...); });
          },
          py::arg("key"), py::arg("done"))
      .def(
          "_start_remove",
          [](const Store& self, const Text& key, py::object commit, py::function done) {
            const SqlOptions opts(commit.ptr(), nullptr, nullptr);
            return start_op(std::move(done), &take_nothing, [&](auto... rest) {
              return tsr_store_remove_async(get(self), key.str(), opts.get(), rest...);
            });
          },
          py::arg("key"), py::arg("commit"), py::arg("done"))
      .def(
          "_start_list",
          [](const Store& self, const Text& prefix, py::function done) {
            return start_op(std::move(done), &take_dict, [&](auto... rest) {
              return tsr_store_list_async(get(self), prefix.str(), rest...);
            });
          },
          py::arg("prefix"), py::arg("done"));
}

}  // namespace tessera::python
