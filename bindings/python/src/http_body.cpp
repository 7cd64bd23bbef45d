// Bodies that are written while they are sent, and forms.
#include <limits>

#include "handles.hpp"
#include "interruptible.hpp"
#include "secrets.hpp"

namespace tessera::python {
namespace {

tsr_http_upload* get(const HttpUpload& self) { return self.handle.get(); }

tsr_http_form* get(const HttpForm& self) { return self.handle.get(); }

/// All of `data`, however long that takes.
void write_all(const HttpUpload& self, const Text& data) {
  const uint32_t patience_ms = is_main_thread() ? kLookForSignalsMs : std::numeric_limits<uint32_t>::max();
  size_t done = 0;
  do {
    Failure failure;
    size_t taken = 0;
    const tsr_status status = call_sdk<Lock::kReleased>([&] {
      return tsr_http_upload_write(get(self), data.data() + done, data.size() - done, patience_ms, &taken,
                                   failure.out());
    });
    if (status != TSR_OK && status != TSR_E_TIMEOUT) failure.raise(status);
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    done += taken;
  } while (done < data.size());
}

void define_upload(py::module_& module) {
  py::class_<HttpUpload>(module, "HttpUpload", "What tessera.HttpUpload derives from.")
      .def(
          py::init([](std::optional<int64_t> size) {
            return HttpUpload{obtain<HttpUploadPtr, Lock::kKept>([&](tsr_http_upload** out, tsr_error** err) {
              return tsr_http_upload_new(size.value_or(-1), out, err);
            })};
          }),
          py::arg("size") = py::none())
      .def("_write", &write_all, py::arg("data"))
      .def(
          "_start_write",
          [](const HttpUpload& self, const Text& data, Ending done) {
            return start_op(done, &take_nothing, [&](auto... rest) {
              return tsr_http_upload_write_async(get(self), data.data(), data.size(), rest...);
            });
          },
          py::arg("data"), py::arg("done"))
      .def(
          "finish",
          [](const HttpUpload& self) {
            run([&](tsr_error** err) { return tsr_http_upload_finish(get(self), err); });
          },
          "Ends the body. Raises ArgError (less than announced: its request fails), StateError (finished "
          "before, or its\n"
          "request has ended), ForkedError.")
      .def(
          "fail",
          [](const HttpUpload& self) {
            run([&](tsr_error** err) { return tsr_http_upload_fail(get(self), err); });
          },
          "The rest of the body can't be had: its request ends with CallbackError. Raises ForkedError.");
}

void define_form(py::module_& module) {
  py::class_<HttpForm>(module, "HttpForm", "What tessera.HttpForm derives from.")
      .def(py::init([] {
        return HttpForm{obtain<HttpFormPtr, Lock::kKept>(
            [](tsr_http_form** out, tsr_error** err) { return tsr_http_form_new(out, err); })};
      }))
      .def(
          "add_field",
          [](const HttpForm& self, const Text& name, const Text& value) {
            run([&](tsr_error** err) {
              return tsr_http_form_add_field(get(self), name.str(), value.str(), err);
            });
          },
          py::arg("name"), py::arg("value"), "Adds a field. Raises ArgError, ForkedError.")
      .def(
          "add_bytes",
          [](const HttpForm& self, const Text& name, const Text& data, const MaybeText& file_name,
             const MaybeText& content_type) {
            run([&](tsr_error** err) {
              return tsr_http_form_add_bytes(get(self), name.str(), data.data(), data.size(),
                                             borrow_if_any(file_name), borrow_if_any(content_type), err);
            });
          },
          py::arg("name"), py::arg("data"), py::kw_only(), py::arg("file_name") = py::none(),
          py::arg("content_type") = py::none(),
          "Adds bytes, which are copied: as a file when it has a `file_name`, else as a field. Raises "
          "ArgError, ForkedError.")
      .def(
          "_add_file",
          [](const HttpForm& self, const Text& name, const Text& path, const MaybeText& file_name,
             const MaybeText& content_type) {
            run([&](tsr_error** err) {
              return tsr_http_form_add_file(get(self), name.str(), path.str(), borrow_if_any(file_name),
                                            borrow_if_any(content_type), err);
            });
          },
          py::arg("name"), py::arg("path"), py::arg("file_name"), py::arg("content_type"));
}

}  // namespace

void define_http_body(py::module_& module) {
  define_upload(module);
  define_form(module);
}

}  // namespace tessera::python
