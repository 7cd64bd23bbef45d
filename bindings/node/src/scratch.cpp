#include "scratch.hpp"

#include <cstring>
#include <string>

#include "convert.hpp"

namespace tessera::node {

namespace {

bool is_ascii(const char* text, size_t size) {
  constexpr uint64_t kHighBits = 0x8080808080808080ULL;
  for (; size >= sizeof(uint64_t); text += sizeof(uint64_t), size -= sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, text, sizeof word);
    if ((word & kHighBits) != 0) return false;
  }
  for (; size > 0; ++text, --size)
    if ((static_cast<unsigned char>(*text) & 0x80U) != 0) return false;
  return true;
}

}  // namespace

Scratch::Scratch(Napi::Env env, Napi::Function collect) : collect_(Napi::Persistent(collect)) {
  auto buffer = Napi::ArrayBuffer::New(env, sizeof(Memory));
  memory_ = static_cast<Memory*>(buffer.Data());
  buffer_ = Napi::Persistent(buffer);
}

Napi::Value Scratch::describe(Napi::Env env) {
  auto object = Napi::Object::New(env);
  object.Set("buffer", buffer_.Value());
  object.Set("cells", Napi::Number::New(env, kCells));
  object.Set("bytes", Napi::Number::New(env, kBytes));
  return object;
}

bool Scratch::begin(napi_env env, size_t columns, bool wants_bigint) {
  others_.clear();
  columns_ = columns;
  used_cells_ = used_bytes_ = 0;
  wants_bigint_ = wants_bigint;
  memory_->header[0] = 0;
  if (columns <= kCells) return true;
  napi_throw_range_error(env, nullptr, "a row has more columns than a JavaScript object is made of here");
  return false;
}

bool Scratch::add_row(napi_env env, const tsr_value* cells) {
  for (size_t i = 0; i < columns_; ++i)
    if (!add_cell(env, cells[i])) return false;
  ++memory_->header[0];
  return true;
}

napi_value Scratch::finish(napi_env env, int32_t next, int32_t shape) {
  memory_->header[1] = next;
  memory_->header[2] = shape;
  memory_->header[3] = static_cast<int32_t>(others_.size());
  if (others_.empty()) return nullptr;
  if (others_.size() == 1) return others_.front();
  napi_value receiver = nullptr;
  napi_value array = nullptr;
  napi_get_undefined(env, &receiver);
  napi_call_function(env, receiver, collect_.Value(), others_.size(), others_.data(), &array);
  return array;
}

void Scratch::put_changes(int64_t changes, double row_id) {
  memory_->numbers[0] = static_cast<double>(changes);
  memory_->numbers[1] = row_id;
}

bool Scratch::add_cell(napi_env env, const tsr_value& cell) {
  switch (cell.type) {
    case TSR_VALUE_INTEGER:
      return add_integer(env, cell.integer);
    case TSR_VALUE_REAL:
      return add_number(cell.real, Tag::kNumber);
    case TSR_VALUE_TEXT:
      return add_text(env, cell, Tag::kOther);
    case TSR_VALUE_JSON:
      return add_text(env, cell, Tag::kJson);
    case TSR_VALUE_BLOB:
      return add_blob(env, cell);
    case TSR_VALUE_BOOL:
      return add_number(static_cast<double>(cell.integer), Tag::kBool);
    default:
      memory_->tags[used_cells_++] = static_cast<uint8_t>(Tag::kNull);
      return true;
  }
}

bool Scratch::add_number(double number, Tag tag) {
  memory_->numbers[used_cells_] = number;
  memory_->tags[used_cells_++] = static_cast<uint8_t>(tag);
  return true;
}

bool Scratch::add_other(napi_env env, napi_status made, napi_value value, Tag tag) {
  if (made != napi_ok) {
    bool is_pending = false;
    napi_is_exception_pending(env, &is_pending);
    if (!is_pending) napi_throw_range_error(env, nullptr, "a cell is larger than JavaScript can hold");
    return false;
  }
  others_.push_back(value);
  memory_->tags[used_cells_++] = static_cast<uint8_t>(tag);
  return true;
}

bool Scratch::add_integer(napi_env env, int64_t integer) {
  if (wants_bigint_) {
    napi_value value = nullptr;
    const napi_status made = napi_create_bigint_int64(env, integer, &value);
    return add_other(env, made, value, Tag::kOther);
  }
  if (is_exact(integer)) return add_number(static_cast<double>(integer), Tag::kNumber);
  const std::string text = std::to_string(integer) + " is beyond 2^53; ask for it with {bigint: true}";
  napi_throw_range_error(env, nullptr, text.c_str());
  return false;
}

bool Scratch::add_text(napi_env env, const tsr_value& cell, Tag tag) {
  const auto* const text = static_cast<const char*>(cell.data);
  napi_value value = nullptr;
  // ASCII needs no decoding.
  const napi_status made = is_ascii(text, cell.len) ? napi_create_string_latin1(env, text, cell.len, &value)
                                                    : napi_create_string_utf8(env, text, cell.len, &value);
  return add_other(env, made, value, tag);
}

bool Scratch::add_blob(napi_env env, const tsr_value& cell) {
  if (cell.len <= kBytes - used_bytes_) {
    if (cell.len > 0) std::memcpy(memory_->bytes + used_bytes_, cell.data, cell.len);
    used_bytes_ += cell.len;
    return add_number(static_cast<double>(cell.len), Tag::kBlob);
  }
  void* bytes = nullptr;
  napi_value buffer = nullptr;
  napi_value array = nullptr;
  napi_status made = napi_create_arraybuffer(env, cell.len, &bytes, &buffer);
  if (made == napi_ok) {
    std::memcpy(bytes, cell.data, cell.len);
    made = napi_create_typedarray(env, napi_uint8_array, cell.len, buffer, 0, &array);
  }
  return add_other(env, made, array, Tag::kOther);
}

}  // namespace tessera::node
