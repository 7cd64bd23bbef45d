// tessera.Hwid: the native that the Python class derives from.
#include "handles.hpp"

namespace tessera::python {
namespace {

const tsr_hwid* get(const Hwid& self) { return self.handle.get(); }

py::tuple factors(const Hwid& self) {
  const size_t count = tsr_hwid_factor_count(get(self));
  const py::object factor = from_python("tessera._values", "Factor");
  const py::object factor_class = from_python("tessera._values", "FactorClass");
  const py::object factor_state = from_python("tessera._values", "FactorState");
  py::tuple all(count);
  for (size_t i = 0; i < count; ++i) {
    all[i] = factor(tsr_hwid_factor_kind(get(self), i), factor_class(tsr_hwid_factor_class(get(self), i)),
                    tsr_hwid_factor_weight(get(self), i), factor_state(tsr_hwid_factor_state(get(self), i)));
  }
  return all;
}

}  // namespace

void define_hwid(py::module_& module) {
  py::class_<Hwid>(module, "Hwid", "What tessera.Hwid derives from.")
      .def(py::init([](const Text& config) {
             return Hwid{obtain<HwidPtr>(
                 [&](tsr_hwid** out, tsr_error** err) { return tsr_hwid_probe(config.str(), out, err); })};
           }),
           py::arg("source"))
      .def(py::init([](const Op& op) {
             return Hwid{obtain<HwidPtr, Lock::kKept>(
                 [&](tsr_hwid** out, tsr_error** err) { return tsr_op_hwid(op.handle.get(), out, err); })};
           }),
           py::arg("source"))
      .def_property_readonly(
          "strength",
          [](const Hwid& self) {
            return from_python("tessera._values", "Strength")(tsr_hwid_strength(get(self)));
          },
          "Strength: how well a licence can be bound to this machine.")
      .def_property_readonly(
          "vm", [](const Hwid& self) { return tsr_hwid_vm(get(self)); },
          "\"kvm\", \"vmware\", ... in a virtual machine, else \"\".")
      .def_property_readonly(
          "container", [](const Hwid& self) { return tsr_hwid_container(get(self)); },
          "\"docker\", \"wsl\", ... in a container, else \"\".")
      .def_property_readonly("factors", &factors,
                             "Every kind that this platform looks for, found or not, as a tuple of Factor.")
      .def_property_readonly(
          "legacy_digest", [](const Hwid& self) { return tsr_hwid_legacy_digest(get(self)); },
          "LEGACY: the digest over CPU names and MAC addresses that RS256 tokens of older services carry; it "
          "changes\n"
          "with any network adapter.")
      .def(
          "explain",
          [](const Hwid& self) {
            return obtain_str(
                [&](tsr_buf* out, tsr_error** err) { return tsr_hwid_explain(get(self), out, err); });
          },
          "A readable report without raw values.")
      .def(
          "to_dict",
          [](const Hwid& self) {
            return obtain_json(
                [&](tsr_buf* out, tsr_error** err) { return tsr_hwid_json(get(self), out, err); });
          },
          "The same report as a dict of plain values.");
  module.def(
      "start_probe_hwid",
      [](const Text& config, py::function done) {
        return start_op(std::move(done), &take_in_constructor,
                        [&](auto... rest) { return tsr_hwid_probe_async(config.str(), rest...); });
      },
      py::arg("config"), py::arg("done"));
}

}  // namespace tessera::python
