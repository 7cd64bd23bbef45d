// Base of every handle: a type tag that each call checks, and the count of live objects.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/fork_guard.hpp"

namespace tessera::capi {

/// Tells handle types apart at run time. Arbitrary values that ordinary memory hardly holds.
enum class Tag : uint32_t {
  kFreed = 0,
  kError = 0x7453ec01,
  kApp = 0x7453ec02,
  kLicense = 0x7453ec03,
  kVerdict = 0x7453ec04,
  kHwid = 0x7453ec05,
  kKey = 0x7453ec06,
  kIssuer = 0x7453ec07,
  kSub = 0x7453ec08,
  kOp = 0x7453ec09,
  kStore = 0x7453ec0a,
  kRows = 0x7453ec0b,
  kTx = 0x7453ec0c,
  kRowset = 0x7453ec0d,
  kLoaded = 0x7453ec0e,
  kSealedWriter = 0x7453ec0f,
  kSealedReader = 0x7453ec10,
  kSealedLog = 0x7453ec11,
};

inline constinit std::atomic<uint64_t> live_objects{0};

/// Must be the first thing in the object, so that a handle of another type is read at the same place.
class TypeTag {
 public:
  constexpr explicit TypeTag(Tag tag) : tag_(tag) {}
  bool is(Tag tag) const { return tag_.load(std::memory_order_relaxed) == tag; }
  void clear() { tag_.store(Tag::kFreed, std::memory_order_relaxed); }

 private:
  std::atomic<Tag> tag_;
};

template <Tag kTag>
struct Handle {
  static constexpr Tag kType = kTag;

  Handle() { live_objects.fetch_add(1, std::memory_order_relaxed); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    tag.clear();
    live_objects.fetch_sub(1, std::memory_order_relaxed);
  }

  TypeTag tag{kTag};
};

/// A handle that operations in the background keep after the application has freed it.
template <class T, Tag kTag>
// NOLINTNEXTLINE(bugprone-crtp-constructor-accessibility): made by its handle alone
struct KeptHandle : Handle<kTag> {
  std::shared_ptr<T> self;  // what the application has
  const ForkGuard fork;
};

/// True when `handle` is of its type and not freed.
template <class T>
bool is_live(const T* handle) {
  return handle != nullptr && handle->tag.is(T::kType);
}

}  // namespace tessera::capi
