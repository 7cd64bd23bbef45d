// tessera.Store: SQL.
#include <pybind11/stl.h>

#include "fast_call.hpp"
#include "handles.hpp"
#include "rows.hpp"

namespace tessera::python {
namespace {

tsr_store* get(const Store& self) { return self.handle.get(); }

constexpr std::array<const char*, 4> kNames{"sql", "params", "commit", "timeout"};
constexpr std::array<const char*, 3> kReadNames{"sql", "params", "timeout"};

PyObject* execute(Store& self, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
  const Arguments<4> arguments(kNames, 1, 2, given, count, keywords);
  const tsr_str sql = text_of(arguments[0], "sql");
  const Parameters params(arguments[1]);
  const SqlOptions opts(arguments[2], arguments[3], params.names());
  int64_t changes = 0;
  int64_t row_id = 0;
  run([&](tsr_error** err) {
    return tsr_store_execute(get(self), sql, params.data(), params.size(), opts.get(), &changes, &row_id,
                             err);
  });
  return new_changes(changes, row_id).release().ptr();
}

PyObject* execute_many(Store& self, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
  const Arguments<4> arguments(kNames, 2, 2, given, count, keywords);
  const tsr_str sql = text_of(arguments[0], "sql");
  const ManyParameters params(arguments[1]);
  const SqlOptions opts(arguments[2], arguments[3], nullptr);
  int64_t changes = 0;
  run([&](tsr_error** err) {
    return tsr_store_execute_many(get(self), sql, params.data(), params.width(), params.count(), opts.get(),
                                  &changes, err);
  });
  return PyLong_FromLongLong(changes);
}

PyObject* query(Store& self, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
  const Arguments<3> arguments(kReadNames, 1, 1, given, count, keywords);
  const tsr_str sql = text_of(arguments[0], "sql");
  const Parameters params(arguments[1]);
  const SqlOptions opts(nullptr, arguments[2], params.names());
  tsr_rows* rows = nullptr;
  run([&](tsr_error** err) {
    return tsr_store_query(get(self), sql, params.data(), params.size(), opts.get(), &rows, err);
  });
  return new_rows(rows).release().ptr();
}

PyObject* query_all(Store& self, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
  const Arguments<3> arguments(kReadNames, 1, 1, given, count, keywords);
  const tsr_str sql = text_of(arguments[0], "sql");
  const Parameters params(arguments[1]);
  const SqlOptions opts(nullptr, arguments[2], params.names());
  const auto rows = obtain<RowsetPtr>([&](tsr_rowset** out, tsr_error** err) {
    return tsr_store_query_all(get(self), sql, params.data(), params.size(), opts.get(), out, err);
  });
  return rows_of(rows.get()).release().ptr();
}

PyMethodDef hot_methods[] = {
    fast_method_def<Store, &execute>(
        "execute",
        "execute($self, sql, params=(), *, commit=None, timeout=None)\n--\n\n"
        "Runs one statement and gives its Changes; one that writes is committed before the return. `params` "
        "is a sequence,\n"
        "or a mapping for named ones (`:name`). `commit` is \"strict\" (survives a power cut) or "
        "\"relaxed\" (survives the\n"
        "end of the process), as the store is configured when None; `timeout` in seconds.\n"
        "Raises ArgError (the SQL or a parameter), StateError (closed, a constraint, TENANT_REQUIRED), "
        "BusyError,\n"
        "TimeoutError, CorruptError, DiskFullError, IoError, LimitError, ForkedError."),
    fast_method_def<Store, &execute_many>(
        "execute_many",
        "execute_many($self, sql, rows, *, commit=None, timeout=None)\n--\n\n"
        "Runs one statement for each sequence of `rows` in one transaction and gives the number of rows "
        "changed by all.\n"
        "Raises as execute()."),
    fast_method_def<Store, &query>("query",
                                   "query($self, sql, params=(), *, timeout=None)\n--\n\n"
                                   "Starts reading the rows of one statement; they see every write "
                                   "acknowledged before. A statement that "
                                   "writes\n"
                                   "(RETURNING) is committed first. Raises as execute()."),
    fast_method_def<Store, &query_all>("query_all",
                                       "query_all($self, sql, params=(), *, timeout=None)\n--\n\n"
                                       "All rows of one statement as a list. Raises as execute()."),
};

/// Borrows from the texts of `steps`.
class Migrations {
 public:
  explicit Migrations(const py::list& steps) {
    for (const py::handle step : steps) {
      if (!PySequence_Check(step.ptr()) || py::len(step) != 2) {
        throw py::type_error("each step must be its name and its SQL");
      }
      steps_.push_back({add(step[py::int_(0)]), add(step[py::int_(1)])});
    }
  }
  const tsr_migration* data() const { return steps_.data(); }
  size_t size() const { return steps_.size(); }

 private:
  tsr_str add(py::object source) {
    const tsr_str text = text_of(source.ptr(), "name and SQL of a step");
    kept_.push_back(std::move(source));
    return text;
  }

  std::vector<py::object> kept_;
  std::vector<tsr_migration> steps_;
};

uint32_t migrate_flags(bool dry_run) { return dry_run ? uint32_t{TSR_MIGRATE_DRY_RUN} : 0; }

PyStructSequence_Field change_fields[] = {
    {"changes", "Rows changed."}, {"row_id", "The last inserted row's id."}, {nullptr, nullptr}};
PyStructSequence_Desc change_desc{"tessera._native.Changes", "What a statement changed.", change_fields, 2};
constinit PyTypeObject* changes_type = nullptr;

}  // namespace

py::object new_changes(int64_t changes, int64_t row_id) {
  PyObject* const made = PyStructSequence_New(changes_type);
  if (made == nullptr) throw py::error_already_set();
  PyStructSequence_SetItem(made, 0, PyLong_FromLongLong(changes));
  PyStructSequence_SetItem(made, 1, PyLong_FromLongLong(row_id));
  return py::reinterpret_steal<py::object>(made);
}

py::object take_changes(tsr_op* op) {
  int64_t changes = 0;
  int64_t row_id = 0;
  run<Lock::kKept>([&](tsr_error** err) { return tsr_op_changes(op, &changes, &row_id, err); });
  return new_changes(changes, row_id);
}

py::object take_count(tsr_op* op) {
  int64_t changes = 0;
  run<Lock::kKept>([&](tsr_error** err) { return tsr_op_changes(op, &changes, nullptr, err); });
  return py::int_(changes);
}

void define_changes(py::module_& module) {
  changes_type = PyStructSequence_NewType(&change_desc);
  if (changes_type == nullptr) throw py::error_already_set();
  module.add_object("Changes", reinterpret_cast<PyObject*>(changes_type));
}

void define_statements(py::class_<Store>& store) {
  for (PyMethodDef& method : hot_methods) add_method(store, &method);
  store
      .def(
          "execute_script",
          [](const Store& self, const Text& sql, py::object commit, py::object timeout) {
            const SqlOptions opts(commit.ptr(), timeout.ptr(), nullptr);
            run([&](tsr_error** err) {
              return tsr_store_execute_script(get(self), sql.str(), opts.get(), err);
            });
          },
          py::arg("sql"), py::kw_only(), py::arg("commit") = py::none(), py::arg("timeout") = py::none(),
          "Runs several statements without parameters in one transaction. Raises as execute().")
      .def(
          "_start_execute",
          [](const Store& self, const Text& sql, py::object params, py::object commit, py::object timeout,
             py::function done) {
            const Parameters values(params.ptr());
            const SqlOptions opts(commit.ptr(), timeout.ptr(), values.names());
            return start_op(std::move(done), &take_changes, [&](auto... rest) {
              return tsr_store_execute_async(get(self), sql.str(), values.data(), values.size(), opts.get(),
                                             rest...);
            });
          },
          py::arg("sql"), py::arg("params"), py::arg("commit"), py::arg("timeout"), py::arg("done"))
      .def(
          "_start_execute_many",
          [](const Store& self, const Text& sql, py::object rows, py::object commit, py::object timeout,
             py::function done) {
            const ManyParameters values(rows.ptr());
            const SqlOptions opts(commit.ptr(), timeout.ptr(), nullptr);
            return start_op(std::move(done), &take_count, [&](auto... rest) {
              return tsr_store_execute_many_async(get(self), sql.str(), values.data(), values.width(),
                                                  values.count(), opts.get(), rest...);
            });
          },
          py::arg("sql"), py::arg("rows"), py::arg("commit"), py::arg("timeout"), py::arg("done"))
      .def(
          "_start_execute_script",
          [](const Store& self, const Text& sql, py::object commit, py::object timeout, py::function done) {
            const SqlOptions opts(commit.ptr(), timeout.ptr(), nullptr);
            return start_op(std::move(done), &take_nothing, [&](auto... rest) {
              return tsr_store_execute_script_async(get(self), sql.str(), opts.get(), rest...);
            });
          },
          py::arg("sql"), py::arg("commit"), py::arg("timeout"), py::arg("done"))
      .def(
          "_start_query",
          [](const Store& self, const Text& sql, py::object params, py::object timeout, py::function done) {
            const Parameters values(params.ptr());
            const SqlOptions opts(nullptr, timeout.ptr(), values.names());
            return start_op(std::move(done), &take_rows, [&](auto... rest) {
              return tsr_store_query_async(get(self), sql.str(), values.data(), values.size(), opts.get(),
                                           rest...);
            });
          },
          py::arg("sql"), py::arg("params"), py::arg("timeout"), py::arg("done"))
      .def(
          "_start_query_all",
          [](const Store& self, const Text& sql, py::object params, py::object timeout, py::function done) {
            const Parameters values(params.ptr());
            const SqlOptions opts(nullptr, timeout.ptr(), values.names());
            return start_op(std::move(done), &take_row_list, [&](auto... rest) {
              return tsr_store_query_all_async(get(self), sql.str(), values.data(), values.size(), opts.get(),
                                               rest...);
            });
          },
          py::arg("sql"), py::arg("params"), py::arg("timeout"), py::arg("done"))
      .def(
          "_migrate",
          [](const Store& self, const py::list& steps, bool dry_run) {
            const Migrations migrations(steps);
            const auto rows = obtain<RowsetPtr>([&](tsr_rowset** out, tsr_error** err) {
              return tsr_store_migrate(get(self), migrations.data(), migrations.size(),
                                       migrate_flags(dry_run), out, err);
            });
            return rows_of(rows.get());
          },
          py::arg("steps"), py::arg("dry_run"))
      .def(
          "_start_migrate",
          [](const Store& self, const py::list& steps, bool dry_run, py::function done) {
            const Migrations migrations(steps);
            return start_op(std::move(done), &take_row_list, [&](auto... rest) {
              return tsr_store_migrate_async(get(self), migrations.data(), migrations.size(),
                                             migrate_flags(dry_run), rest...);
            });
          },
          py::arg("steps"), py::arg("dry_run"), py::arg("done"));
}

}  // namespace tessera::python
