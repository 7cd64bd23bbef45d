// tsr_care_opts: progress of long work.
#pragma once

#include "options.hpp"
#include "store/care.hpp"
#include "tessera/error.h"
#include "tessera/store_keys.h"

namespace tessera::capi {

struct CareOptions {
  uint32_t flags = 0;
  store::Progress progress;
};

/// `opts` may be null; ARG for a flag that is not in `allowed`.
inline Result<CareOptions> care_opts_in(const tsr_care_opts* opts, uint32_t allowed = 0) {
  constexpr size_t kFirstSize = offsetof(tsr_care_opts, user) + sizeof(tsr_care_opts::user);
  TSR_ASSIGN_OR_RETURN(const auto own, options_in(opts, kFirstSize, "opts", "tsr_care_opts_init"));
  if ((own.flags & ~allowed) != 0) return argument_error("opts.flags has an unknown bit");
  return CareOptions{own.flags, [report = own.progress, user = own.user](int64_t done, int64_t total) {
                       try {
                         return report == nullptr || report(user, done, total) == TSR_OK;
                       } catch (...) {
                         return false;
                       }
                     }};
}

}  // namespace tessera::capi
