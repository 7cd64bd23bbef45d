/// @file tessera/tessera.hpp  All of Tessera's C++ facade: header-only, over the C ABI.
#ifndef TESSERA_TESSERA_HPP
#define TESSERA_TESSERA_HPP

#include "tessera/cpp/app.hpp"
#include "tessera/cpp/cache.hpp"
#include "tessera/cpp/config.hpp"
#include "tessera/cpp/error.hpp"
#include "tessera/cpp/expected.hpp"
#include "tessera/cpp/hwid.hpp"
#include "tessera/cpp/issuer.hpp"
#include "tessera/cpp/issuer_spec.hpp"
#include "tessera/cpp/json_text.hpp"
#include "tessera/cpp/license.hpp"
#include "tessera/cpp/license_code.hpp"
#include "tessera/cpp/log.hpp"
#include "tessera/cpp/operation.hpp"
#include "tessera/cpp/outbox.hpp"
#include "tessera/cpp/progress.hpp"
#include "tessera/cpp/rows.hpp"
#include "tessera/cpp/sealed.hpp"
#include "tessera/cpp/secret.hpp"
#include "tessera/cpp/sql.hpp"
#include "tessera/cpp/store.hpp"
#include "tessera/cpp/store_config.hpp"
#include "tessera/cpp/time.hpp"
#include "tessera/cpp/transaction.hpp"
#include "tessera/cpp/value.hpp"
#include "tessera/cpp/verdict.hpp"
#include "tessera/cpp/version.hpp"

#endif
