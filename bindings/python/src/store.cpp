// tessera.Store: opening, closing, log. statements.cpp, settings.cpp, store_keys.cpp, store_care.cpp and
// sealed.cpp add the rest.
#include "handles.hpp"
#include "rows.hpp"
#include "secrets.hpp"

namespace tessera::python {
namespace {

tsr_store* get(const Store& self) { return self.handle.get(); }

void define_tenants(py::class_<Store>& store) {
  store
      .def(py::init([](const Store& source, const Text& tenant) {
             return Store{obtain<StorePtr>([&](tsr_store** out, tsr_error** err) {
               return tsr_store_with_tenant(get(source), tenant.str(), out, err);
             })};
           }),
           py::arg("source"), py::arg("tenant"))
      .def(
          "declare_tenant",
          [](const Store& self, const Text& table, const Text& column) {
            run([&](tsr_error** err) {
              return tsr_store_declare_tenant(get(self), table.str(), column.str(), err);
            });
          },
          py::arg("table"), py::arg("column"),
          "Declares for good that `column` of `table` says whose row it is: from then on SQL that touches "
          "the "
          "table\n"
          "needs for_tenant(). Raises ArgError, NotFoundError, StateError, ForkedError, IoError.")
      .def(
          "_start_declare_tenant",
          [](const Store& self, const Text& table, const Text& column, py::function done) {
            return start_op(std::move(done), &take_nothing, [&](auto... rest) {
              return tsr_store_declare_tenant_async(get(self), table.str(), column.str(), rest...);
            });
          },
          py::arg("table"), py::arg("column"), py::arg("done"));
}

void define_opening(py::module_& module, py::class_<Store>& store) {
  store
      .def(py::init([](const Text& config, const MaybeText& passphrase, const MaybeText& app_key,
                       const MaybeText& recovery_key) {
             const Secrets secrets(passphrase, app_key, recovery_key);
             return Store{obtain<StorePtr>([&](tsr_store** out, tsr_error** err) {
               return tsr_store_open(config.str(), secrets.get(), out, err);
             })};
           }),
           py::arg("source"), py::arg("passphrase"), py::arg("app_key"), py::arg("recovery_key"))
      .def(py::init([](const App& app, const MaybeText& passphrase, const MaybeText& app_key,
                       const MaybeText& recovery_key) {
             const Secrets secrets(passphrase, app_key, recovery_key);
             return Store{obtain<StorePtr>([&](tsr_store** out, tsr_error** err) {
               return tsr_app_store(app.handle.get(), secrets.get(), out, err);
             })};
           }),
           py::arg("source"), py::arg("passphrase"), py::arg("app_key"), py::arg("recovery_key"))
      .def(py::init([](const Op& op) {
             return Store{obtain<StorePtr, Lock::kKept>(
                 [&](tsr_store** out, tsr_error** err) { return tsr_op_store(op.handle.get(), out, err); })};
           }),
           py::arg("source"));
  module.def(
      "start_open_store",
      [](const Text& config, const MaybeText& passphrase, const MaybeText& app_key,
         const MaybeText& recovery_key, py::function done) {
        const Secrets secrets(passphrase, app_key, recovery_key);
        return start_op(std::move(done), &take_in_constructor, [&](auto... rest) {
          return tsr_store_open_async(config.str(), secrets.get(), rest...);
        });
      },
      py::arg("config"), py::arg("passphrase"), py::arg("app_key"), py::arg("recovery_key"), py::arg("done"));
  module.def(
      "start_app_store",
      [](const App& app, const MaybeText& passphrase, const MaybeText& app_key, const MaybeText& recovery_key,
         py::function done) {
        const Secrets secrets(passphrase, app_key, recovery_key);
        return start_op(std::move(done), &take_in_constructor, [&](auto... rest) {
          return tsr_app_store_async(app.handle.get(), secrets.get(), rest...);
        });
      },
      py::arg("app"), py::arg("passphrase"), py::arg("app_key"), py::arg("recovery_key"), py::arg("done"));
}

}  // namespace

void define_store(py::module_& module) {
  define_row(module);
  define_rows(module);
  define_changes(module);
  module.attr("IMPORT_TESSERA") = int{TSR_IMPORT_TESSERA};
  module.attr("IMPORT_PLAIN") = int{TSR_IMPORT_PLAIN};
  module.attr("IMPORT_SQLCIPHER") = int{TSR_IMPORT_SQLCIPHER};
  py::class_<Store> store(module, "Store", "What tessera.Store derives from.");
  define_opening(module, store);
  define_statements(store);
  define_settings(store);
  define_tenants(store);
  define_keys(store);
  define_care(module, store);
  define_sealed_files(store);
  store
      .def(
          "on_log",
          [](const Store& self, int32_t level, py::function sink) {
            return attach_sink<tsr_store>(&tsr_store_on_log, get(self), level, std::move(sink));
          },
          py::arg("level"), py::arg("sink"),
          "Sends a LogRecord for each record of at least `level` to `sink`, until the Subscription is "
          "cancelled or\n"
          "collected. An exception in the sink goes to sys.unraisablehook. Raises ForkedError.")
      .def(
          "_close",
          [](const Store& self, double timeout) {
            const uint32_t timeout_ms = to_timeout_ms(timeout);
            run([&](tsr_error** err) { return tsr_store_close(get(self), timeout_ms, err); });
          },
          py::arg("timeout"))
      .def(
          "_start_close",
          [](const Store& self, double timeout, py::function done) {
            const uint32_t timeout_ms = to_timeout_ms(timeout);
            return start_op(std::move(done), &take_nothing, [&](auto... rest) {
              return tsr_store_close_async(get(self), timeout_ms, rest...);
            });
          },
          py::arg("timeout"), py::arg("done"));
}

}  // namespace tessera::python
