// What opens a store, as the C ABI takes it.
#pragma once

#include <pybind11/stl.h>

#include "convert.hpp"

namespace tessera::python {

using MaybeText = std::optional<Text>;

/// Borrows from the texts; null for the C ABI when there is none.
class Secrets {
 public:
  Secrets(const MaybeText& passphrase, const MaybeText& app_key, const MaybeText& recovery_key)
      : is_given_(passphrase || app_key || recovery_key) {
    tsr_store_secrets_init(&secrets_, sizeof secrets_);
    if (passphrase) {
      secrets_.passphrase = passphrase->data();
      secrets_.passphrase_len = passphrase->size();
    }
    if (app_key) {
      secrets_.app_key = app_key->data();
      secrets_.app_key_len = app_key->size();
    }
    secrets_.recovery_key = borrow_if_any(recovery_key);
  }
  const tsr_store_secrets* get() const { return is_given_ ? &secrets_ : nullptr; }

 private:
  tsr_store_secrets secrets_{};
  bool is_given_;
};

}  // namespace tessera::python
