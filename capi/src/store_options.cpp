// Defaults of the structs of the store; also in a build without it.
#include <cstddef>

#include "guard.hpp"
#include "options.hpp"
#include "tessera/outbox.h"
#include "tessera/store.h"
#include "tessera/store_keys.h"

using tessera::capi::guard_void;
using tessera::capi::init_options;

// Sizes of the first release; fields that join later come behind them.

void tsr_store_secrets_init(tsr_store_secrets* secrets, uint32_t struct_size) noexcept {
  guard_void(__func__, [&] {
    init_options(secrets, struct_size, offsetof(tsr_store_secrets, recovery_key) + sizeof(tsr_str));
  });
}

void tsr_sql_opts_init(tsr_sql_opts* opts, uint32_t struct_size) noexcept {
  guard_void(__func__,
             [&] { init_options(opts, struct_size, offsetof(tsr_sql_opts, names) + sizeof(void*)); });
}

void tsr_tx_opts_init(tsr_tx_opts* opts, uint32_t struct_size) noexcept {
  guard_void(__func__,
             [&] { init_options(opts, struct_size, offsetof(tsr_tx_opts, timeout_ms) + sizeof(int64_t)); });
}

void tsr_care_opts_init(tsr_care_opts* opts, uint32_t struct_size) noexcept {
  guard_void(__func__,
             [&] { init_options(opts, struct_size, offsetof(tsr_care_opts, user) + sizeof(void*)); });
}

void tsr_outbox_item_init(tsr_outbox_item* item, uint32_t struct_size) noexcept {
  guard_void(__func__, [&] {
    init_options(item, struct_size, offsetof(tsr_outbox_item, not_before_ms) + sizeof(int64_t));
  });
}
