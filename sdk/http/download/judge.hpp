// What a response means to a download that has a part of the file already.
#pragma once

#include <cstdint>
#include <string>

#include "http/client/request.hpp"

namespace tessera::http {

/// Tells two contents at the same address apart; the value goes back in If-Range (RFC 9110 section 13.1.5).
struct Validator {
  enum class Kind : uint8_t { kNone, kEtag, kLastModified };
  Kind kind = Kind::kNone;
  std::string value;
  explicit operator bool() const { return kind != Kind::kNone; }
};

/// A strong one, or none: what is only about the same can't be continued.
Validator validator_of(const Headers& headers);

/// What is known before the response.
struct Asked {
  int64_t offset = 0;   // bytes that are here; above 0 they were not asked for
  int64_t length = -1;  // of the whole, or -1
  Validator validator;
};

struct Judgement {
  enum class Kind : uint8_t {
    kTake,      // the body goes to `from`
    kComplete,  // all is here already
    kAnew,      // what is here is not of this content
    kRefuse,    // no content: see the status
  };
  Kind kind = Kind::kRefuse;
  int64_t from = 0;
  int64_t end = -1;     // where the body ends, or -1
  int64_t length = -1;  // of the whole, or -1
};

Judgement judge(const Response& head, const Asked& asked);

}  // namespace tessera::http
