/** @file tessera/tessera.h  All of Tessera's C ABI. */
#ifndef TESSERA_TESSERA_H
#define TESSERA_TESSERA_H

#include "tessera/app.h"
#include "tessera/error.h"
#include "tessera/hwid.h"
#include "tessera/issuer.h"
#include "tessera/license.h"
#include "tessera/log.h"
#include "tessera/op.h"
#include "tessera/types.h"
#include "tessera/version.h"

#endif
