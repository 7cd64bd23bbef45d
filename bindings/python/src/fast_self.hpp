// The object behind `self` for the slots and methods that programs call in their inner loops.
#pragma once

#include <pybind11/pybind11.h>

namespace tessera::python {

/// pybind11's own way to it costs more than the calls it is for (see the benchmark python_cached_verdict).
/// Only for slots and descriptors, where Python has checked the type. Null, with TypeError set, when a
/// subclass did not call our __init__().
template <class T>
T* fast_self(PyObject* self) {
  const auto* const instance = reinterpret_cast<pybind11::detail::instance*>(self);
  // Not so only for a class that also derives from another extension's class.
  void* const object = instance->simple_layout ? instance->simple_value_holder[0] : nullptr;
  if (object == nullptr) PyErr_SetString(PyExc_TypeError, "the object is not initialized; call __init__()");
  return static_cast<T*>(object);
}

}  // namespace tessera::python
