// tessera.Verdict
#include "fast_self.hpp"
#include "handles.hpp"

namespace tessera::python {
namespace {

const tsr_verdict* get(const Verdict& self) { return self.handle.get(); }

int is_usable(PyObject* self) {
  const auto* const verdict = fast_self<Verdict>(self);
  return verdict == nullptr ? -1 : tsr_verdict_usable(verdict->handle.get());
}

py::tuple reasons(const Verdict& self) {
  const py::object reason = from_python("tessera._values", "Reason");
  const size_t count = tsr_verdict_reason_count(get(self));
  py::tuple all(count);
  for (size_t i = 0; i < count; ++i) {
    all[i] =
        reason(license_code(tsr_verdict_reason_code(get(self), i)), tsr_verdict_reason_text(get(self), i));
  }
  return all;
}

py::object value_of(const tsr_verdict* verdict, tsr_str name) {
  switch (tsr_verdict_entitlement_type(verdict, name)) {
    case TSR_ENTITLEMENT_BOOL:
      return py::bool_(tsr_verdict_entitlement_int(verdict, name) != 0);
    case TSR_ENTITLEMENT_INT:
      return py::int_(tsr_verdict_entitlement_int(verdict, name));
    case TSR_ENTITLEMENT_STR:
      return py::str(tsr_verdict_entitlement_str(verdict, name));
    default:
      return py::none();
  }
}

py::object entitlement(const Verdict& self, std::string_view name) {
  const tsr_str borrowed = borrow(name);
  const py::object code = license_code(tsr_verdict_entitlement_code(get(self), borrowed));
  const bool is_usable = code.attr("usable").cast<bool>();
  return from_python("tessera._values", "Entitlement")(
      code, is_usable ? value_of(get(self), borrowed) : py::none(),
      moment(tsr_verdict_entitlement_expires_at_ms(get(self), borrowed)));
}

py::dict entitlements(const Verdict& self) {
  py::dict all;
  for (size_t i = 0; i < tsr_verdict_entitlement_count(get(self)); ++i) {
    const char* const name = tsr_verdict_entitlement_name(get(self), i);
    all[name] = entitlement(self, name);
  }
  return all;
}

py::object hardware_score(const Verdict& self) {
  const int32_t score = tsr_verdict_hardware_score(get(self));
  return score < 0 ? py::object(py::none()) : py::int_(score);
}

py::str repr(const Verdict& self) {
  return py::str("<tessera.Verdict {} {} {!r}>")
      .format(tsr_license_code_name(tsr_verdict_code(get(self))), tsr_verdict_state(get(self)),
              tsr_verdict_license_id(get(self)));
}

/// A getter of text or a moment as a property.
template <auto kGetter>
py::str text(const Verdict& self) {
  return kGetter(get(self));
}
template <auto kGetter>
py::object time(const Verdict& self) {
  return moment(kGetter(get(self)));
}

}  // namespace

py::object new_verdict(tsr_verdict* owned) { return py::cast(std::make_unique<Verdict>(owned)); }

void define_verdict(py::module_& module) {
  py::class_<Verdict>(module, "Verdict", py::custom_type_setup([](PyHeapTypeObject* type) {
                        type->as_number.nb_bool = &is_usable;
                      }),
                      "The answer to one check: whether the application may run here, and why. Immutable, "
                      "independent of its\n"
                      "License, true when usable. Getters cannot fail.")
      .def_property_readonly(
          "usable", [](const Verdict& self) { return tsr_verdict_usable(get(self)) != 0; },
          "Whether the application may run under this licence; the same as bool(verdict).")
      .def_property_readonly(
          "code", [](const Verdict& self) { return license_code(tsr_verdict_code(get(self))); },
          "LicenseCode: the first failure in validation order, else the gravest warning, else OK.")
      .def_property_readonly("state", &text<&tsr_verdict_state>,
                             "State of the licence: \"ACTIVE\", \"TRIAL\", \"EXPIRY_GRACE\", \"NONE\", ...")
      .def_property_readonly(
          "reasons", &reasons,
          "Every failure and warning, in validation order, as a tuple of Reason; () when all is well.")
      .def_property_readonly(
          "usable_until", &time<&tsr_verdict_usable_until_ms>,
          "When use ends without renewal, grace included (aware datetime, UTC); None when there is no end\n"
          "or no licence.")
      .def_property_readonly(
          "expires_at", &time<&tsr_verdict_expires_at_ms>,
          "When the licence or trial expires, grace excluded (aware datetime, UTC); None when perpetual or\n"
          "there is no licence.")
      .def_property_readonly("next_check", &time<&tsr_verdict_next_check_ms>,
                             "When the verdict can change by time alone (aware datetime, UTC), or None.")
      .def_property_readonly("hardware_score", &hardware_score,
                             "0 to 1000; None when the licence is not bound to hardware.")
      .def_property_readonly(
          "license_id", &text<&tsr_verdict_license_id>,
          "The licence's id; like the other claims \"\" when there is no licence or it lacks the claim.")
      .def_property_readonly("subject", &text<&tsr_verdict_subject>, "The licensee.")
      .def_property_readonly("product", &text<&tsr_verdict_product>, "The product.")
      .def_property_readonly("sku", &text<&tsr_verdict_sku>, "The stock-keeping unit or plan.")
      .def_property_readonly("edition", &text<&tsr_verdict_edition>, "The edition.")
      .def_property_readonly("kind", &text<&tsr_verdict_kind>,
                             "\"node\", \"floating\", \"site\", \"trial\" or \"user\".")
      .def_property_readonly(
          "entitlements", &entitlements,
          "All entitlements by name in byte order, expired ones included, as a dict of Entitlement.")
      .def("entitlement", &entitlement, py::arg("name"),
           "What the licence says about a feature, as an Entitlement; one that it lacks has the code "
           "FEATURE_MISSING.")
      .def(
          "explain",
          [](const Verdict& self) {
            return obtain_str<Lock::kKept>(
                [&](tsr_buf* out, tsr_error** err) { return tsr_verdict_explain(get(self), out, err); });
          },
          "A few lines for people: state, licence, time left, hardware, every reason, what to do next.")
      .def(
          "to_dict",
          [](const Verdict& self) {
            return obtain_json(
                [&](tsr_buf* out, tsr_error** err) { return tsr_verdict_json(get(self), out, err); });
          },
          "The whole verdict as a dict of plain values, after docs/reference/verdict.md.")
      .def("__repr__", &repr);
}

}  // namespace tessera::python
