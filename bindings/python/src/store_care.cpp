// tessera.Store: backup, copies, import, checks, salvage, erasing.
#include "progress.hpp"
#include "rows.hpp"
#include "secrets.hpp"

namespace tessera::python {
namespace {

struct RowsetOut {
  RowsetOut() = default;
  RowsetOut(const RowsetOut&) = delete;
  RowsetOut& operator=(const RowsetOut&) = delete;
  ~RowsetOut() { tsr_rowset_free(made); }
  tsr_rowset* made = nullptr;
};

tsr_store* get(const Store& self) { return self.handle.get(); }

void define_copies(py::class_<Store>& store) {
  store
      .def(
          "_backup",
          [](const Store& self, const Text& path, py::object progress) {
            run_with_progress(std::move(progress), 0, [&](const tsr_care_opts* opts, tsr_error** err) {
              return tsr_store_backup(get(self), path.str(), opts, err);
            });
          },
          py::arg("path"), py::arg("progress"))
      .def(
          "_start_backup",
          [](const Store& self, const Text& path, py::object progress, py::function done) {
            return start_with_progress(std::move(progress), std::move(done), &take_nothing, 0,
                                       [&](const tsr_care_opts* opts, auto... rest) {
                                         return tsr_store_backup_async(get(self), path.str(), opts, rest...);
                                       });
          },
          py::arg("path"), py::arg("progress"), py::arg("done"))
      .def(
          "_export",
          [](const Store& self, const Text& path, const MaybeText& passphrase, const MaybeText& app_key,
             py::object progress) {
            const Secrets secrets(passphrase, app_key, std::nullopt);
            run_with_progress(std::move(progress), 0, [&](const tsr_care_opts* opts, tsr_error** err) {
              return tsr_store_export(get(self), path.str(), secrets.get(), opts, err);
            });
          },
          py::arg("path"), py::arg("passphrase"), py::arg("app_key"), py::arg("progress"))
      .def(
          "_start_export",
          [](const Store& self, const Text& path, const MaybeText& passphrase, const MaybeText& app_key,
             py::object progress, py::function done) {
            const Secrets secrets(passphrase, app_key, std::nullopt);
            return start_with_progress(std::move(progress), std::move(done), &take_nothing, 0,
                                       [&](const tsr_care_opts* opts, auto... rest) {
                                         return tsr_store_export_async(get(self), path.str(), secrets.get(),
                                                                       opts, rest...);
                                       });
          },
          py::arg("path"), py::arg("passphrase"), py::arg("app_key"), py::arg("progress"), py::arg("done"))
      .def(
          "_export_plain",
          [](const Store& self, const Text& path, const Text& reason, py::object progress) {
            run_with_progress(std::move(progress), 0, [&](const tsr_care_opts* opts, tsr_error** err) {
              return tsr_store_export_plain(get(self), path.str(), reason.str(), opts, err);
            });
          },
          py::arg("path"), py::arg("reason"), py::arg("progress"))
      .def(
          "_start_export_plain",
          [](const Store& self, const Text& path, const Text& reason, py::object progress,
             py::function done) {
            return start_with_progress(std::move(progress), std::move(done), &take_nothing, 0,
                                       [&](const tsr_care_opts* opts, auto... rest) {
                                         return tsr_store_export_plain_async(get(self), path.str(),
                                                                             reason.str(), opts, rest...);
                                       });
          },
          py::arg("path"), py::arg("reason"), py::arg("progress"), py::arg("done"))
      .def(
          "_import",
          [](const Store& self, const Text& path, int32_t kind, const MaybeText& passphrase,
             const MaybeText& app_key, const MaybeText& recovery_key, py::object progress) {
            const Secrets secrets(passphrase, app_key, recovery_key);
            run_with_progress(std::move(progress), 0, [&](const tsr_care_opts* opts, tsr_error** err) {
              return tsr_store_import(get(self), path.str(), kind, secrets.get(), opts, err);
            });
          },
          py::arg("path"), py::arg("kind"), py::arg("passphrase"), py::arg("app_key"),
          py::arg("recovery_key"), py::arg("progress"))
      .def(
          "_start_import",
          [](const Store& self, const Text& path, int32_t kind, const MaybeText& passphrase,
             const MaybeText& app_key, const MaybeText& recovery_key, py::object progress,
             py::function done) {
            const Secrets secrets(passphrase, app_key, recovery_key);
            return start_with_progress(std::move(progress), std::move(done), &take_nothing, 0,
                                       [&](const tsr_care_opts* opts, auto... rest) {
                                         return tsr_store_import_async(get(self), path.str(), kind,
                                                                       secrets.get(), opts, rest...);
                                       });
          },
          py::arg("path"), py::arg("kind"), py::arg("passphrase"), py::arg("app_key"),
          py::arg("recovery_key"), py::arg("progress"), py::arg("done"));
}

void define_looking(py::class_<Store>& store) {
  store
      .def(
          "compact",
          [](const Store& self, py::object progress) {
            run_with_progress(std::move(progress), 0, [&](const tsr_care_opts* opts, tsr_error** err) {
              return tsr_store_compact(get(self), opts, err);
            });
          },
          py::kw_only(), py::arg("progress") = py::none(),
          "Gives the space of deleted rows back; other calls wait meanwhile. `progress(done, total)` may "
          "raise "
          "to cancel.\n"
          "Raises StateError, BusyError, CorruptError, DiskFullError, IoError, ForkedError.")
      .def(
          "_start_compact",
          [](const Store& self, py::object progress, py::function done) {
            return start_with_progress(std::move(progress), std::move(done), &take_nothing, 0,
                                       [&](const tsr_care_opts* opts, auto... rest) {
                                         return tsr_store_compact_async(get(self), opts, rest...);
                                       });
          },
          py::arg("progress"), py::arg("done"))
      .def(
          "_check",
          [](const Store& self, py::object progress) {
            RowsetOut rows;
            run_with_progress(std::move(progress), 0, [&](const tsr_care_opts* opts, tsr_error** err) {
              return tsr_store_check(get(self), opts, &rows.made, err);
            });
            return rows_of(rows.made);
          },
          py::arg("progress"))
      .def(
          "_start_check",
          [](const Store& self, py::object progress, py::function done) {
            return start_with_progress(std::move(progress), std::move(done), &take_row_list, 0,
                                       [&](const tsr_care_opts* opts, auto... rest) {
                                         return tsr_store_check_async(get(self), opts, rest...);
                                       });
          },
          py::arg("progress"), py::arg("done"))
      .def(
          "stats",
          [](const Store& self) {
            return obtain_json(
                [&](tsr_buf* out, tsr_error** err) { return tsr_store_stats(get(self), out, err); });
          },
          "Sizes and counters as a dict. Raises StateError, IoError, ForkedError.")
      .def(
          "_start_stats",
          [](const Store& self, py::function done) {
            return start_op(std::move(done), &take_json,
                            [&](auto... rest) { return tsr_store_stats_async(get(self), rest...); });
          },
          py::arg("done"))
      .def("_audit",
           [](const Store& self) {
             const auto rows = obtain<RowsetPtr>(
                 [&](tsr_rowset** out, tsr_error** err) { return tsr_store_audit(get(self), out, err); });
             return rows_of(rows.get());
           })
      .def(
          "_start_audit",
          [](const Store& self, py::function done) {
            return start_op(std::move(done), &take_row_list,
                            [&](auto... rest) { return tsr_store_audit_async(get(self), rest...); });
          },
          py::arg("done"));
}

}  // namespace

void define_care(py::module_& module, py::class_<Store>& store) {
  define_copies(store);
  define_looking(store);
  module.def(
      "salvage_store",
      [](const Text& config, const MaybeText& passphrase, const MaybeText& app_key,
         const MaybeText& recovery_key, const Text& path, py::object progress) {
        const Secrets secrets(passphrase, app_key, recovery_key);
        RowsetOut rows;
        run_with_progress(std::move(progress), 0, [&](const tsr_care_opts* opts, tsr_error** err) {
          return tsr_store_salvage(config.str(), secrets.get(), path.str(), opts, &rows.made, err);
        });
        return rows_of(rows.made);
      },
      py::arg("config"), py::arg("passphrase"), py::arg("app_key"), py::arg("recovery_key"), py::arg("path"),
      py::arg("progress"));
  module.def(
      "start_salvage_store",
      [](const Text& config, const MaybeText& passphrase, const MaybeText& app_key,
         const MaybeText& recovery_key, const Text& path, py::object progress, py::function done) {
        const Secrets secrets(passphrase, app_key, recovery_key);
        return start_with_progress(std::move(progress), std::move(done), &take_row_list, 0,
                                   [&](const tsr_care_opts* opts, auto... rest) {
                                     return tsr_store_salvage_async(config.str(), secrets.get(), path.str(),
                                                                    opts, rest...);
                                   });
      },
      py::arg("config"), py::arg("passphrase"), py::arg("app_key"), py::arg("recovery_key"), py::arg("path"),
      py::arg("progress"), py::arg("done"));
  module.def(
      "erase_store",
      [](const Text& config) { run([&](tsr_error** err) { return tsr_store_erase(config.str(), err); }); },
      py::arg("config"));
  module.def(
      "start_erase_store",
      [](const Text& config, py::function done) {
        return start_op(std::move(done), &take_nothing,
                        [&](auto... rest) { return tsr_store_erase_async(config.str(), rest...); });
      },
      py::arg("config"), py::arg("done"));
}

}  // namespace tessera::python
