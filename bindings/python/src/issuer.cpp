// tessera.Key, and the native that tessera.Issuer derives from.
#include <pybind11/stl.h>

#include "handles.hpp"

namespace tessera::python {
namespace {

const tsr_key* get(const Key& self) { return self.handle.get(); }
const tsr_issuer* get(const Issuer& self) { return self.handle.get(); }

void define_key(py::module_& module) {
  py::class_<Key>(module, "Key", "A private signing key in locked memory. Immutable; wiped when collected.")
      .def_static(
          "generate",
          [](int32_t type) {
            return Key{obtain<KeyPtr>(
                [&](tsr_key** out, tsr_error** err) { return tsr_key_generate(type, out, err); })};
          },
          py::arg("type") = int32_t{TSR_KEY_ED25519},
          "A new key of a KeyType; RS256 keys have 3072 bits and take up to seconds. Raises ArgError, "
          "CryptoError.")
      .def_static(
          "import_text",
          [](const Text& text) {
            return Key{obtain<KeyPtr>([&](tsr_key** out, tsr_error** err) {
              return tsr_key_import(text.data(), text.size(), out, err);
            })};
          },
          py::arg("text"),
          "Reads what export_text() wrote, or an unencrypted PKCS#8 PEM of an RSA key. Raises ArgError, "
          "CryptoError.")
      .def(
          "export_text",
          [](const Key& self) {
            Buffer buffer;
            run([&](tsr_error** err) { return tsr_key_export(get(self), buffer.out(), err); });
            return buffer.bytes();
          },
          "The private key as bytes: a JWK for Ed25519, PKCS#8 PEM for RSA. SECRET: keep it owner-only.\n"
          "Raises CryptoError.")
      .def_property_readonly(
          "public_key", [](const Key& self) { return tsr_key_public(get(self)); },
          "The public half, as the configuration takes it: for `trusted_keys` (Ed25519) or for `public_key` "
          "in\n"
          "`rsa_keys` (PEM).")
      .def_property_readonly(
          "id", [](const Key& self) { return tsr_key_id(get(self)); }, "The key id that documents name.")
      .def_property_readonly(
          "type",
          [](const Key& self) { return from_python("tessera._values", "KeyType")(tsr_key_type(get(self))); },
          "KeyType.")
      .def("__repr__",
           [](const Key& self) { return py::str("<tessera.Key {}>").format(tsr_key_id(get(self))); });
  module.def(
      "start_generate_key",
      [](int32_t type, py::function done) {
        return start_op(std::move(done), &take_key,
                        [&](auto... rest) { return tsr_key_generate_async(type, rest...); });
      },
      py::arg("type"), py::arg("done"));
}

/// Methods by the shape of their C function: document in, spec in, both in.
template <auto kFunction>
py::object read(const Issuer& self, const Text& document) {
  return obtain_json(
      [&](tsr_buf* out, tsr_error** err) { return kFunction(get(self), document.str(), out, err); });
}
template <auto kFunction>
py::str write(const Issuer& self, const Text& spec) {
  return obtain_str(
      [&](tsr_buf* out, tsr_error** err) { return kFunction(get(self), spec.str(), out, err); });
}
template <auto kFunction>
py::str answer(const Issuer& self, const std::optional<Text>& request, const Text& spec) {
  return obtain_str([&](tsr_buf* out, tsr_error** err) {
    return kFunction(get(self), borrow_if_any(request), spec.str(), out, err);
  });
}

}  // namespace

void define_issuer(py::module_& module) {
  define_key(module);
  py::class_<Issuer>(module, "Issuer", "What tessera.Issuer derives from.")
      .def(py::init([](const Text& config, const Key& key) {
             return Issuer{obtain<IssuerPtr>([&](tsr_issuer** out, tsr_error** err) {
               return tsr_issuer_open(config.str(), get(key), out, err);
             })};
           }),
           py::arg("config"), py::arg("key"))
      .def("read_request", &read<&tsr_issuer_read_request>, py::arg("request"),
           "Verifies an activation request and gives what it says as a dict: \"nonce\", \"install_key\", "
           "\"strength\",\n"
           "\"vm\", \"container\", \"license_key\", \"renews\", \"note\", \"sdk\", \"issued_at\", "
           "\"factors\".\n"
           "Raises ArgError, LicenseError.")
      .def("read_deactivation", &read<&tsr_issuer_read_deactivation>, py::arg("proof"),
           "Verifies a deactivation proof and gives what it says as a dict: \"license_id\", \"install_key\", "
           "\"issued_at\".\n"
           "Compare install_key with the one that the licence was issued to. Raises ArgError, LicenseError.")
      .def("time", &write<&tsr_issuer_time>, py::arg("request"),
           "A time file that answers `request`, one compact JWS: it may set a client's clock mark down "
           "again.\n"
           "Raises ArgError, LicenseError.")
      .def("_issue", &answer<&tsr_issuer_issue>, py::arg("request"), py::arg("spec"))
      .def("_lease", &answer<&tsr_issuer_lease>, py::arg("request"), py::arg("spec"))
      .def("_trial", &write<&tsr_issuer_trial>, py::arg("spec"))
      .def("_keyset", &write<&tsr_issuer_keyset>, py::arg("spec"))
      .def("_crl", &write<&tsr_issuer_crl>, py::arg("spec"))
      .def("_rs256", &write<&tsr_issuer_rs256>, py::arg("spec"));
  module.def(
      "generate_license_key",
      [] {
        return obtain_str([](tsr_buf* out, tsr_error** err) { return tsr_license_key_generate(out, err); });
      },
      "A new licence key for people: five groups of five symbols. An index for activation, never a secret.");
  module.def(
      "check_license_key",
      [](const Text& typed) {
        return obtain_str(
            [&](tsr_buf* out, tsr_error** err) { return tsr_license_key_check(typed.str(), out, err); });
      },
      py::arg("typed"),
      "The canonical form of a typed licence key; case, spaces, O, I and L are forgiven.\n"
      "Raises LicenseError (LICENSE_KEY_INVALID).");
}

}  // namespace tessera::python
