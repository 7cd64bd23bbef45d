#include "store/value.hpp"

#include <algorithm>
#include <cstring>

namespace tessera::store {

void RowSet::add(const Value* row) {
  size_t bytes = 0;
  for (size_t index = 0; index < columns_.size(); ++index) bytes += row[index].size;
  uint8_t* room = bytes == 0 ? nullptr : blocks_.emplace_back(bytes).data();
  for (size_t index = 0; index < columns_.size(); ++index) {
    Value cell = row[index];
    if (cell.size != 0) {
      std::memcpy(room, cell.data, cell.size);
      cell.data = room;
      room += cell.size;
    } else if (cell.data != nullptr) {
      cell.data = "";  // an empty text or blob, not null
    }
    cells_.push_back(cell);
  }
}

}  // namespace tessera::store
