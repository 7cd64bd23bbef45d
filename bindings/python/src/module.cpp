// tessera._native
#include "handles.hpp"

namespace tessera::python {
namespace {

void check_abi() {
  Failure failure;
  const tsr_status status = tsr_abi_check(TSR_ABI_MAJOR, TSR_ABI_MINOR, failure.out());
  if (status != TSR_OK) failure.raise(status);
}

void define_codes(py::module_& module) {
  module.def("license_code_text", &tsr_license_code_text, py::arg("code"));
  module.def("license_code_next", &tsr_license_code_next, py::arg("code"));
}

}  // namespace
}  // namespace tessera::python

PYBIND11_MODULE(in_main_interpreter, module) {
  using namespace tessera::python;
  module.doc() = "The C ABI of Tessera for the package tessera. Not for direct use.";
  check_abi();
  py::options options;
  options.disable_function_signatures();
  module.def("version", &tsr_version, "Product version of the library, such as \"0.1.0\".");
  module.def(
      "build_info", [] { return py::module_::import("json").attr("loads")(tsr_build_info()); },
      "What the library was built with, as a dict: \"version\", \"openssl\", \"libsodium\", \"compiler\"; "
      "for a support\n"
      "report.");
  module.def("features", &tsr_features);
  module.def("live_objects", &tsr_live_objects,
             "Number of live handles of the SDK in this process; for leak tests.");
  module.def("shut", &Gate::shut, "Keeps all other threads out of the interpreter; for its exit.");
  module.def("before_fork", &before_fork);
  module.def("after_fork_in_parent", &after_fork_in_parent);
  module.def("after_fork_in_child", &after_fork_in_child);
  define_codes(module);
  define_verdict(module);
  define_op(module);
  define_log(module);
  define_license(module);
  define_hwid(module);
  define_issuer(module);
  define_store(module);
  define_tx(module);
  define_cache(module);
  define_outbox(module);
  define_sealed(module);
}

// Before Python 3.12 pybind11 can't refuse a sub-interpreter by itself; it hangs.
extern "C" PYBIND11_EXPORT PyObject* PyInit__native() {
  if (PyInterpreterState_Get() == PyInterpreterState_Main()) return PyInit_in_main_interpreter();
  PyErr_SetString(PyExc_ImportError,
                  "tessera works in the main interpreter only; use processes instead of sub-interpreters");
  return nullptr;
}
