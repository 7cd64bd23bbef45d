// Forms.
#include <string>

#include "convert.hpp"
#include "guard.hpp"
#include "http_body.hpp"

using tessera::Result;
using tessera::Status;
using tessera::capi::bytes_in;
using tessera::capi::clear;
using tessera::capi::guard;
using tessera::capi::guard_free;
using tessera::capi::optional_text_in;
using tessera::capi::path_in;
using tessera::capi::require_out;
using tessera::capi::require_usable;
using tessera::capi::text_in;
using tessera::http::FormPart;

namespace {

Result<FormPart> part_in(tsr_str name, tsr_str file_name, tsr_str content_type) {
  TSR_ASSIGN_OR_RETURN(const auto own, text_in(name, "name"));
  TSR_ASSIGN_OR_RETURN(const auto file, optional_text_in(file_name, "file_name"));
  TSR_ASSIGN_OR_RETURN(const auto type, optional_text_in(content_type, "content_type"));
  return FormPart{std::string(own), std::string(file), std::string(type)};
}

}  // namespace

tsr_status tsr_http_form_new(tsr_http_form** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    *out = new tsr_http_form;
    return {};
  });
}

tsr_status tsr_http_form_add_field(tsr_http_form* form, tsr_str name, tsr_str value,
                                   tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_usable(form, "form"));
    TSR_ASSIGN_OR_RETURN(const auto own, text_in(name, "name"));
    TSR_ASSIGN_OR_RETURN(const auto text, text_in(value, "value"));
    const std::lock_guard lock(form->mutex);
    return form->form.add_field(own, text);
  });
}

tsr_status tsr_http_form_add_bytes(tsr_http_form* form, tsr_str name, const void* data, size_t len,
                                   tsr_str file_name, tsr_str content_type, tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_usable(form, "form"));
    TSR_ASSIGN_OR_RETURN(const FormPart part, part_in(name, file_name, content_type));
    TSR_ASSIGN_OR_RETURN(const auto bytes, bytes_in(data, len, "data"));
    const std::lock_guard lock(form->mutex);
    return form->form.add_bytes(part, tessera::as_bytes(bytes));
  });
}

tsr_status tsr_http_form_add_file(tsr_http_form* form, tsr_str name, tsr_str path, tsr_str file_name,
                                  tsr_str content_type, tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_usable(form, "form"));
    TSR_ASSIGN_OR_RETURN(const FormPart part, part_in(name, file_name, content_type));
    TSR_ASSIGN_OR_RETURN(const std::string file, path_in(path));
    const std::lock_guard lock(form->mutex);
    return form->form.add_file(part, file);
  });
}

void tsr_http_form_free(tsr_http_form* form) noexcept { guard_free(__func__, form); }
