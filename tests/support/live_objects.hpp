// Fixture: a case leaves as many live objects as it found.
#pragma once

#include <tessera/types.h>

#include <boost/test/unit_test.hpp>

namespace tessera::test {

struct LiveObjects {
  LiveObjects() : before(tsr_live_objects()) {}
  LiveObjects(const LiveObjects&) = delete;
  LiveObjects& operator=(const LiveObjects&) = delete;
  ~LiveObjects() { BOOST_CHECK_EQUAL(tsr_live_objects(), before); }
  const uint64_t before;
};

}  // namespace tessera::test
