/// @file tessera/cpp/progress.hpp  How far long work is.
#ifndef TESSERA_CPP_PROGRESS_HPP
#define TESSERA_CPP_PROGRESS_HPP

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "tessera/cpp/operation.hpp"
#include "tessera/store_keys.h"

namespace tessera::inline v1 {

/// Hears how far long work is, `total` 0 while unknown; false cancels the work (ErrorCode::kCancelled). Must
/// not call the same store. An exception that it throws cancels too.  @since 1.1
using Progress = std::function<bool(std::int64_t done, std::int64_t total)>;

namespace detail {

inline tsr_status report_progress(void* user, std::int64_t done, std::int64_t total) noexcept {
  try {
    return (*static_cast<const Progress*>(user))(done, total) ? TSR_OK : TSR_E_CANCELLED;
  } catch (...) {
    return TSR_E_CANCELLED;
  }
}

/// tsr_care_opts around a Progress that outlives it.
class ProgressOptions {
 public:
  explicit ProgressOptions(const Progress& progress, std::uint32_t flags = 0) noexcept {
    tsr_care_opts_init(&opts_, sizeof opts_);
    opts_.flags = flags;
    if (!progress) return;
    opts_.progress = &report_progress;
    opts_.user = const_cast<Progress*>(&progress);
  }
  const tsr_care_opts* get() const noexcept { return &opts_; }

 private:
  tsr_care_opts opts_;
};

/// A Progress that lives as long as its operation.
class ProgressBox {
 public:
  explicit ProgressBox(Progress progress) noexcept : progress_(std::move(progress)) {}
  tsr_care_opts options(std::uint32_t flags = 0) const noexcept {
    return *ProgressOptions(progress_, flags).get();
  }

 private:
  const Progress progress_;
};

template <typename T>
Completion<T> keep(std::shared_ptr<ProgressBox> box, Completion<T> done) {
  return [box = std::move(box), done = std::move(done)](Expected<T> result) {
    if (done) done(std::move(result));
  };
}

}  // namespace detail

}  // namespace tessera::inline v1

#endif
