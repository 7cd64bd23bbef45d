// A request for the outbox, as the C ABI takes it.
#pragma once

#include "value.hpp"

namespace tessera::python {

/// Borrows from the values of a dict with the names of tsr_outbox_item's members; texts are str, `body`
/// anything with the buffer protocol. What is None stays at its default.
class OutboxItem {
 public:
  explicit OutboxItem(const py::dict& members);
  const tsr_outbox_item* get() const { return &item_; }

 private:
  void read(const py::dict& members, const char* name, tsr_str* out);

  tsr_outbox_item item_;
  std::optional<Text> body_;
};

}  // namespace tessera::python
