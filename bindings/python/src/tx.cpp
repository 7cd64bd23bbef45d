// tessera.Transaction: the native that the Python class derives from.
#include "fast_call.hpp"
#include "handles.hpp"
#include "outbox_item.hpp"
#include "rows.hpp"

namespace tessera::python {
namespace {

tsr_tx* get(const Tx& self) { return self.handle.get(); }

constexpr std::array<const char*, 2> kNames{"sql", "params"};
constexpr std::array<const char*, 2> kManyNames{"sql", "rows"};

class TxOptions {
 public:
  TxOptions(PyObject* commit, PyObject* timeout) {
    tsr_tx_opts_init(&opts_, sizeof opts_);
    opts_.commit = commit_of(commit);
    opts_.timeout_ms = timeout_ms_of(timeout);
  }
  const tsr_tx_opts* get() const { return &opts_; }

 private:
  tsr_tx_opts opts_;
};

PyObject* execute(Tx& self, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
  const Arguments<2> arguments(kNames, 1, 0, given, count, keywords);
  const tsr_str sql = text_of(arguments[0], "sql");
  const Parameters params(arguments[1]);
  const SqlOptions opts(nullptr, nullptr, params.names());
  int64_t changes = 0;
  int64_t row_id = 0;
  run([&](tsr_error** err) {
    return tsr_tx_execute(get(self), sql, params.data(), params.size(), opts.get(), &changes, &row_id, err);
  });
  return new_changes(changes, row_id).release().ptr();
}

PyObject* execute_many(Tx& self, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
  const Arguments<2> arguments(kManyNames, 2, 0, given, count, keywords);
  const tsr_str sql = text_of(arguments[0], "sql");
  const ManyParameters params(arguments[1]);
  int64_t changes = 0;
  run([&](tsr_error** err) {
    return tsr_tx_execute_many(get(self), sql, params.data(), params.width(), params.count(), &changes, err);
  });
  return PyLong_FromLongLong(changes);
}

PyObject* query(Tx& self, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
  const Arguments<2> arguments(kNames, 1, 0, given, count, keywords);
  const tsr_str sql = text_of(arguments[0], "sql");
  const Parameters params(arguments[1]);
  const SqlOptions opts(nullptr, nullptr, params.names());
  tsr_rows* rows = nullptr;
  run([&](tsr_error** err) {
    return tsr_tx_query(get(self), sql, params.data(), params.size(), opts.get(), &rows, err);
  });
  return new_rows(rows).release().ptr();
}

PyObject* query_all(Tx& self, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
  const Arguments<2> arguments(kNames, 1, 0, given, count, keywords);
  const tsr_str sql = text_of(arguments[0], "sql");
  const Parameters params(arguments[1]);
  const SqlOptions opts(nullptr, nullptr, params.names());
  const auto rows = obtain<RowsetPtr>([&](tsr_rowset** out, tsr_error** err) {
    return tsr_tx_query_all(get(self), sql, params.data(), params.size(), opts.get(), out, err);
  });
  return rows_of(rows.get()).release().ptr();
}

PyObject* put(Tx& self, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
  const Arguments<2> arguments({"key", "value"}, 2, 0, given, count, keywords);
  const tsr_str key = text_of(arguments[0], "key");
  Values value;
  value.add_setting(arguments[1]);
  run([&](tsr_error** err) { return tsr_tx_put(get(self), key, value.data(), err); });
  return Py_NewRef(Py_None);
}

PyMethodDef hot_methods[] = {
    fast_method_def<Tx, &execute>("execute",
                                  "execute($self, sql, params=())\n--\n\n"
                                  "As Store.execute(), inside the transaction. Raises as that, TimeoutError "
                                  "(held too long: rolled\n"
                                  "back), StateError (ended, another thread, or a nested one lives)."),
    fast_method_def<Tx, &execute_many>("execute_many",
                                       "execute_many($self, sql, rows)\n--\n\n"
                                       "As Store.execute_many(), inside the transaction."),
    fast_method_def<Tx, &query>("query",
                                "query($self, sql, params=())\n--\n\n"
                                "As Store.query(), inside the transaction, whose end ends the rows."),
    fast_method_def<Tx, &query_all>("query_all",
                                    "query_all($self, sql, params=())\n--\n\n"
                                    "As Store.query_all(), inside the transaction."),
    fast_method_def<Tx, &put>("put",
                              "put($self, key, value)\n--\n\n"
                              "As Store.put(), inside the transaction."),
};

void define_blocking(py::class_<Tx>& tx) {
  for (PyMethodDef& method : hot_methods) add_method(tx, &method);
  tx.def(
        "remove",
        [](const Tx& self, const Text& key) {
          return found([&](tsr_error** err) { return tsr_tx_remove(get(self), key.str(), err); });
        },
        py::arg("key"), "As Store.remove(), inside the transaction.")
      .def(
          "_enqueue",
          [](const Tx& self, const py::dict& members) {
            const OutboxItem item(members);
            return obtain_str([&](tsr_buf* out, tsr_error** err) {
              return tsr_tx_enqueue(get(self), item.get(), out, err);
            });
          },
          py::arg("members"))
      .def("_commit",
           [](const Tx& self) { run([&](tsr_error** err) { return tsr_tx_commit(get(self), err); }); })
      .def("_rollback",
           [](const Tx& self) { run([&](tsr_error** err) { return tsr_tx_rollback(get(self), err); }); });
}

void define_background(py::class_<Tx>& tx) {
  tx.def(
        "_start_execute",
        [](const Tx& self, const Text& sql, py::object params, py::function done) {
          const Parameters values(params.ptr());
          const SqlOptions opts(nullptr, nullptr, values.names());
          return start_op(std::move(done), &take_changes, [&](auto... rest) {
            return tsr_tx_execute_async(get(self), sql.str(), values.data(), values.size(), opts.get(),
                                        rest...);
          });
        },
        py::arg("sql"), py::arg("params"), py::arg("done"))
      .def(
          "_start_execute_many",
          [](const Tx& self, const Text& sql, py::object rows, py::function done) {
            const ManyParameters values(rows.ptr());
            return start_op(std::move(done), &take_count, [&](auto... rest) {
              return tsr_tx_execute_many_async(get(self), sql.str(), values.data(), values.width(),
                                               values.count(), rest...);
            });
          },
          py::arg("sql"), py::arg("rows"), py::arg("done"))
      .def(
          "_start_query",
          [](const Tx& self, const Text& sql, py::object params, py::function done) {
            const Parameters values(params.ptr());
            const SqlOptions opts(nullptr, nullptr, values.names());
            return start_op(std::move(done), &take_rows, [&](auto... rest) {
              return tsr_tx_query_async(get(self), sql.str(), values.data(), values.size(), opts.get(),
                                        rest...);
            });
          },
          py::arg("sql"), py::arg("params"), py::arg("done"))
      .def(
          "_start_query_all",
          [](const Tx& self, const Text& sql, py::object params, py::function done) {
            const Parameters values(params.ptr());
            const SqlOptions opts(nullptr, nullptr, values.names());
            return start_op(std::move(done), &take_row_list, [&](auto... rest) {
              return tsr_tx_query_all_async(get(self), sql.str(), values.data(), values.size(), opts.get(),
                                            rest...);
            });
          },
          py::arg("sql"), py::arg("params"), py::arg("done"))
      .def(
          "_start_put",
          [](const Tx& self, const Text& key, py::object value, py::function done) {
            Values values;
            values.add_setting(value.ptr());
            return start_op(std::move(done), &take_nothing, [&](auto... rest) {
              return tsr_tx_put_async(get(self), key.str(), values.data(), rest...);
            });
          },
          py::arg("key"), py::arg("value"), py::arg("done"))
      .def(
          "_start_remove",
          [](const Tx& self, const Text& key, py::function done) {
            return start_op(std::move(done), &take_nothing,
                            [&](auto... rest) { return tsr_tx_remove_async(get(self), key.str(), rest...); });
          },
          py::arg("key"), py::arg("done"))
      .def(
          "_start_enqueue",
          [](const Tx& self, const py::dict& members, py::function done) {
            const OutboxItem item(members);
            return start_op(std::move(done), &take_str, [&](auto... rest) {
              return tsr_tx_enqueue_async(get(self), item.get(), rest...);
            });
          },
          py::arg("members"), py::arg("done"))
      .def(
          "_start_commit",
          [](const Tx& self, py::function done) {
            return start_op(std::move(done), &take_nothing,
                            [&](auto... rest) { return tsr_tx_commit_async(get(self), rest...); });
          },
          py::arg("done"))
      .def(
          "_start_rollback",
          [](const Tx& self, py::function done) {
            return start_op(std::move(done), &take_nothing,
                            [&](auto... rest) { return tsr_tx_rollback_async(get(self), rest...); });
          },
          py::arg("done"));
}

}  // namespace

void define_tx(py::module_& module) {
  py::class_<Tx> tx(module, "Tx", "What tessera.Transaction derives from.");
  tx.def(py::init([](const Store& store, py::object commit, py::object timeout) {
           const TxOptions opts(commit.ptr(), timeout.ptr());
           return Tx{obtain<TxPtr>([&](tsr_tx** out, tsr_error** err) {
             return tsr_tx_begin(store.handle.get(), opts.get(), out, err);
           })};
         }),
         py::arg("source"), py::arg("commit"), py::arg("timeout"))
      .def(py::init([](const Tx& outer) {
             return Tx{obtain<TxPtr>(
                 [&](tsr_tx** out, tsr_error** err) { return tsr_tx_nest(get(outer), out, err); })};
           }),
           py::arg("source"))
      .def(py::init([](const Op& op) {
             return Tx{obtain<TxPtr, Lock::kKept>(
                 [&](tsr_tx** out, tsr_error** err) { return tsr_op_tx(op.handle.get(), out, err); })};
           }),
           py::arg("source"));
  define_blocking(tx);
  define_background(tx);
  module.def(
      "start_begin",
      [](const Store& store, py::object commit, py::object timeout, py::function done) {
        const TxOptions opts(commit.ptr(), timeout.ptr());
        return start_op(std::move(done), &take_in_constructor, [&](auto... rest) {
          return tsr_tx_begin_async(store.handle.get(), opts.get(), rest...);
        });
      },
      py::arg("store"), py::arg("commit"), py::arg("timeout"), py::arg("done"));
}

}  // namespace tessera::python
