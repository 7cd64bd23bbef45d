/** @file tessera/tessera.h  All of Tessera's C ABI. */
#ifndef TESSERA_TESSERA_H
#define TESSERA_TESSERA_H

#include "tessera/app.h"
#include "tessera/cache.h"
#include "tessera/error.h"
#include "tessera/hwid.h"
#include "tessera/issuer.h"
#include "tessera/license.h"
#include "tessera/log.h"
#include "tessera/op.h"
#include "tessera/outbox.h"
#include "tessera/sealed.h"
#include "tessera/store.h"
#include "tessera/store_care.h"
#include "tessera/store_keys.h"
#include "tessera/types.h"
#include "tessera/value.h"
#include "tessera/version.h"

#endif
