// tsr_sub: log sinks of the application.
#pragma once

#include "base/result.hpp"
#include "core_handle.hpp"
#include "tessera/log.h"
#include "user_data.hpp"

namespace tessera::capi {

Status attach_log(CorePtr core, int32_t level, tsr_log_fn fn, UserData user, tsr_sub** out);

}  // namespace tessera::capi
