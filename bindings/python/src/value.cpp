#include "value.hpp"

#include <algorithm>

namespace tessera::python {
namespace {

void set_integer(PyObject* source, tsr_value* out) {
  int overflow = 0;
  const long long number = PyLong_AsLongLongAndOverflow(source, &overflow);
  if (overflow != 0) {
    PyErr_SetString(PyExc_OverflowError, "an int needs more than 64 bits; give a str or bytes");
    throw py::error_already_set();
  }
  if (number == -1 && PyErr_Occurred() != nullptr) throw py::error_already_set();
  *out = {TSR_VALUE_INTEGER, 0, number, 0, nullptr, 0};
}

void set_text(PyObject* source, int32_t type, tsr_value* out) {
  if (PyUnicode_IS_COMPACT_ASCII(source)) {
    *out = {type, 0, 0, 0, PyUnicode_DATA(source), static_cast<size_t>(PyUnicode_GET_LENGTH(source))};
    return;
  }
  Py_ssize_t length = 0;
  const char* const utf8 = PyUnicode_AsUTF8AndSize(source, &length);
  if (utf8 == nullptr) throw py::error_already_set();
  *out = {type, 0, 0, 0, utf8, static_cast<size_t>(length)};
}

py::object tuple_of(PyObject* source) {
  auto tuple = py::reinterpret_steal<py::object>(PySequence_Tuple(source));
  if (!tuple) throw py::error_already_set();
  return tuple;
}

[[noreturn]] void refuse(PyObject* source, const char* wanted) {
  PyErr_Format(PyExc_TypeError, "%s, not %.100s", wanted, Py_TYPE(source)->tp_name);
  throw py::error_already_set();
}

bool is_mapping(PyObject* source) {
  return PyDict_Check(source) ||
         py::isinstance(py::handle(source), from_python("collections.abc", "Mapping"));
}

void refuse_text(PyObject* source, const char* wanted) {
  if (PyUnicode_Check(source) || PyBytes_Check(source)) refuse(source, wanted);
}

}  // namespace

Values::~Values() {
  for (Py_buffer& buffer : buffers_) PyBuffer_Release(&buffer);
}

bool Values::add_plain(PyObject* source, tsr_value* out) {
  const PyTypeObject* const type = Py_TYPE(source);
  if (type == &PyLong_Type) {
    set_integer(source, out);
  } else if (type == &PyUnicode_Type) {
    set_text(source, TSR_VALUE_TEXT, out);
  } else if (type == &PyFloat_Type) {
    *out = {TSR_VALUE_REAL, 0, 0, PyFloat_AS_DOUBLE(source), nullptr, 0};
  } else if (source == Py_None) {
    *out = {TSR_VALUE_NULL, 0, 0, 0, nullptr, 0};
  } else if (type == &PyBool_Type) {
    *out = {TSR_VALUE_BOOL, 0, source == Py_True ? 1 : 0, 0, nullptr, 0};
  } else if (type == &PyBytes_Type) {
    *out = {
        TSR_VALUE_BLOB, 0, 0, 0, PyBytes_AS_STRING(source), static_cast<size_t>(PyBytes_GET_SIZE(source))};
  } else {
    return false;
  }
  return true;
}

void Values::add_other(PyObject* source, tsr_value* out) {
  *out = {};
  if (PyUnicode_Check(source)) return set_text(source, TSR_VALUE_TEXT, out);
  // Before the buffers: NumPy's numbers have both.
  if (PyIndex_Check(source)) {
    const auto number = py::reinterpret_steal<py::object>(PyNumber_Index(source));
    if (!number) throw py::error_already_set();
    return set_integer(number.ptr(), out);
  }
  if (!PyObject_CheckBuffer(source) && !PyFloat_Check(source)) {
    refuse(source, "a value must be None, bool, int, float, str or bytes");
  }
  if (Py_TYPE(source)->tp_as_number != nullptr && Py_TYPE(source)->tp_as_number->nb_float != nullptr) {
    const double number = PyFloat_AsDouble(source);
    if (number == -1.0 && PyErr_Occurred() != nullptr) throw py::error_already_set();
    *out = {TSR_VALUE_REAL, 0, 0, number, nullptr, 0};
    return;
  }
  Py_buffer& buffer = buffers_.emplace_back();
  if (PyObject_GetBuffer(source, &buffer, PyBUF_SIMPLE) != 0) {
    buffers_.pop_back();
    throw py::error_already_set();
  }
  *out = {TSR_VALUE_BLOB, 0, 0, 0, buffer.len == 0 ? "" : buffer.buf, static_cast<size_t>(buffer.len)};
}

void Values::add_all(PyObject* sequence) {
  // A tuple can't change while the interpreter lock is away.
  py::object tuple =
      PyTuple_CheckExact(sequence) ? py::reinterpret_borrow<py::object>(sequence) : tuple_of(sequence);
  const Py_ssize_t count = PyTuple_GET_SIZE(tuple.ptr());
  for (Py_ssize_t i = 0; i < count; ++i) add(PyTuple_GET_ITEM(tuple.ptr(), i));
  keep(std::move(tuple));
}

void Values::add_setting(PyObject* source) {
  if (!PyDict_Check(source) && !PyList_Check(source) && !PyTuple_Check(source)) return add(source);
  py::object json = py::module_::import("json").attr("dumps")(py::handle(source));
  set_text(json.ptr(), TSR_VALUE_JSON, &cells_.emplace_back());
  keep(std::move(json));
}

PyObject* object_of(const tsr_value& cell) {
  switch (cell.type) {
    case TSR_VALUE_INTEGER:
      return PyLong_FromLongLong(cell.integer);
    case TSR_VALUE_REAL:
      return PyFloat_FromDouble(cell.real);
    case TSR_VALUE_TEXT:
      return PyUnicode_FromStringAndSize(static_cast<const char*>(cell.data),
                                         static_cast<Py_ssize_t>(cell.len));
    case TSR_VALUE_BLOB:
      return PyBytes_FromStringAndSize(static_cast<const char*>(cell.data),
                                       static_cast<Py_ssize_t>(cell.len));
    case TSR_VALUE_BOOL:
      return PyBool_FromLong(cell.integer != 0 ? 1 : 0);
    case TSR_VALUE_JSON:
      try {
        const py::str text(static_cast<const char*>(cell.data), cell.len);
        return py::module_::import("json").attr("loads")(text).release().ptr();
      } catch (py::error_already_set& error) {
        error.restore();
        return nullptr;
      }
    default:
      return Py_NewRef(Py_None);
  }
}

Parameters::Parameters(PyObject* source) {
  constexpr const char* kWanted = "parameters must be a sequence or a mapping";
  if (source == nullptr || source == Py_None) return;
  if (!PyTuple_CheckExact(source) && !PyList_CheckExact(source)) {
    refuse_text(source, kWanted);
    if (is_mapping(source)) {
      add_items(source);
      return;
    }
    if (Py_TYPE(source)->tp_iter == nullptr && PySequence_Check(source) == 0) refuse(source, kWanted);
  }
  values_.add_all(source);
}

void Parameters::add_items(PyObject* mapping) {
  py::object items = py::reinterpret_steal<py::object>(PyMapping_Items(mapping));
  if (!items) throw py::error_already_set();
  for (const py::handle item : items) {
    const py::object name = item[py::int_(0)];
    const py::object value = item[py::int_(1)];
    names_.push_back(text_of(name.ptr(), "the name of a parameter"));
    values_.add(value.ptr());
    values_.keep(name);
    values_.keep(value);
  }
}

ManyParameters::ManyParameters(PyObject* source) {
  refuse_text(source, "rows must be an iterable of sequences");
  const auto iterator = py::reinterpret_steal<py::object>(PyObject_GetIter(source));
  if (!iterator) throw py::error_already_set();
  while (PyObject* const row = PyIter_Next(iterator.ptr())) {
    const auto owned = py::reinterpret_steal<py::object>(row);
    add_row(row);
    if (count_ == 1) {
      const Py_ssize_t more = PyObject_LengthHint(source, 0);
      if (more < 0) PyErr_Clear();
      values_.reserve(static_cast<size_t>(std::max<Py_ssize_t>(more, 1)) * width_);
    }
  }
  if (PyErr_Occurred() != nullptr) throw py::error_already_set();
}

void ManyParameters::add_row(PyObject* row) {
  if (!PyTuple_CheckExact(row)) {
    constexpr const char* kWanted = "each row must be a sequence";
    refuse_text(row, kWanted);
    if (PyDict_Check(row)) refuse(row, kWanted);
  }
  const size_t before = values_.size();
  values_.add_all(row);
  const size_t width = values_.size() - before;
  if (count_ > 0 && width != width_) {
    PyErr_Format(PyExc_ValueError, "row %zu has %zu values, the rows before have %zu", count_, width, width_);
    throw py::error_already_set();
  }
  width_ = width;
  ++count_;
}

tsr_str text_of(PyObject* source, const char* name) {
  if (!PyUnicode_Check(source)) {
    PyErr_Format(PyExc_TypeError, "%s must be a str, not %.100s", name, Py_TYPE(source)->tp_name);
    throw py::error_already_set();
  }
  tsr_value text{};
  set_text(source, TSR_VALUE_TEXT, &text);
  return {static_cast<const char*>(text.data), text.len};
}

int32_t commit_of(PyObject* source) {
  if (source == nullptr || source == Py_None) return TSR_COMMIT_DEFAULT;
  if (PyUnicode_Check(source)) {
    if (PyUnicode_CompareWithASCIIString(source, "strict") == 0) return TSR_COMMIT_STRICT;
    if (PyUnicode_CompareWithASCIIString(source, "relaxed") == 0) return TSR_COMMIT_RELAXED;
  }
  throw py::value_error("commit must be \"strict\" or \"relaxed\"");
}

int64_t timeout_ms_of(PyObject* source) {
  if (source == nullptr || source == Py_None) return 0;
  const double seconds = PyFloat_AsDouble(source);
  if (seconds == -1.0 && PyErr_Occurred() != nullptr) throw py::error_already_set();
  return std::max(int64_t{to_timeout_ms(seconds)}, int64_t{1});
}

SqlOptions::SqlOptions(PyObject* commit, PyObject* timeout, const tsr_str* names) {
  const int32_t commit_code = commit_of(commit);
  const int64_t timeout_ms = timeout_ms_of(timeout);
  is_given_ = commit_code != TSR_COMMIT_DEFAULT || timeout_ms != 0 || names != nullptr;
  if (!is_given_) return;
  tsr_sql_opts_init(&opts_, sizeof opts_);
  opts_.commit = commit_code;
  opts_.timeout_ms = timeout_ms;
  opts_.names = names;
}

}  // namespace tessera::python
