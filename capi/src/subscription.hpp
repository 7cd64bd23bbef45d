// tsr_sub: callbacks of the application that stay registered.
#pragma once

#include <memory>

#include "base/log.hpp"
#include "base/result.hpp"
#include "handle.hpp"
#include "tessera/log.h"
#include "user_data.hpp"

namespace tessera::capi {

/// Ends when destroyed: then its callback neither runs nor will run.
class Registration {
 public:
  Registration() = default;
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;
  virtual ~Registration() = default;
};

/// `owner` keeps `logger`.
Status attach_log(std::shared_ptr<void> owner, Logger& logger, int32_t level, tsr_log_fn fn, UserData user,
                  tsr_sub** out);

}  // namespace tessera::capi

struct tsr_sub : tessera::capi::Handle<tessera::capi::Tag::kSub> {
  explicit tsr_sub(std::unique_ptr<tessera::capi::Registration> made) : registration(std::move(made)) {}
  const std::unique_ptr<tessera::capi::Registration> registration;
};
