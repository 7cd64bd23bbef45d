// Operations in the background and their results.
#include "handles.hpp"

namespace tessera::python {

py::object take_verdict(tsr_op* op) {
  return obtain_verdict<Lock::kKept>(
      [&](tsr_verdict** out, tsr_error** err) { return tsr_op_verdict(op, out, err); });
}

py::object take_str(tsr_op* op) {
  return obtain_str<Lock::kKept>([&](tsr_buf* out, tsr_error** err) { return tsr_op_buf(op, out, err); });
}

py::object take_buffer(tsr_op* op) {
  Buffer buffer;
  run<Lock::kKept>([&](tsr_error** err) { return tsr_op_buf(op, buffer.out(), err); });
  return buffer.bytes();
}

py::object take_json(tsr_op* op) {
  Buffer buffer;
  run<Lock::kKept>([&](tsr_error** err) { return tsr_op_buf(op, buffer.out(), err); });
  return buffer.json();
}

py::object take_meter(tsr_op* op) {
  int64_t used = 0;
  int64_t limit = 0;
  run<Lock::kKept>([&](tsr_error** err) { return tsr_op_meter(op, &used, &limit, err); });
  return meter_reading(used, limit);
}

py::object take_nothing(tsr_op* op) {
  run<Lock::kKept>([&](tsr_error** err) { return tsr_op_void(op, err); });
  return py::none();
}

py::object take_key(tsr_op* op) {
  return py::cast(Key{
      obtain<KeyPtr, Lock::kKept>([&](tsr_key** out, tsr_error** err) { return tsr_op_key(op, out, err); })});
}

py::object take_in_constructor(tsr_op*) {
  throw py::type_error("the result of this operation is taken by a constructor");
}

void define_op(py::module_& module) {
  py::class_<Op>(module, "Op", "An operation in the background.")
      .def(
          "cancel", [](const Op& self) { tsr_op_cancel(self.handle.get()); },
          "Asks it to end: one that waits for its turn ends with CancelledError, one that runs finishes.")
      .def(
          "result", [](const Op& self) { return self.take(self.handle.get()); },
          "The result, once; raises what the blocking call raises.");
}

}  // namespace tessera::python
