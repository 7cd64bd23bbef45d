// Rows on their way to JavaScript. A call into N-API for each cell takes longer than SQLite needs for the
// row; so numbers and small blobs are written into memory that both sides see, and lib/rows.ts makes the
// objects.
#pragma once

#include <cstdint>
#include <vector>

#include "setup.hpp"
#include "tessera/tessera.h"

namespace tessera::node {

class Scratch {
 public:
  /// `collect` gives its arguments as an array.
  Scratch(Napi::Env env, Napi::Function collect);
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  /// {buffer, cells, bytes}; the layout is that of lib/rows.ts.
  Napi::Value describe(Napi::Env env);

  // One chunk of rows, all between two calls from JavaScript. False: an exception is pending.

  bool begin(napi_env env, size_t columns, bool wants_bigint);
  bool has_room() const { return used_cells_ + columns_ <= kCells; }
  bool add_row(napi_env env, const tsr_value* cells);
  /// What JavaScript gets beside the memory: nothing, the one other cell, or an array of them. `next` is told
  /// to it: where to go on, or kNoMore.
  napi_value finish(napi_env env, int32_t next, int32_t shape);
  /// What a statement changed.
  void put_changes(int64_t changes, double row_id);

  static constexpr int32_t kNoMore = -1;

 private:
  enum class Tag : uint8_t { kNull, kNumber, kOther, kBlob, kBool, kJson };
  static constexpr size_t kCells = 4096;
  static constexpr size_t kBytes = 65536;
  struct Memory {
    int32_t header[8];  // rows, next, shape, other cells
    double numbers[kCells];
    uint8_t tags[kCells];
    uint8_t bytes[kBytes];
  };

  bool add_other(napi_env env, napi_status made, napi_value value, Tag tag);
  bool add_cell(napi_env env, const tsr_value& cell);
  bool add_integer(napi_env env, int64_t integer);
  bool add_text(napi_env env, const tsr_value& cell, Tag tag);
  bool add_blob(napi_env env, const tsr_value& cell);
  bool add_number(double number, Tag tag);

  Napi::Reference<Napi::ArrayBuffer> buffer_;  // of memory_
  Napi::FunctionReference collect_;
  Memory* memory_;
  std::vector<napi_value> others_;
  size_t columns_ = 0;
  size_t used_cells_ = 0;
  size_t used_bytes_ = 0;
  bool wants_bigint_ = false;
};

}  // namespace tessera::node
