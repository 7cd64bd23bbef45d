// Calls from the SDK into Python.
#pragma once

#include "convert.hpp"

namespace tessera::python {

/// Runs `call()` with the interpreter lock; false when the interpreter is going down and nothing ran. `call`
/// must not throw.
template <class Call>
bool in_python(Call&& call) {
  if (!Gate::enter()) return false;
  const PyGILState_STATE state = PyGILState_Ensure();
  call();
  run_postponed();
  PyGILState_Release(state);
  Gate::leave();
  return true;
}

/// A Python function that the SDK calls during one blocking call, and what it raised.
class Callback {
 public:
  explicit Callback(py::object function) : function_(std::move(function)) {}
  bool is_none() const { return function_.is_none(); }

  /// `call(const py::object& function)` with the interpreter lock. False when it raised, which rethrow()
  /// brings to the caller, or could not run.
  template <class Call>
  bool run(Call&& call) {
    bool is_done = false;
    in_python([&] {
      try {
        call(function_);
        is_done = true;
      } catch (py::error_already_set& error) {
        error_.emplace(error);
      } catch (const py::builtin_exception& error) {
        error.set_error();
        error_.emplace();
      }
    });
    return is_done;
  }

  void rethrow() {
    if (!error_) return;
    error_->restore();
    error_.reset();
    throw py::error_already_set();
  }

 private:
  py::object function_;
  std::optional<py::error_already_set> error_;
};

}  // namespace tessera::python
