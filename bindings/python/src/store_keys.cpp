// tessera.Store: ways into it.
#include "progress.hpp"
#include "rows.hpp"
#include "secrets.hpp"

namespace tessera::python {
namespace {

tsr_store* get(const Store& self) { return self.handle.get(); }

uint32_t rotate_flags(bool drop_slots) { return drop_slots ? uint32_t{TSR_ROTATE_DROP_SLOTS} : 0; }

void define_slots(py::class_<Store>& store) {
  store
      .def("_slots",
           [](const Store& self) {
             const auto rows = obtain<RowsetPtr>(
                 [&](tsr_rowset** out, tsr_error** err) { return tsr_store_slots(get(self), out, err); });
             return rows_of(rows.get());
           })
      .def(
          "_add_slot",
          [](const Store& self, int32_t type, const MaybeText& passphrase, const MaybeText& app_key) {
            const Secrets secrets(passphrase, app_key, std::nullopt);
            run([&](tsr_error** err) { return tsr_store_add_slot(get(self), type, secrets.get(), err); });
          },
          py::arg("type"), py::arg("passphrase"), py::arg("app_key"))
      .def(
          "_start_add_slot",
          [](const Store& self, int32_t type, const MaybeText& passphrase, const MaybeText& app_key,
             py::function done) {
            const Secrets secrets(passphrase, app_key, std::nullopt);
            return start_op(std::move(done), &take_nothing, [&](auto... rest) {
              return tsr_store_add_slot_async(get(self), type, secrets.get(), rest...);
            });
          },
          py::arg("type"), py::arg("passphrase"), py::arg("app_key"), py::arg("done"))
      .def(
          "remove_slot",
          [](const Store& self, int64_t slot) {
            run([&](tsr_error** err) { return tsr_store_remove_slot(get(self), slot, err); });
          },
          py::arg("slot"),
          "Removes a way in by the number that slots() gives; never the last one (StateError).\n"
          "Raises NotFoundError, StateError, IoError, ForkedError.")
      .def(
          "_start_remove_slot",
          [](const Store& self, int64_t slot, py::function done) {
            return start_op(std::move(done), &take_nothing, [&](auto... rest) {
              return tsr_store_remove_slot_async(get(self), slot, rest...);
            });
          },
          py::arg("slot"), py::arg("done"))
      .def(
          "rebind_device",
          [](const Store& self) {
            run([&](tsr_error** err) { return tsr_store_rebind_device(get(self), err); });
          },
          "Wraps the device slot anew for the hardware as it is now, after a part was changed.\n"
          "Raises NotFoundError (no device slot), StateError, IoError, ForkedError.")
      .def(
          "_start_rebind_device",
          [](const Store& self, py::function done) {
            return start_op(std::move(done), &take_nothing,
                            [&](auto... rest) { return tsr_store_rebind_device_async(get(self), rest...); });
          },
          py::arg("done"))
      .def_property_readonly(
          "has_recovery_key",
          [](const Store& self) {
            return call_sdk<Lock::kReleased>([&] { return tsr_store_has_recovery_key(get(self)); }) != 0;
          },
          "Whether create_recovery_key() was called.")
      .def("_protection", [](const Store& self) {
        return call_sdk<Lock::kReleased>([&] { return tsr_store_protection(get(self)); });
      });
}

}  // namespace

void define_keys(py::class_<Store>& store) {
  define_slots(store);
  store
      .def(
          "change_passphrase",
          [](const Store& self, const Text& old_passphrase, const Text& new_passphrase) {
            run([&](tsr_error** err) {
              return tsr_store_change_passphrase(get(self), old_passphrase.data(), old_passphrase.size(),
                                                 new_passphrase.data(), new_passphrase.size(), err);
            });
          },
          py::arg("old"), py::arg("new"),
          "Wraps the data key anew under another passphrase. Who knows the old one and has an old slot file "
          "can "
          "still open\n"
          "old copies of the data: after a leak use rotate_data_key(). Raises CryptoError (WRONG_KEY), "
          "StateError, IoError,\n"
          "ForkedError.")
      .def(
          "_start_change_passphrase",
          [](const Store& self, const Text& old_passphrase, const Text& new_passphrase, py::function done) {
            return start_op(std::move(done), &take_nothing, [&](auto... rest) {
              return tsr_store_change_passphrase_async(get(self), old_passphrase.data(),
                                                       old_passphrase.size(), new_passphrase.data(),
                                                       new_passphrase.size(), rest...);
            });
          },
          py::arg("old"), py::arg("new"), py::arg("done"))
      .def(
          "create_recovery_key",
          [](const Store& self) {
            return obtain_str([&](tsr_buf* out, tsr_error** err) {
              return tsr_store_create_recovery_key(get(self), out, err);
            });
          },
          "Makes a recovery key, in the place of an earlier one, and gives it this once: show it to the "
          "user, it "
          "opens the\n"
          "store on any machine. Raises StateError, IoError, ForkedError.")
      .def(
          "_start_create_recovery_key",
          [](const Store& self, py::function done) {
            return start_op(std::move(done), &take_str, [&](auto... rest) {
              return tsr_store_create_recovery_key_async(get(self), rest...);
            });
          },
          py::arg("done"))
      .def(
          "rotate_data_key",
          [](const Store& self, const MaybeText& passphrase, const MaybeText& app_key,
             const MaybeText& recovery_key, bool drop_slots, py::object progress) {
            const Secrets secrets(passphrase, app_key, recovery_key);
            run_with_progress(std::move(progress), rotate_flags(drop_slots),
                              [&](const tsr_care_opts* opts, tsr_error** err) {
                                return tsr_store_rotate_data_key(get(self), secrets.get(), opts, err);
                              });
          },
          py::kw_only(), py::arg("passphrase") = py::none(), py::arg("app_key") = py::none(),
          py::arg("recovery_key") = py::none(), py::arg("drop_slots") = false,
          py::arg("progress") = py::none(),
          "Encrypts everything anew under another data key: after a leak of a key or a passphrase. Slots "
          "whose "
          "secret is\n"
          "needed and was not given are StateError, or go with `drop_slots`. `progress(done, total)` may "
          "raise "
          "to cancel.\n"
          "Raises StateError, CryptoError (WRONG_KEY), BusyError, IoError, DiskFullError, ForkedError.")
      .def(
          "_start_rotate_data_key",
          [](const Store& self, const MaybeText& passphrase, const MaybeText& app_key,
             const MaybeText& recovery_key, bool drop_slots, py::object progress, py::function done) {
            const Secrets secrets(passphrase, app_key, recovery_key);
            return start_with_progress(
                std::move(progress), std::move(done), &take_nothing, rotate_flags(drop_slots),
                [&](const tsr_care_opts* opts, auto... rest) {
                  return tsr_store_rotate_data_key_async(get(self), secrets.get(), opts, rest...);
                });
          },
          py::arg("passphrase"), py::arg("app_key"), py::arg("recovery_key"), py::arg("drop_slots"),
          py::arg("progress"), py::arg("done"))
      .def(
          "export_data_key",
          [](const Store& self, const Text& reason) {
            return obtain_str([&](tsr_buf* out, tsr_error** err) {
              return tsr_store_export_data_key(get(self), reason.str(), out, err);
            });
          },
          py::arg("reason"),
          "SQLCipher's raw key, for tools that open the file themselves: whoever has it has the data. The "
          "reason "
          "is kept in\n"
          "audit(). Raises ArgError, StateError, IoError, ForkedError.")
      .def(
          "_start_export_data_key",
          [](const Store& self, const Text& reason, py::function done) {
            return start_op(std::move(done), &take_str, [&](auto... rest) {
              return tsr_store_export_data_key_async(get(self), reason.str(), rest...);
            });
          },
          py::arg("reason"), py::arg("done"));
}

}  // namespace tessera::python
