// What a call into a pybind11 module costs at least: a function that returns an object made before.
#include <pybind11/pybind11.h>

namespace py = pybind11;

PYBIND11_MODULE(bare, module) {
  module.def("get", [prebuilt = py::object(py::str("prebuilt"))] { return prebuilt; });
}
