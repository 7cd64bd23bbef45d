// Log sinks: records wait until the call that caused them is back in Python.
#include "handles.hpp"
#include "in_python.hpp"

namespace tessera::python {
namespace {

using Function = std::shared_ptr<py::object>;

const Function& kept(void* user) { return *static_cast<Function*>(user); }

void deliver(const py::object& sink, int32_t level, const std::string& area, const std::string& event,
             const std::string& message, const std::string& fields) noexcept {
  try {
    const py::object record = from_python("tessera._values", "LogRecord");
    sink(record(from_python("tessera._values", "LogLevel")(level), area, event, message,
                py::module_::import("json").attr("loads")(fields)));
  } catch (py::error_already_set& error) {
    error.discard_as_unraisable(sink);
  }
}

std::string copy(tsr_str borrowed) { return {borrowed.data, borrowed.len}; }

}  // namespace

void* keep_function(py::object function) {
  return new Function(std::make_shared<py::object>(std::move(function)));
}

void drop_function(void* user) {
  const std::unique_ptr<Function> owned(static_cast<Function*>(user));
  // The last reference goes where the interpreter lock is held.
  postpone([function = std::move(*owned)]() mutable { function.reset(); });
}

const py::object& kept_function(void* user) { return *kept(user); }

void forward_record(void* user, int32_t level, tsr_str area, tsr_str event, tsr_str message, tsr_str fields) {
  postpone([sink = kept(user), level, area = copy(area), event = copy(event), message = copy(message),
            fields = copy(fields)] { deliver(*sink, level, area, event, message, fields); });
}

void forward_end(void* user, tsr_op*) {
  in_python([&] {
    try {
      (*kept(user))();
    } catch (py::error_already_set& error) {
      error.discard_as_unraisable(*kept(user));
    }
  });
}

void define_log(py::module_& module) {
  py::class_<Subscription>(module, "Subscription",
                           "A live registration of a log sink. Keeps what it was registered with alive.")
      .def(
          "cancel", [](Subscription& self) { self.handle.reset(); },
          "Ends the registration; the sink is not called any more. Again is fine.");
}

}  // namespace tessera::python
