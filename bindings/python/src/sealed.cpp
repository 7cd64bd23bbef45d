// Encrypted files and logs beside a store.
#include <mutex>

#include "handles.hpp"
#include "rows.hpp"
#include "secrets.hpp"

namespace tessera::python {
namespace {

tsr_store* get(const Store& self) { return self.handle.get(); }

/// A handle that takes one call at a time and that close() releases while others may be inside.
template <class T, void (*kFree)(T*)>
class Guarded {
 public:
  explicit Guarded(T* handle) : handle_(handle) {}
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() { close(); }

  /// Runs `call(T*, tsr_error**)`; StateError after close().
  template <class Call>
  void run(Call&& call) {
    Failure failure;
    bool is_closed = false;
    const tsr_status status = call_sdk<Lock::kReleased>([&] {
      const std::lock_guard lock(mutex_);
      is_closed = handle_ == nullptr;
      return is_closed ? TSR_E_STATE : call(handle_, failure.out());
    });
    if (is_closed) raise_error(TSR_E_STATE, "sealed", "the file is closed; open it again");
    if (status != TSR_OK) failure.raise(status);
  }

  void close() {
    call_sdk<Lock::kReleased>([&] {
      const std::lock_guard lock(mutex_);
      kFree(std::exchange(handle_, nullptr));
      return TSR_OK;
    });
  }

 private:
  std::mutex mutex_;
  T* handle_;
};

struct Writer : Guarded<tsr_sealed_writer, &tsr_sealed_writer_free> {
  Writer(tsr_sealed_writer* handle, int64_t from) : Guarded(handle), offset(from) {}
  int64_t offset;
};
struct Reader : Guarded<tsr_sealed_reader, &tsr_sealed_reader_free> {
  Reader(tsr_sealed_reader* handle, int64_t bytes) : Guarded(handle), size(bytes) {}
  int64_t size;
};
struct Log : Guarded<tsr_sealed_log, &tsr_sealed_log_free> {
  using Guarded::Guarded;
};

void define_writer(py::module_& module) {
  py::class_<Writer>(module, "SealedWriter", "An encrypted file being written.")
      .def(py::init([](const Store& store, const Text& path, bool resume) {
             tsr_sealed_writer* made = nullptr;
             int64_t offset = 0;
             run([&](tsr_error** err) {
               return tsr_sealed_create(get(store), path.str(), resume ? uint32_t{TSR_SEALED_RESUME} : 0,
                                        &made, &offset, err);
             });
             return std::make_unique<Writer>(made, offset);
           }),
           py::arg("store"), py::arg("path"), py::arg("resume"))
      .def_property_readonly("offset", [](const Writer& self) { return self.offset; })
      .def(
          "write",
          [](Writer& self, const Text& data) {
            self.run([&](tsr_sealed_writer* writer, tsr_error** err) {
              return tsr_sealed_write(writer, data.data(), data.size(), err);
            });
          },
          py::arg("data"))
      .def("finish", [](Writer& self) { self.run(&tsr_sealed_finish); })
      .def("close", [](Writer& self) { self.close(); });
}

void define_reader(py::module_& module) {
  py::class_<Reader>(module, "SealedReader", "An encrypted file being read.")
      .def(py::init([](const Store& store, const Text& path) {
             tsr_sealed_reader* made = nullptr;
             run([&](tsr_error** err) { return tsr_sealed_open(get(store), path.str(), &made, err); });
             return std::make_unique<Reader>(made, tsr_sealed_size(made));
           }),
           py::arg("store"), py::arg("path"))
      .def_property_readonly("size", [](const Reader& self) { return self.size; })
      .def(
          "read_into",
          [](Reader& self, int64_t offset, const py::buffer& target) {
            Py_buffer view;
            if (PyObject_GetBuffer(target.ptr(), &view, PyBUF_WRITABLE) != 0) throw py::error_already_set();
            const std::unique_ptr<Py_buffer, decltype(&PyBuffer_Release)> release(&view, &PyBuffer_Release);
            size_t count = 0;
            self.run([&](tsr_sealed_reader* reader, tsr_error** err) {
              return tsr_sealed_read(reader, offset, view.buf, static_cast<size_t>(view.len), &count, err);
            });
            return count;
          },
          py::arg("offset"), py::arg("buffer"))
      .def("close", [](Reader& self) { self.close(); });
}

void define_log_file(py::module_& module) {
  py::class_<Log>(module, "SealedLog", "What tessera.SealedLog derives from.")
      .def(py::init([](const Store& store, const Text& path, int64_t max_file_bytes, int32_t max_files) {
             tsr_sealed_log* made = nullptr;
             run([&](tsr_error** err) {
               return tsr_sealed_log_open(get(store), path.str(), max_file_bytes, max_files, &made, err);
             });
             return std::make_unique<Log>(made);
           }),
           py::arg("store"), py::arg("path"), py::arg("max_file_bytes"), py::arg("max_files"))
      .def(
          "append",
          [](Log& self, const Text& record) {
            self.run([&](tsr_sealed_log* log, tsr_error** err) {
              return tsr_sealed_log_append(log, record.data(), record.size(), err);
            });
          },
          py::arg("record"),
          "Adds a record of at most 1 MiB. Raises LimitError, StateError, IoError, DiskFullError, "
          "ForkedError.")
      .def(
          "flush", [](Log& self) { self.run(&tsr_sealed_log_flush); },
          "Makes what was added durable. Raises StateError, IoError, DiskFullError, ForkedError.")
      .def(
          "close", [](Log& self) { self.close(); },
          "Writes what is buffered and ends the log. Again is fine.");
}

}  // namespace

void define_sealed(py::module_& module) {
  define_writer(module);
  define_reader(module);
  define_log_file(module);
}

void define_sealed_files(py::class_<Store>& store) {
  store
      .def(
          "_put_sealed",
          [](const Store& self, const Text& path, const Text& data) {
            run([&](tsr_error** err) {
              return tsr_sealed_put(get(self), path.str(), data.data(), data.size(), err);
            });
          },
          py::arg("path"), py::arg("data"))
      .def(
          "_start_put_sealed",
          [](const Store& self, const Text& path, const Text& data, py::function done) {
            return start_op(std::move(done), &take_nothing, [&](auto... rest) {
              return tsr_sealed_put_async(get(self), path.str(), data.data(), data.size(), rest...);
            });
          },
          py::arg("path"), py::arg("data"), py::arg("done"))
      .def(
          "_get_sealed",
          [](const Store& self, const Text& path) {
            return obtain_bytes([&](tsr_buf* out, tsr_error** err) {
              return tsr_sealed_get(get(self), path.str(), out, err);
            });
          },
          py::arg("path"))
      .def(
          "_start_get_sealed",
          [](const Store& self, const Text& path, py::function done) {
            return start_op(std::move(done), &take_buffer, [&](auto... rest) {
              return tsr_sealed_get_async(get(self), path.str(), rest...);
            });
          },
          py::arg("path"), py::arg("done"))
      .def(
          "_read_log",
          [](const Store& self, const Text& path) {
            const auto rows = obtain<RowsetPtr>([&](tsr_rowset** out, tsr_error** err) {
              return tsr_sealed_log_read(get(self), path.str(), out, err);
            });
            return rows_of(rows.get());
          },
          py::arg("path"))
      .def(
          "_start_read_log",
          [](const Store& self, const Text& path, py::function done) {
            return start_op(std::move(done), &take_row_list, [&](auto... rest) {
              return tsr_sealed_log_read_async(get(self), path.str(), rest...);
            });
          },
          py::arg("path"), py::arg("done"));
}

}  // namespace tessera::python
