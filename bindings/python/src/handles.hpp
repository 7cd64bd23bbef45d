// The classes of the module and what each part of it registers.
#pragma once

#include "convert.hpp"

namespace tessera::python {

/// An immutable answer. Freed in place: its release waits for nothing.
struct Verdict {
  explicit Verdict(tsr_verdict* owned) : handle(owned) {}
  struct Release {
    void operator()(tsr_verdict* verdict) const noexcept { tsr_verdict_free(verdict); }
  };
  std::unique_ptr<tsr_verdict, Release> handle;
};

struct License {
  LicensePtr handle;
  py::object verdict;  // the Verdict that check() gave last, or null
};

struct App {
  AppPtr handle;
};
struct Hwid {
  HwidPtr handle;
};
struct Key {
  KeyPtr handle;
};
struct Issuer {
  IssuerPtr handle;
};
struct Store {
  StorePtr handle;
};
struct Tx {
  TxPtr handle;
};
struct Subscription {
  SubPtr handle;
};

/// A started operation and how its result becomes a Python object.
struct Op {
  using Take = py::object (*)(tsr_op*);
  OpPtr handle;
  Take take;
};

py::object new_verdict(tsr_verdict* owned);

/// Runs `call(tsr_verdict**, tsr_error**)`.
template <Lock kLock = Lock::kReleased, class Call>
py::object obtain_verdict(Call&& call) {
  tsr_verdict* made = nullptr;
  run<kLock>([&](tsr_error** err) { return call(&made, err); });
  return new_verdict(made);
}

/// Attaches a Python function to tsr_<handle>_on_log.
template <class T>
using Attach = tsr_status (*)(T*, int32_t, tsr_log_fn, void*, void (*)(void*), tsr_sub**, tsr_error**);
void forward_record(void* user, int32_t level, tsr_str area, tsr_str event, tsr_str message, tsr_str fields);
/// A Python function as `user` pointer; drop_function() is its `user_free`.
void* keep_function(py::object function);
void drop_function(void* user);
const py::object& kept_function(void* user);

template <class T>
Subscription attach_sink(Attach<T> attach, T* handle, int32_t level, py::object sink) {
  void* const user = keep_function(std::move(sink));
  return {obtain<SubPtr, Lock::kKept>([&](tsr_sub** out, tsr_error** err) {
    return attach(handle, level, &forward_record, user, &drop_function, out, err);
  })};
}

/// `tsr_done_fn`: calls the Python function that keep_function() kept.
void forward_end(void* user, tsr_op* op);

/// Starts an operation by `start(tsr_done_fn, user, user_free, tsr_op**, tsr_error**)`; Python's `done` is
/// called on a thread of the library when it ended.
template <class Start>
Op start_op(py::object done, Op::Take take, Start&& start) {
  void* const user = keep_function(std::move(done));
  return {obtain<OpPtr, Lock::kKept>([&](tsr_op** out, tsr_error** err) {
            return start(&forward_end, user, &drop_function, out, err);
          }),
          take};
}
py::object take_verdict(tsr_op* op);
py::object take_str(tsr_op* op);
py::object take_meter(tsr_op* op);
py::object take_nothing(tsr_op* op);
py::object take_key(tsr_op* op);
/// For operations whose result a constructor takes.
py::object take_in_constructor(tsr_op* op);

py::object take_buffer(tsr_op* op);
py::object take_json(tsr_op* op);
py::object take_changes(tsr_op* op);
py::object take_count(tsr_op* op);

/// A Changes.
py::object new_changes(int64_t changes, int64_t row_id);

void define_verdict(py::module_& module);
void define_op(py::module_& module);
void define_log(py::module_& module);
void define_license(py::module_& module);
void define_hwid(py::module_& module);
void define_issuer(py::module_& module);
void define_changes(py::module_& module);
void define_store(py::module_& module);
void define_tx(py::module_& module);
void define_cache(py::module_& module);
void define_outbox(py::module_& module);
void define_sealed(py::module_& module);

/// Parts of the class Store.
void define_statements(py::class_<Store>& store);
void define_settings(py::class_<Store>& store);
void define_keys(py::class_<Store>& store);
void define_care(py::module_& module, py::class_<Store>& store);
void define_sealed_files(py::class_<Store>& store);

}  // namespace tessera::python
