#include "bridge.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "handles.hpp"

namespace tessera::python {
namespace {

/// The methods of a future; interned once and kept.
struct FutureNames {
  PyObject* done = PyUnicode_InternFromString("done");
  PyObject* set_result = PyUnicode_InternFromString("set_result");
  PyObject* set_exception = PyUnicode_InternFromString("set_exception");
};

const FutureNames& names() {
  static const FutureNames interned;
  return interned;
}

py::object call(PyObject* future, PyObject* method, PyObject* argument) {
  PyObject* const result = argument == nullptr ? PyObject_CallMethodNoArgs(future, method)
                                               : PyObject_CallMethodOneArg(future, method, argument);
  if (result == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(result);
}

/// Takes the result, unless nobody waits for it any more.
void settle_one(Started& ended) {
  const py::object future = std::move(ended.future);
  if (call(future.ptr(), names().done, nullptr).ptr() == Py_True) {
    ended.handle.reset();
    return;
  }
  if (ended.take == nullptr) {
    call(future.ptr(), names().set_result, Py_None);
    return;
  }
  const OpPtr handle = std::move(ended.handle);
  try {
    const py::object result = ended.take(handle.get());
    call(future.ptr(), names().set_result, result.ptr());
  } catch (py::error_already_set& error) {
    call(future.ptr(), names().set_exception, error.value().ptr());
  } catch (const py::builtin_exception& error) {
    error.set_error();
    call(future.ptr(), names().set_exception, py::error_already_set().value().ptr());
  }
}

std::shared_ptr<Started>* slot(void* user) { return static_cast<std::shared_ptr<Started>*>(user); }

}  // namespace

/// No operation has this address.
Started* const Bridge::kClosed = reinterpret_cast<Started*>(alignof(Started));

Bridge::Bridge() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ >= 0) return;
  PyErr_SetFromErrno(PyExc_OSError);
  throw py::error_already_set();
}

Bridge::~Bridge() { ::close(fd_); }

void Bridge::push(std::shared_ptr<Started>* ended) {
  Started* const node = ended->get();
  node->self = std::move(*ended);
  Started* last = last_.load(std::memory_order_relaxed);
  do {
    if (last == kClosed) {
      *ended = std::move(node->self);
      return;
    }
    node->before = last;
  } while (!last_.compare_exchange_weak(last, node, std::memory_order_acq_rel, std::memory_order_relaxed));
  if (last != nullptr) return;  // the loop has been woken and has not come yet
  const uint64_t one = 1;
  static_cast<void>(!::write(fd_, &one, sizeof one));
}

std::vector<std::shared_ptr<Started>> Bridge::take(Started* instead) {
  uint64_t count = 0;
  static_cast<void>(!::read(fd_, &count, sizeof count));  // before: what comes now wakes again
  std::vector<std::shared_ptr<Started>> taken;
  Started* node = last_.exchange(instead, std::memory_order_acq_rel);
  while (node != nullptr && node != kClosed) {
    Started* const before = node->before;
    taken.push_back(std::move(node->self));
    node = before;
  }
  std::reverse(taken.begin(), taken.end());
  return taken;
}

void Bridge::settle() {
  for (const auto& ended : take(nullptr)) {
    try {
      settle_one(*ended);
    } catch (py::error_already_set& error) {
      error.discard_as_unraisable("an operation that ended");
    }
  }
  run_postponed();
}

void Bridge::close() {
  for (const auto& ended : take(kClosed)) ended->give_up();
}

void* keep_started(std::shared_ptr<Started> started) {
  return new std::shared_ptr<Started>(std::move(started));
}

void land(void* user, tsr_op*) {
  const std::shared_ptr<Bridge> bridge = (*slot(user))->bridge;  // the loop may drop the operation at once
  bridge->push(slot(user));
}

void drop_started(void* user) {
  const std::unique_ptr<std::shared_ptr<Started>> owned(slot(user));
  if (*owned != nullptr) postpone([started = std::move(*owned)] { started->give_up(); });
}

void define_bridge(py::module_& module) {
  py::class_<Bridge, std::shared_ptr<Bridge>>(module, "Bridge",
                                              "Where operations that ended wait for one event loop.")
      .def(py::init<>())
      .def("fileno", &Bridge::fd, "Readable when an operation ended.");
  py::class_<BridgeReader>(module, "BridgeReader", "Settles the futures of what ended.")
      .def(py::init<std::shared_ptr<Bridge>>(), py::arg("bridge"))
      .def("__call__", &BridgeReader::read);
}

}  // namespace tessera::python
