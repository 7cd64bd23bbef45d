#include "base/random.hpp"

namespace tessera {

Bytes random_bytes(Random& source, size_t count) {
  Bytes bytes(count);
  source.fill(bytes);
  return bytes;
}

}  // namespace tessera
