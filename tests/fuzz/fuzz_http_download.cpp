// What an earlier download noted: nothing, or a note that is written and read again as it is.
#include "base/bytes.hpp"
#include "http/download/part.hpp"

namespace {

using namespace tessera;

void check(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto note = http::parse_note(as_text({data, size}));
  if (!note) return 0;
  check(note->synced >= 0 && note->length >= -1);
  const auto again = http::parse_note(http::format_note(*note));
  check(again.has_value());
  check(again->url_sha256 == note->url_sha256 && again->length == note->length &&
        again->synced == note->synced);
  check(again->validator.kind == note->validator.kind && again->validator.value == note->validator.value);
  return 0;
}
