// Methods that programs call in their inner loops, without pybind11's dispatch.
#pragma once

#include <array>

#include "convert.hpp"
#include "fast_self.hpp"

namespace tessera::python {

/// The arguments of a METH_FASTCALL | METH_KEYWORDS call by parameter; null for what was not given.
template <size_t kCount>
class Arguments {
 public:
  /// The first `required` ones must be given, the last `by_keyword` ones come by keyword only. Throws
  /// TypeError.
  Arguments(const std::array<const char*, kCount>& names, size_t required, size_t by_keyword,
            PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
    if (static_cast<size_t>(count) > kCount - by_keyword) {
      refuse("at most %zu positional arguments, not %zd", kCount - by_keyword, count);
    }
    for (Py_ssize_t i = 0; i < count; ++i) values_[static_cast<size_t>(i)] = given[i];
    const Py_ssize_t named = keywords == nullptr ? 0 : PyTuple_GET_SIZE(keywords);
    for (Py_ssize_t i = 0; i < named; ++i) take(names, PyTuple_GET_ITEM(keywords, i), given[count + i]);
    for (size_t i = 0; i < required; ++i) {
      if (values_[i] == nullptr) refuse("missing the argument '%s'", names[i]);
    }
  }

  PyObject* operator[](size_t parameter) const { return values_[parameter]; }

 private:
  template <class... Details>
  [[noreturn]] static void refuse(const char* format, Details... details) {
    PyErr_Format(PyExc_TypeError, format, details...);
    throw py::error_already_set();
  }

  void take(const std::array<const char*, kCount>& names, PyObject* name, PyObject* value) {
    for (size_t i = 0; i < kCount; ++i) {
      if (PyUnicode_CompareWithASCIIString(name, names[i]) != 0) continue;
      if (values_[i] != nullptr) refuse("the argument '%s' was given twice", names[i]);
      values_[i] = value;
      return;
    }
    refuse("unexpected keyword argument '%U'", name);
  }

  std::array<PyObject*, kCount> values_{};
};

/// `call(T&, PyObject* const* given, count, keywords)`, which may throw, as a method of the class of T.
template <class T, auto kCall>
PyObject* fast_method(PyObject* self, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
  auto* const object = fast_self<T>(self);
  if (object == nullptr) return nullptr;
  try {
    return kCall(*object, given, count, keywords);
  } catch (py::error_already_set& error) {
    error.restore();
  } catch (const py::builtin_exception& error) {
    error.set_error();
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  }
  return nullptr;
}

template <class T, auto kCall>
PyMethodDef fast_method_def(const char* name, const char* doc) {
  return {name, reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&fast_method<T, kCall>)),
          METH_FASTCALL | METH_KEYWORDS, doc};
}

/// Adds `method`, which must live as long as the class.
inline void add_method(py::handle cls, PyMethodDef* method) {
  auto* const type = reinterpret_cast<PyTypeObject*>(cls.ptr());
  cls.attr(method->ml_name) = py::reinterpret_steal<py::object>(PyDescr_NewMethod(type, method));
}

}  // namespace tessera::python
