// Encrypted files and logs beside a store.
#include <algorithm>
#include <vector>

#include "define.hpp"
#include "work.hpp"

namespace tessera::node {

namespace {

/// A writer, and how many bytes are there already.
struct Created {
  tsr_sealed_writer* writer;
  int64_t offset;
};

/// Bytes that were read.
struct Content {
  std::vector<uint8_t> bytes;
};

}  // namespace

/// {writer, offset}
template <>
class Out<Created> {
 public:
  ~Out() { tsr_sealed_writer_free(created_.writer); }
  Created* slot() { return &created_; }
  Napi::Value take(Napi::Env env) {
    auto object = Napi::Object::New(env);
    object.Set("writer", wrap(env, std::exchange(created_.writer, nullptr)));
    object.Set("offset", Napi::Number::New(env, static_cast<double>(created_.offset)));
    return object;
  }

 private:
  Created created_{};
};

template <>
class Out<Content> {
 public:
  Content* slot() { return &content_; }
  Napi::Value take(Napi::Env env) { return bytes_out(env, content_.bytes.data(), content_.bytes.size()); }

 private:
  Content content_;
};

namespace {

constexpr auto kCreate = [](tsr_store* store, tsr_str path, uint32_t flags, Created* out,
                            tsr_error** error) noexcept -> tsr_status {
  return tsr_sealed_create(store, path, flags, &out->writer, &out->offset, error);
};

/// `data` is read on another thread: lib/sealed.ts gives bytes that nobody else has.
constexpr auto kWrite = [](tsr_sealed_writer* writer, Bytes data, Nothing*,
                           tsr_error** error) noexcept -> tsr_status {
  return tsr_sealed_write(writer, data.data, data.len, error);
};

constexpr auto kFinish = [](tsr_sealed_writer* writer, Nothing*, tsr_error** error) noexcept -> tsr_status {
  return tsr_sealed_finish(writer, error);
};

constexpr auto kRead = [](tsr_sealed_reader* reader, int64_t offset, uint32_t len, Content* out,
                          tsr_error** error) noexcept -> tsr_status {
  // Not more than there is: `len` is what somebody asked for.
  const int64_t left = offset < 0 ? 0 : tsr_sealed_size(reader) - offset;
  out->bytes.resize(static_cast<size_t>(std::clamp<int64_t>(left, 0, len)));
  size_t read = 0;
  const tsr_status status =
      tsr_sealed_read(reader, offset, out->bytes.data(), out->bytes.size(), &read, error);
  out->bytes.resize(read);
  return status;
};

constexpr auto kPut = [](tsr_store* store, tsr_str path, Bytes data, const Start& to) noexcept -> tsr_status {
  return to(&tsr_sealed_put_async, store, path, data.data, data.len);
};

constexpr auto kTakeBytes = [](tsr_op* op, BytesBuf* out, tsr_error** error) noexcept -> tsr_status {
  return tsr_op_buf(op, &out->buf, error);
};

constexpr auto kAppend = [](tsr_sealed_log* log, Bytes record, Nothing*,
                            tsr_error** error) noexcept -> tsr_status {
  return tsr_sealed_log_append(log, record.data, record.len, error);
};

constexpr auto kFlush = [](tsr_sealed_log* log, Nothing*, tsr_error** error) noexcept -> tsr_status {
  return tsr_sealed_log_flush(log, error);
};

Napi::Value size(const Napi::CallbackInfo& info) {
  const int64_t bytes = tsr_sealed_size(In<const tsr_sealed_reader*>(info[0]).get());
  return Napi::Number::New(info.Env(), static_cast<double>(bytes));
}

}  // namespace

void define_sealed(Napi::Env env, Napi::Object exports) {
  define<&work<kCreate>>(env, exports, "sealedCreate");
  define<&work<kWrite>>(env, exports, "sealedWrite");
  define<&work<kFinish>>(env, exports, "sealedFinish");
  define<&release<tsr_sealed_writer>>(env, exports, "sealedWriterFree");
  define<&work<&tsr_sealed_open>>(env, exports, "sealedOpen");
  define<&size>(env, exports, "sealedSize");
  define<&work<kRead>>(env, exports, "sealedRead");
  define<&release<tsr_sealed_reader>>(env, exports, "sealedReaderFree");
  define<&start<kPut, kTakeNothing>>(env, exports, "sealedPut");
  define<&start<&tsr_sealed_get_async, kTakeBytes>>(env, exports, "sealedGet");
  define<&work<&tsr_sealed_log_open>>(env, exports, "sealedLogOpen");
  define<&call<kAppend>>(env, exports, "sealedLogAppend");
  define<&work<kFlush>>(env, exports, "sealedLogFlush");
  define<&release<tsr_sealed_log>>(env, exports, "sealedLogFree");
  define<&start<&tsr_sealed_log_read_async, &tsr_op_rowset>>(env, exports, "sealedLogRead");
}

}  // namespace tessera::node
