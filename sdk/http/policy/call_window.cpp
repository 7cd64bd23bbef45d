#include "http/policy/call_window.hpp"

#include <algorithm>

namespace tessera::http {

CallWindow::CallWindow(int64_t span_ms)
    : slice_ms_(std::max<int64_t>(span_ms / static_cast<int64_t>(kSlices), 1)) {}

void CallWindow::add(int64_t now_ms, bool is_failed) {
  advance(now_ms / slice_ms_);
  for (Slice* const slice : {&slice_of(newest_), &all_}) {
    ++slice->calls;
    slice->failures += is_failed ? 1 : 0;
  }
}

void CallWindow::clear() {
  slices_.fill({});
  all_ = {};
}

void CallWindow::advance(int64_t number) {
  if (number - newest_ >= static_cast<int64_t>(kSlices)) {
    clear();
    newest_ = number;
  }
  while (newest_ < number) {
    Slice& oldest = slice_of(++newest_);
    all_.calls -= oldest.calls;
    all_.failures -= oldest.failures;
    oldest = {};
  }
}

}  // namespace tessera::http
