#include "row.hpp"

#include <algorithm>

namespace tessera::python {
namespace {

struct Row {
  PyObject_VAR_HEAD PyObject* names;
  PyObject* cells[1];
};

constinit PyTypeObject* row_type = nullptr;

Row* as_row(PyObject* self) { return reinterpret_cast<Row*>(self); }

Row* allocate(PyObject* names) {
  const Py_ssize_t width = PyTuple_GET_SIZE(names);
  auto* const row = PyObject_NewVar(Row, row_type, width);
  if (row == nullptr) return nullptr;
  row->names = Py_NewRef(names);
  std::fill_n(row->cells, width, nullptr);
  return row;
}

void deallocate(PyObject* self) {
  Row* const row = as_row(self);
  for (Py_ssize_t i = 0; i < Py_SIZE(self); ++i) Py_XDECREF(row->cells[i]);
  Py_XDECREF(row->names);
  PyTypeObject* const type = Py_TYPE(self);
  PyObject_Free(self);
  Py_DECREF(type);
}

/// A new tuple, or null with Python's error set.
PyObject* values_of(PyObject* self) {
  PyObject* const tuple = PyTuple_New(Py_SIZE(self));
  if (tuple == nullptr) return nullptr;
  for (Py_ssize_t i = 0; i < Py_SIZE(self); ++i)
    PyTuple_SET_ITEM(tuple, i, Py_NewRef(as_row(self)->cells[i]));
  return tuple;
}

/// `use(PyObject* values)`, null when there is no memory for them.
template <class Use>
PyObject* with_values(PyObject* self, Use&& use) {
  PyObject* const tuple = values_of(self);
  if (tuple == nullptr) return nullptr;
  PyObject* const result = use(tuple);
  Py_DECREF(tuple);
  return result;
}

/// -1 when there is no such column, -2 with Python's error set.
Py_ssize_t index_of(PyObject* self, PyObject* name) {
  PyObject* const names = as_row(self)->names;
  const Py_ssize_t width = Py_SIZE(self);
  // Names are interned, as literals are.
  for (Py_ssize_t i = 0; i < width; ++i) {
    if (PyTuple_GET_ITEM(names, i) == name) return i;
  }
  for (Py_ssize_t i = 0; i < width; ++i) {
    const int is_equal = PyObject_RichCompareBool(PyTuple_GET_ITEM(names, i), name, Py_EQ);
    if (is_equal != 0) return is_equal > 0 ? i : -2;
  }
  return -1;
}

Py_ssize_t length(PyObject* self) { return Py_SIZE(self); }

PyObject* item(PyObject* self, Py_ssize_t index) {
  if (index < 0 || index >= Py_SIZE(self)) {
    PyErr_SetString(PyExc_IndexError, "the row has no such column");
    return nullptr;
  }
  return Py_NewRef(as_row(self)->cells[index]);
}

PyObject* subscript(PyObject* self, PyObject* key) {
  if (PyUnicode_Check(key)) {
    const Py_ssize_t index = index_of(self, key);
    if (index >= 0) return Py_NewRef(as_row(self)->cells[index]);
    if (index == -1) PyErr_SetObject(PyExc_KeyError, key);
    return nullptr;
  }
  if (PyIndex_Check(key)) {
    const Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
    if (index == -1 && PyErr_Occurred() != nullptr) return nullptr;
    return item(self, index < 0 ? index + Py_SIZE(self) : index);
  }
  return with_values(self, [&](PyObject* tuple) { return PyObject_GetItem(tuple, key); });
}

PyObject* iterate(PyObject* self) { return with_values(self, &PyObject_GetIter); }

PyObject* keys(PyObject* self, PyObject*) { return Py_NewRef(as_row(self)->names); }
PyObject* values(PyObject* self, PyObject*) { return values_of(self); }

PyObject* items(PyObject* self, PyObject*) {
  PyObject* const pairs = PyTuple_New(Py_SIZE(self));
  for (Py_ssize_t i = 0; pairs != nullptr && i < Py_SIZE(self); ++i) {
    PyObject* const pair = PyTuple_Pack(2, PyTuple_GET_ITEM(as_row(self)->names, i), as_row(self)->cells[i]);
    if (pair == nullptr) {
      Py_DECREF(pairs);
      return nullptr;
    }
    PyTuple_SET_ITEM(pairs, i, pair);
  }
  return pairs;
}

PyObject* get(PyObject* self, PyObject* const* given, Py_ssize_t count) {
  if (count < 1 || count > 2) {
    PyErr_SetString(PyExc_TypeError, "get() takes the name of a column and a default");
    return nullptr;
  }
  const Py_ssize_t index = index_of(self, given[0]);
  if (index == -2) return nullptr;
  if (index >= 0) return Py_NewRef(as_row(self)->cells[index]);
  return Py_NewRef(count == 2 ? given[1] : Py_None);
}

PyObject* reduce(PyObject* self, PyObject*) {
  return with_values(self, [&](PyObject* tuple) {
    return Py_BuildValue("(O(OO))", reinterpret_cast<PyObject*>(Py_TYPE(self)), as_row(self)->names, tuple);
  });
}

PyObject* compare(PyObject* self, PyObject* other, int operation) {
  if (operation != Py_EQ && operation != Py_NE) Py_RETURN_NOTIMPLEMENTED;
  if (Py_TYPE(other) == row_type) {
    const int has_names = PyObject_RichCompareBool(as_row(self)->names, as_row(other)->names, Py_EQ);
    if (has_names < 0) return nullptr;
    if (has_names == 0) return PyBool_FromLong(operation == Py_NE ? 1 : 0);
    return with_values(self, [&](PyObject* own) {
      return with_values(other, [&](PyObject* tuple) { return PyObject_RichCompare(own, tuple, operation); });
    });
  }
  if (PyTuple_Check(other)) {
    return with_values(self, [&](PyObject* own) { return PyObject_RichCompare(own, other, operation); });
  }
  if (PyDict_Check(other)) {
    const auto own = py::reinterpret_steal<py::object>(
        PyObject_CallOneArg(reinterpret_cast<PyObject*>(&PyDict_Type), self));
    return own ? PyObject_RichCompare(own.ptr(), other, operation) : nullptr;
  }
  Py_RETURN_NOTIMPLEMENTED;
}

Py_hash_t hash(PyObject* self) {
  const auto tuple = py::reinterpret_steal<py::object>(values_of(self));
  return tuple ? PyObject_Hash(tuple.ptr()) : -1;
}

PyObject* repr(PyObject* self) {
  try {
    std::string text = "Row(";
    for (Py_ssize_t i = 0; i < Py_SIZE(self); ++i) {
      if (i > 0) text += ", ";
      text += std::string(py::str(py::handle(PyTuple_GET_ITEM(as_row(self)->names, i)))) + "=" +
              std::string(py::repr(py::handle(as_row(self)->cells[i])));
    }
    return py::str(text + ")").release().ptr();
  } catch (py::error_already_set& error) {
    error.restore();
    return nullptr;
  }
}

PyObject* create(PyTypeObject*, PyObject* arguments, PyObject* keywords) {
  static const char* parameters[] = {"names", "values", nullptr};
  PyObject* names = nullptr;
  PyObject* cells = nullptr;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "OO", const_cast<char**>(parameters), &names,
                                  &cells) == 0) {
    return nullptr;
  }
  const auto own_names = py::reinterpret_steal<py::object>(PySequence_Tuple(names));
  if (!own_names) return nullptr;
  const auto own_cells = py::reinterpret_steal<py::object>(PySequence_Tuple(cells));
  if (!own_cells) return nullptr;
  const Py_ssize_t width = PyTuple_GET_SIZE(own_names.ptr());
  if (PyTuple_GET_SIZE(own_cells.ptr()) != width) {
    PyErr_SetString(PyExc_ValueError, "a row needs one value for each name");
    return nullptr;
  }
  Row* const row = allocate(own_names.ptr());
  if (row == nullptr) return nullptr;
  for (Py_ssize_t i = 0; i < width; ++i) row->cells[i] = Py_NewRef(PyTuple_GET_ITEM(own_cells.ptr(), i));
  return reinterpret_cast<PyObject*>(row);
}

PyMethodDef methods[] = {
    {"keys", &keys, METH_NOARGS, "keys($self, /)\n--\n\nThe names of the columns."},
    {"values", &values, METH_NOARGS, "values($self, /)\n--\n\nThe values as a tuple."},
    {"items", &items, METH_NOARGS, "items($self, /)\n--\n\nNames and values in pairs."},
    {"get", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&get)), METH_FASTCALL,
     "get($self, name, default=None, /)\n--\n\nThe value of a column, or `default` when there is none of "
     "that name."},
    {"__reduce__", &reduce, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr}};

constexpr const char* kDoc =
    "Row(names, values)\n--\n\n"
    "One row of a query. `row[\"name\"]` and `row[0]` give a value; len(), iteration, unpacking and tuple() "
    "are "
    "those of\n"
    "a tuple of the values; keys(), items(), get() and dict(row) those of a mapping. Of columns with one "
    "name the "
    "first\n"
    "counts. Equal to a tuple of its values and to the dict that it makes. Immutable.";

template <class Function>
void* slot(Function* function) {
  return reinterpret_cast<void*>(function);
}

}  // namespace

py::object column_names(const std::vector<std::string_view>& names) {
  py::tuple tuple(names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    PyObject* name = PyUnicode_FromStringAndSize(names[i].data(), static_cast<Py_ssize_t>(names[i].size()));
    if (name == nullptr) throw py::error_already_set();
    PyUnicode_InternInPlace(&name);
    PyTuple_SET_ITEM(tuple.ptr(), static_cast<Py_ssize_t>(i), name);
  }
  return tuple;
}

PyObject* new_row(PyObject* names, const tsr_value* cells, const char* base) {
  Row* const row = allocate(names);
  if (row == nullptr) return nullptr;
  for (Py_ssize_t i = 0; i < Py_SIZE(row); ++i) {
    tsr_value cell = cells[i];
    if (base != nullptr) cell.data = base + reinterpret_cast<uintptr_t>(cell.data);
    row->cells[i] = object_of(cell);
    if (row->cells[i] == nullptr) {
      Py_DECREF(row);
      return nullptr;
    }
  }
  return reinterpret_cast<PyObject*>(row);
}

py::object columns_of(const tsr_rowset* rows) {
  std::vector<std::string_view> names;
  for (size_t i = 0; i < tsr_rowset_column_count(rows); ++i) {
    const tsr_str name = tsr_rowset_column(rows, i);
    names.emplace_back(name.data, name.len);
  }
  return column_names(names);
}

py::list rows_of(const tsr_rowset* rows) {
  const py::object names = columns_of(rows);
  py::list list(tsr_rowset_count(rows));
  for (size_t i = 0; i < tsr_rowset_count(rows); ++i) {
    PyObject* const row = new_row(names.ptr(), tsr_rowset_row(rows, i), nullptr);
    if (row == nullptr) throw py::error_already_set();
    PyList_SET_ITEM(list.ptr(), static_cast<Py_ssize_t>(i), row);
  }
  return list;
}

py::object only_value(const tsr_rowset* rows) {
  PyObject* const value = object_of(*tsr_rowset_row(rows, 0));
  if (value == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(value);
}

void define_row(py::module_& module) {
  static PyType_Slot slots[] = {{Py_tp_doc, const_cast<char*>(kDoc)},
                                {Py_tp_new, slot(&create)},
                                {Py_tp_dealloc, slot(&deallocate)},
                                {Py_tp_iter, slot(&iterate)},
                                {Py_tp_repr, slot(&repr)},
                                {Py_tp_hash, slot(&hash)},
                                {Py_tp_richcompare, slot(&compare)},
                                {Py_tp_methods, methods},
                                {Py_sq_length, slot(&length)},
                                {Py_sq_item, slot(&item)},
                                {Py_mp_length, slot(&length)},
                                {Py_mp_subscript, slot(&subscript)},
                                {0, nullptr}};
  static PyType_Spec spec{"tessera._native.Row", sizeof(Row) - sizeof(PyObject*), sizeof(PyObject*),
                          Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_SEQUENCE, slots};
  PyObject* const type = PyType_FromSpec(&spec);
  if (type == nullptr) throw py::error_already_set();
  row_type = reinterpret_cast<PyTypeObject*>(type);
  module.add_object("Row", type);
}

}  // namespace tessera::python
