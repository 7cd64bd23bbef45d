#include "rows.hpp"

#include <chrono>
#include <mutex>
#include <new>

#include "handles.hpp"

namespace tessera::python {
namespace {

using std::chrono::steady_clock;

/// Rows that were read while the interpreter lock was away, copied.
class Ahead {
 public:
  bool empty() const { return next_ == count_; }
  size_t bytes() const { return bytes_.size(); }

  void clear() {
    cells_.clear();
    bytes_.clear();
    count_ = next_ = 0;
  }

  void add(const tsr_value* row, size_t width) {
    for (size_t i = 0; i < width; ++i) {
      tsr_value& cell = cells_.emplace_back(row[i]);
      if (row[i].data == nullptr) continue;
      cell.data = reinterpret_cast<const void*>(bytes_.size());
      bytes_.append(static_cast<const char*>(row[i].data), row[i].len);
    }
    ++count_;
  }

  PyObject* take(PyObject* names, size_t width) {
    return new_row(names, cells_.data() + width * next_++, bytes_.data());
  }

 private:
  std::vector<tsr_value> cells_;  // `data` counts from the start of `bytes_`
  std::string bytes_;
  size_t count_ = 0;
  size_t next_ = 0;
};

/// How much one turn without the interpreter lock reads: the first row as soon as it is there, then enough to
/// make giving the lock away cheap, but little enough that the rows of a slow query come as they are found.
constexpr size_t kRowsAtFirst = 1;
constexpr size_t kRowsThen = 32;
constexpr size_t kMostRows = 256;
constexpr size_t kMostBytes = size_t{256} << 10;
constexpr auto kLongest = std::chrono::milliseconds(1);

void set_error(tsr_status status, const char* text) {
  try {
    raise_error(status, "store", text);
  } catch (py::error_already_set& error) {
    error.restore();
  }
}

class Source {
 public:
  explicit Source(tsr_rows* rows) : rows_(rows) {}
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  ~Source() { close(); }

  /// The next Row; null at the end, or with Python's error set.
  PyObject* next() {
    if (!check_outside() || (ahead_.empty() && !load())) return nullptr;
    return ahead_.take(names_.ptr(), width_);
  }

  /// A tuple of str; null with Python's error set.
  PyObject* names() {
    if (!check_outside()) return nullptr;
    if (!names_ && ahead_.empty() && !load() && PyErr_Occurred() != nullptr) return nullptr;
    return names_ ? names_.inc_ref().ptr() : PyTuple_New(0);
  }

  py::list fetch(size_t max_rows);
  Op start_fetch(size_t max_rows, py::function done) {
    return start_op(std::move(done), &take_fetched,
                    [&](auto... rest) { return tsr_rows_fetch_async(rows_, max_rows, rest...); });
  }

  void interrupt() {
    const std::lock_guard lock(closing_);
    tsr_rows_interrupt(rows_);
  }

  /// False, with Python's error set, while another thread reads.
  bool close() {
    if (!check_outside()) return false;
    ahead_.clear();
    if (rows_ != nullptr) call_without_lock([&] { release(); });
    return true;
  }

 private:
  /// For what touches more than rows_.
  template <class Call>
  void call_without_lock(Call&& call) {
    is_inside_ = true;
    call_sdk<Lock::kReleased>([&] { return call(), 0; });
    is_inside_ = false;
  }

  bool check_outside() const {
    if (!is_inside_) return true;
    set_error(TSR_E_STATE, "another thread is reading these rows; give each thread rows of its own");
    return false;
  }

  /// Reads rows ahead. False at the end, or with Python's error set.
  bool load() {
    ahead_.clear();
    call_without_lock([&] { read_ahead(); });
    try {
      if (!names_) names_ = column_names({columns_.begin(), columns_.end()});
      if (!ahead_.empty()) return true;
      if (status_ != TSR_OK) failure_.raise(std::exchange(status_, TSR_OK));
    } catch (py::error_already_set& error) {
      error.restore();
    }
    return false;
  }

  void read_ahead() {
    if (rows_ == nullptr) return;
    const auto started = steady_clock::now();
    const tsr_value* row = nullptr;
    for (size_t left = most_rows_; left > 0; --left) {
      status_ = tsr_rows_next(rows_, &row, failure_.out());
      if (width_ == 0) read_columns();
      if (status_ != TSR_OK || row == nullptr) return release();
      ahead_.add(row, width_);
      if (ahead_.bytes() > kMostBytes || steady_clock::now() - started > kLongest) return;
    }
    most_rows_ = most_rows_ == kRowsAtFirst ? kRowsThen : kMostRows;
  }

  void read_columns() {
    width_ = tsr_rows_column_count(rows_);
    for (size_t i = 0; i < width_; ++i) {
      const tsr_str name = tsr_rows_column(rows_, i);
      columns_.emplace_back(name.data, name.len);
    }
  }

  void release() {
    tsr_rows* ended = nullptr;
    {
      const std::lock_guard lock(closing_);
      ended = std::exchange(rows_, nullptr);
    }
    tsr_rows_free(ended);
  }

  tsr_rows* rows_;
  std::mutex closing_;  // interrupt() comes from any thread
  bool is_inside_ = false;
  size_t most_rows_ = kRowsAtFirst;
  std::vector<std::string> columns_;
  py::object names_;
  size_t width_ = 0;
  Ahead ahead_;
  tsr_status status_ = TSR_OK;
  Failure failure_;
};

py::list Source::fetch(size_t max_rows) {
  if (!check_outside()) throw py::error_already_set();
  py::list rows;
  while (!ahead_.empty() && rows.size() < max_rows) {
    auto row = py::reinterpret_steal<py::object>(ahead_.take(names_.ptr(), width_));
    if (!row) throw py::error_already_set();
    rows.append(std::move(row));
  }
  if (rows.size() == max_rows || rows_ == nullptr) return rows;
  tsr_rowset* made = nullptr;
  Failure failure;
  tsr_status status = TSR_OK;
  call_without_lock([&] {
    status = tsr_rows_fetch(rows_, max_rows - rows.size(), &made, failure.out());
    if (tsr_rowset_more(made) == 0) release();
  });
  const RowsetPtr fetched(made);
  if (status != TSR_OK) failure.raise(status);
  if (!names_) names_ = columns_of(made);
  width_ = tsr_rowset_column_count(made);
  return rows + rows_of(fetched.get());
}

struct Rows {
  PyObject_HEAD Source source;
};

constinit PyTypeObject* rows_type = nullptr;

Source& source_of(PyObject* self) { return reinterpret_cast<Rows*>(self)->source; }

void deallocate(PyObject* self) {
  PyTypeObject* const type = Py_TYPE(self);
  source_of(self).~Source();
  PyObject_Free(self);
  Py_DECREF(type);
}

PyObject* next(PyObject* self) { return source_of(self).next(); }

/// A list, or null with Python's error set.
PyObject* all(PyObject* self, PyObject*) {
  PyObject* const list = PyList_New(0);
  if (list == nullptr) return nullptr;
  while (PyObject* const row = next(self)) {
    const int status = PyList_Append(list, row);
    Py_DECREF(row);
    if (status != 0) break;
  }
  if (PyErr_Occurred() == nullptr) return list;
  Py_DECREF(list);
  return nullptr;
}

/// The next row, None at the end; then the rest is given up.
PyObject* first(PyObject* self, PyObject*) {
  PyObject* const row = next(self);
  if (row == nullptr && PyErr_Occurred() != nullptr) return nullptr;
  if (!source_of(self).close()) {
    Py_XDECREF(row);
    return nullptr;
  }
  return row == nullptr ? Py_NewRef(Py_None) : row;
}

PyObject* one(PyObject* self, PyObject*) {
  PyObject* const row = next(self);
  if (row == nullptr) {
    if (PyErr_Occurred() != nullptr) return nullptr;
    set_error(TSR_E_NOT_FOUND,
              "the query gave no row, and one was asked for; use first() where none is fine");
    return nullptr;
  }
  PyObject* const other = next(self);
  if (other == nullptr && PyErr_Occurred() == nullptr) return row;
  Py_DECREF(row);
  if (other == nullptr) return nullptr;
  Py_DECREF(other);
  if (!source_of(self).close()) return nullptr;
  set_error(TSR_E_STATE, "the query gave several rows, and one was asked for; narrow it, or use first()");
  return nullptr;
}

PyObject* fetch(PyObject* self, PyObject* max_rows) {
  const size_t count = PyLong_AsSize_t(max_rows);
  if (count == static_cast<size_t>(-1) && PyErr_Occurred() != nullptr) return nullptr;
  try {
    return source_of(self).fetch(count).release().ptr();
  } catch (py::error_already_set& error) {
    error.restore();
    return nullptr;
  }
}

PyObject* start_fetch(PyObject* self, PyObject* arguments) {
  Py_ssize_t max_rows = 0;
  PyObject* done = nullptr;
  if (PyArg_ParseTuple(arguments, "nO", &max_rows, &done) == 0) return nullptr;
  try {
    return py::cast(source_of(self).start_fetch(static_cast<size_t>(max_rows),
                                                py::reinterpret_borrow<py::function>(done)))
        .release()
        .ptr();
  } catch (py::error_already_set& error) {
    error.restore();
    return nullptr;
  }
}

PyObject* interrupt(PyObject* self, PyObject*) {
  source_of(self).interrupt();
  Py_RETURN_NONE;
}

PyObject* close(PyObject* self, PyObject*) {
  if (!source_of(self).close()) return nullptr;
  Py_RETURN_NONE;
}

PyObject* enter(PyObject* self, PyObject*) { return Py_NewRef(self); }

PyObject* leave(PyObject* self, PyObject*) { return close(self, nullptr); }

PyObject* columns(PyObject* self, void*) { return source_of(self).names(); }

PyMethodDef methods[] = {
    {"all", &all, METH_NOARGS, "all($self, /)\n--\n\nThe rows that are left, as a list."},
    {"first", &first, METH_NOARGS,
     "first($self, /)\n--\n\nThe next row, None when there is none; gives the rest up."},
    {"one", &one, METH_NOARGS,
     "one($self, /)\n--\n\nThe only row. Raises NotFoundError when there is none, StateError when there are "
     "more."},
    {"fetch", &fetch, METH_O,
     "fetch($self, max_rows, /)\n--\n\nThe next rows, `max_rows` at most, as a list."},
    {"_start_fetch", &start_fetch, METH_VARARGS, "_start_fetch($self, max_rows, done, /)\n--\n\n"},
    {"interrupt", &interrupt, METH_NOARGS,
     "interrupt($self, /)\n--\n\nEnds what another thread reads here with CancelledError."},
    {"close", &close, METH_NOARGS, "close($self, /)\n--\n\nGives up the rows that are left. Again is fine."},
    {"__enter__", &enter, METH_NOARGS, "__enter__($self, /)\n--\n\n"},
    {"__exit__", &leave, METH_VARARGS, "__exit__($self, kind, error, trace, /)\n--\n\n"},
    {nullptr, nullptr, 0, nullptr}};

PyGetSetDef properties[] = {{"columns", &columns, nullptr, "The names of the columns, as a tuple.", nullptr},
                            {nullptr, nullptr, nullptr, nullptr, nullptr}};

constexpr const char* kDoc =
    "Rows of a query, read from the store as they are asked for, a few hundred ahead at most: an iterator of "
    "Row. Holds a\n"
    "connection for reading until the last row, close() or the end of a `with`. One thread at a time.";

template <class Function>
void* slot(Function* function) {
  return reinterpret_cast<void*>(function);
}

RowsetPtr obtain_rowset(tsr_op* op) {
  return obtain<RowsetPtr, Lock::kKept>(
      [&](tsr_rowset** out, tsr_error** err) { return tsr_op_rowset(op, out, err); });
}

}  // namespace

py::object new_rows(tsr_rows* rows) {
  auto* const made = PyObject_New(Rows, rows_type);
  if (made == nullptr) {
    tsr_rows_free(rows);
    throw py::error_already_set();
  }
  new (&made->source) Source(rows);
  return py::reinterpret_steal<py::object>(reinterpret_cast<PyObject*>(made));
}

py::object take_rows(tsr_op* op) {
  tsr_rows* rows = nullptr;
  run<Lock::kKept>([&](tsr_error** err) { return tsr_op_rows(op, &rows, err); });
  return new_rows(rows);
}

py::object take_fetched(tsr_op* op) {
  const RowsetPtr rows = obtain_rowset(op);
  return py::make_tuple(rows_of(rows.get()), tsr_rowset_more(rows.get()) != 0);
}

py::object take_row_list(tsr_op* op) { return rows_of(obtain_rowset(op).get()); }

py::object take_only_value(tsr_op* op) { return only_value(obtain_rowset(op).get()); }

void define_rows(py::module_& module) {
  static PyType_Slot slots[] = {{Py_tp_doc, const_cast<char*>(kDoc)},
                                {Py_tp_dealloc, slot(&deallocate)},
                                {Py_tp_iter, slot(&PyObject_SelfIter)},
                                {Py_tp_iternext, slot(&next)},
                                {Py_tp_methods, methods},
                                {Py_tp_getset, properties},
                                {0, nullptr}};
  static PyType_Spec spec{"tessera._native.Rows", sizeof(Rows), 0,
                          Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                          slots};
  PyObject* const type = PyType_FromSpec(&spec);
  if (type == nullptr) throw py::error_already_set();
  rows_type = reinterpret_cast<PyTypeObject*>(type);
  module.add_object("Rows", type);
}

}  // namespace tessera::python
