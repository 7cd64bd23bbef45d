// The credentials of tessera.HttpClient.
#include "handles.hpp"
#include "in_python.hpp"
#include "secrets.hpp"

namespace tessera::python {
namespace {

tsr_http* get(const HttpClient& self) { return self.handle.get(); }

/// Throws TypeError without the value, which is a secret.
void answer(tsr_http_token* token, const py::object& value, int64_t expires_at_ms) {
  Text text;
  if (!text.read(value)) throw py::type_error("a token must be str or bytes");
  run<Lock::kKept>([&](tsr_error** err) {
    return tsr_http_token_set(token, text.data(), text.size(), expires_at_ms, err);
  });
}

/// `tsr_http_token_fn`
tsr_status fetch_token(void* user, tsr_http_token* token) {
  const bool is_done =
      try_in_python([&] { return kept_function(user); },
                    [&](const py::object& source) {
                      const py::tuple parts(from_python("tessera._http_auth", "token_parts")(source()));
                      answer(token, parts[0], parts[1].cast<int64_t>());
                    });
  return is_done ? TSR_OK : TSR_E_CALLBACK;
}

/// What an account's functions belong to: an object with load() and compare_and_swap(), or None, and a
/// function, or None.
void* keep_account(py::object token_store, py::object reauthorise) {
  return keep_function(py::make_tuple(std::move(token_store), std::move(reauthorise)));
}

py::object token_store_of(void* user) {
  return py::reinterpret_borrow<py::object>(PyTuple_GET_ITEM(kept_function(user).ptr(), 0));
}

py::object reauthorise_of(void* user) {
  return py::reinterpret_borrow<py::object>(PyTuple_GET_ITEM(kept_function(user).ptr(), 1));
}

/// `tsr_http_load_tokens_fn`
tsr_status load_tokens(void* user, tsr_http_token* token) {
  const bool is_done = try_in_python([&] { return token_store_of(user); },
                                     [&](const py::object& tokens) {
                                       const py::object record = tokens.attr("load")();
                                       if (!record.is_none()) answer(token, record, 0);
                                     });
  return is_done ? TSR_OK : TSR_E_CALLBACK;
}

/// `tsr_http_swap_tokens_fn`
tsr_status swap_tokens(void* user, int64_t expected, const void* record, size_t len, int32_t* swapped) {
  const bool is_done = try_in_python([&] { return token_store_of(user); },
                                     [&](const py::object& tokens) {
                                       const py::object is_kept = tokens.attr("compare_and_swap")(
                                           expected, py::bytes(static_cast<const char*>(record), len));
                                       const int is_true = PyObject_IsTrue(is_kept.ptr());
                                       if (is_true < 0) throw py::error_already_set();
                                       *swapped = is_true;
                                     });
  return is_done ? TSR_OK : TSR_E_CALLBACK;
}

/// `tsr_http_reauthorise_fn`
void tell_reauthorise(void* user, tsr_str why) {
  try_in_python([&] { return reauthorise_of(user); },
                [&](const py::object& tell) { tell(py::str(why.data, why.len)); });
}

void set_oauth(const HttpClient& self, const Text& config, const MaybeText& client_secret, const Store* store,
               const MaybeText& account, py::object token_store, py::object reauthorise) {
  tsr_http_oauth_opts opts;
  tsr_http_oauth_opts_init(&opts, sizeof opts);
  if (client_secret) {
    opts.client_secret = client_secret->data();
    opts.client_secret_len = client_secret->size();
  }
  if (store != nullptr) opts.store = store->handle.get();
  opts.account = borrow_if_any(account);
  if (!token_store.is_none()) {
    opts.load = &load_tokens;
    opts.swap = &swap_tokens;
  }
  if (!reauthorise.is_none()) opts.reauthorise = &tell_reauthorise;
  void* const user = keep_account(std::move(token_store), std::move(reauthorise));
  run([&](tsr_error** err) {
    return tsr_http_set_oauth(get(self), config.str(), &opts, user, &drop_function, err);
  });
}

void define_oauth(py::class_<HttpClient>& client) {
  client
      .def("_set_oauth", &set_oauth, py::arg("config"), py::arg("client_secret"), py::arg("store"),
           py::arg("account"), py::arg("token_store"), py::arg("reauthorise"))
      .def(
          "_set_oauth_tokens",
          [](const HttpClient& self, const Text& record) {
            run([&](tsr_error** err) {
              return tsr_http_set_oauth_tokens(get(self), record.data(), record.size(), err);
            });
          },
          py::arg("record"))
      .def(
          "_start_set_oauth_tokens",
          [](const HttpClient& self, const Text& record, Ending done) {
            return start_op(done, &take_nothing, [&](auto... rest) {
              return tsr_http_set_oauth_tokens_async(get(self), record.data(), record.size(), rest...);
            });
          },
          py::arg("record"), py::arg("done"));
}

}  // namespace

void define_http_auth(py::class_<HttpClient>& client) {
  define_oauth(client);
  client
      .def(
          "_set_token",
          [](const HttpClient& self, const Text& token, const MaybeText& header, const MaybeText& prefix) {
            run([&](tsr_error** err) {
              return tsr_http_set_token(get(self), borrow_if_any(header), borrow_if_any(prefix), token.data(),
                                        token.size(), err);
            });
          },
          py::arg("token"), py::arg("header"), py::arg("prefix"))
      .def(
          "_set_token_source",
          [](const HttpClient& self, py::function source) {
            void* const user = keep_function(std::move(source));
            run([&](tsr_error** err) {
              return tsr_http_set_token_source(get(self), &fetch_token, user, &drop_function, err);
            });
          },
          py::arg("source"))
      .def(
          "_set_license_auth",
          [](const HttpClient& self, const License& license) {
            run([&](tsr_error** err) {
              return tsr_http_set_license_auth(get(self), license.handle.get(), err);
            });
          },
          py::arg("license"))
      .def("_auth_state",
           [](const HttpClient& self) {
             int32_t state = 0;
             run([&](tsr_error** err) { return tsr_http_auth_state(get(self), &state, err); });
             return state;
           })
      .def("_clear_auth", [](const HttpClient& self) {
        run([&](tsr_error** err) { return tsr_http_clear_auth(get(self), err); });
      });
}

}  // namespace tessera::python
