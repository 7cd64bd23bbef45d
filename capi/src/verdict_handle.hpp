// tsr_verdict: made by license.cpp, read by verdict.cpp.
#pragma once

#include <memory>

#include "handle.hpp"
#include "license/verdict.hpp"

struct tsr_verdict : tessera::capi::Handle<tessera::capi::Tag::kVerdict> {
  explicit tsr_verdict(std::shared_ptr<const tessera::Verdict> snapshot) : verdict(std::move(snapshot)) {}
  const std::shared_ptr<const tessera::Verdict> verdict;
};
