#include "tessera/sealed.h"

#include <limits>

#include "call.hpp"
#include "guard.hpp"
#include "op.hpp"
#include "sealed/file_reader.hpp"
#include "sealed/file_writer.hpp"
#include "sealed/log_reader.hpp"
#include "sealed/log_sink.hpp"
#include "store_handle.hpp"
#include "values.hpp"

using tessera::as_bytes;
using tessera::Bytes;
using tessera::ByteView;
using tessera::Error;
using tessera::ErrorCode;
using tessera::Result;
using tessera::Status;
using tessera::capi::argument_error;
using tessera::capi::bytes_in;
using tessera::capi::Call;
using tessera::capi::clear;
using tessera::capi::guard;
using tessera::capi::guard_free;
using tessera::capi::guard_value;
using tessera::capi::Handle;
using tessera::capi::is_live;
using tessera::capi::path_in;
using tessera::capi::require_out;
using tessera::capi::require_usable;
using tessera::capi::RowsetPtr;
using tessera::capi::run_now;
using tessera::capi::start;
using tessera::capi::store_of;
using tessera::capi::StoreRef;
using tessera::capi::Tag;
using tessera::sealed::FileReader;
using tessera::sealed::FileWriter;
using tessera::sealed::LogOptions;
using tessera::sealed::LogReader;
using tessera::sealed::LogSink;
using tessera::sealed::Roots;
using tessera::store::RowSet;
using tessera::store::Value;

namespace {

template <class File, Tag kTag>
struct SealedHandle : Handle<kTag> {
  explicit SealedHandle(std::unique_ptr<File> opened) : file(std::move(opened)) {}
  const std::unique_ptr<File> file;
  const tessera::ForkGuard fork;
};

}  // namespace

struct tsr_sealed_writer : SealedHandle<FileWriter, Tag::kSealedWriter> {
  using SealedHandle::SealedHandle;
};
struct tsr_sealed_reader : SealedHandle<FileReader, Tag::kSealedReader> {
  using SealedHandle::SealedHandle;
};
struct tsr_sealed_log : SealedHandle<LogSink, Tag::kSealedLog> {
  using SealedHandle::SealedHandle;
};

namespace {

constexpr size_t kMostInOnePiece = size_t{1} << 30;
constexpr const char* kWriter = "encrypted file writer";
constexpr const char* kReader = "encrypted file reader";
constexpr const char* kLog = "encrypted log";

Result<Roots*> roots_of(const StoreRef& ref) {
  TSR_RETURN_IF_ERROR(ref.core().check_open());
  return &ref.core().roots();
}

Result<std::unique_ptr<FileWriter>> create(const StoreRef& ref, const std::string& path, bool goes_on) {
  TSR_ASSIGN_OR_RETURN(Roots* const roots, roots_of(ref));
  if (goes_on) {
    auto resumed = FileWriter::resume(path, *roots);
    if (resumed.ok() || resumed.error().code != ErrorCode::kNOT_FOUND) return resumed;
  }
  return FileWriter::create(path, *roots, {.resumable = true});
}

/// `Text` is a view where the caller waits, a copy where the call outlasts its arguments.
template <class Text>
Result<Call<void>> putting(tsr_store* store, tsr_str path, const void* data, size_t len) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto target, path_in(path));
  TSR_ASSIGN_OR_RETURN(const auto bytes, bytes_in(data, len, "data"));
  return Call<void>{ref.place(), [ref, target, bytes = Text(bytes)]() -> Status {
                      TSR_ASSIGN_OR_RETURN(Roots* const roots, roots_of(ref));
                      TSR_ASSIGN_OR_RETURN(const auto writer, FileWriter::create(target, *roots));
                      TSR_RETURN_IF_ERROR(writer->write(as_bytes(bytes)));
                      return writer->finish();
                    }};
}

Result<std::string> read_whole(const StoreRef& ref, const std::string& path) {
  TSR_ASSIGN_OR_RETURN(Roots* const roots, roots_of(ref));
  TSR_ASSIGN_OR_RETURN(const auto reader, FileReader::open(path, *roots));
  if (reader->size() > kMostInOnePiece) {
    return Error{ErrorCode::kLIMIT,
                 "abi",
                 "the encrypted file is larger than 1 GiB; read it in parts with tsr_sealed_read()",
                 {}};
  }
  std::string content(reader->size(), '\0');
  TSR_ASSIGN_OR_RETURN(const size_t count,
                       reader->read(0, {reinterpret_cast<uint8_t*>(content.data()), content.size()}));
  content.resize(count);
  return content;
}

Result<Call<std::string>> getting(tsr_store* store, tsr_str path) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto source, path_in(path));
  return Call<std::string>{ref.place(), [ref, source] { return read_whole(ref, source); }};
}

/// Records and, where some are missing, what is wrong.
Result<RowsetPtr> read_log(const StoreRef& ref, const std::string& path) {
  TSR_ASSIGN_OR_RETURN(Roots* const roots, roots_of(ref));
  TSR_ASSIGN_OR_RETURN(const auto reader, LogReader::open(path, *roots));
  RowSet rows({"record", "problem"});
  size_t told = 0;
  for (;;) {
    TSR_ASSIGN_OR_RETURN(const std::optional<Bytes> record, reader->next());
    for (; told < reader->damage().size(); ++told) {
      const Value cells[] = {{}, Value::of(std::string_view(reader->damage()[told].error.text))};
      rows.add(cells);
    }
    if (!record.has_value()) return std::make_unique<tsr_rowset>(std::move(rows));
    const Value cells[] = {Value::of(ByteView(*record)), {}};
    rows.add(cells);
  }
}

Result<Call<RowsetPtr>> reading_log(tsr_store* store, tsr_str path) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto source, path_in(path));
  return Call<RowsetPtr>{ref.place(), [ref, source] { return read_log(ref, source); }};
}

}  // namespace

tsr_status tsr_sealed_create(tsr_store* store, tsr_str path, uint32_t flags, tsr_sealed_writer** out,
                             int64_t* offset_out, tsr_error** err) noexcept {
  clear(out);
  clear(offset_out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
    TSR_ASSIGN_OR_RETURN(const auto target, path_in(path));
    if ((flags & ~uint32_t{TSR_SEALED_RESUME}) != 0) return argument_error("flags has an unknown bit");
    TSR_ASSIGN_OR_RETURN(auto writer, create(ref, target, (flags & TSR_SEALED_RESUME) != 0));
    if (offset_out != nullptr) *offset_out = static_cast<int64_t>(writer->position());
    *out = new tsr_sealed_writer(std::move(writer));
    return {};
  });
}

tsr_status tsr_sealed_write(tsr_sealed_writer* writer, const void* data, size_t len,
                            tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_usable(writer, kWriter));
    TSR_ASSIGN_OR_RETURN(const auto bytes, bytes_in(data, len, "data"));
    return writer->file->write(as_bytes(bytes));
  });
}

tsr_status tsr_sealed_finish(tsr_sealed_writer* writer, tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_usable(writer, kWriter));
    return writer->file->finish();
  });
}

void tsr_sealed_writer_free(tsr_sealed_writer* writer) noexcept { guard_free(__func__, writer); }

tsr_status tsr_sealed_open(tsr_store* store, tsr_str path, tsr_sealed_reader** out,
                           tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
    TSR_ASSIGN_OR_RETURN(const auto source, path_in(path));
    TSR_ASSIGN_OR_RETURN(Roots* const roots, roots_of(ref));
    TSR_ASSIGN_OR_RETURN(auto reader, FileReader::open(source, *roots));
    *out = new tsr_sealed_reader(std::move(reader));
    return {};
  });
}

int64_t tsr_sealed_size(const tsr_sealed_reader* reader) noexcept {
  return guard_value(__func__, int64_t{0}, [&] {
    return is_live(reader) ? static_cast<int64_t>(reader->file->size()) : int64_t{0};
  });
}

tsr_status tsr_sealed_read(tsr_sealed_reader* reader, int64_t offset, void* buffer, size_t len,
                           size_t* read_out, tsr_error** err) noexcept {
  clear(read_out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_usable(reader, kReader));
    TSR_RETURN_IF_ERROR(require_out(read_out));
    if (offset < 0) return argument_error("offset is negative");
    TSR_RETURN_IF_ERROR(bytes_in(buffer, len, "buffer"));
    TSR_ASSIGN_OR_RETURN(
        *read_out, reader->file->read(static_cast<uint64_t>(offset), {static_cast<uint8_t*>(buffer), len}));
    return {};
  });
}

void tsr_sealed_reader_free(tsr_sealed_reader* reader) noexcept { guard_free(__func__, reader); }

tsr_status tsr_sealed_put(tsr_store* store, tsr_str path, const void* data, size_t len,
                          tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(putting<std::string_view>(store, path, data, len)); });
}

tsr_status tsr_sealed_put_async(tsr_store* store, tsr_str path, const void* data, size_t len,
                                tsr_done_fn done, void* user, void (*user_free)(void*), tsr_op** out,
                                tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return putting<std::string>(store, path, data, len); });
}

tsr_status tsr_sealed_get(tsr_store* store, tsr_str path, tsr_buf* out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_now(getting(store, path), out);
  });
}

tsr_status tsr_sealed_get_async(tsr_store* store, tsr_str path, tsr_done_fn done, void* user,
                                void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return getting(store, path); });
}

tsr_status tsr_sealed_log_open(tsr_store* store, tsr_str path, int64_t max_file_bytes, int32_t max_files,
                               tsr_sealed_log** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
    TSR_ASSIGN_OR_RETURN(const auto target, path_in(path));
    if (max_file_bytes < 0) return argument_error("max_file_bytes is negative");
    if (max_files < 0) return argument_error("max_files is negative");
    LogOptions options;
    if (max_file_bytes > 0) options.max_file_bytes = static_cast<uint64_t>(max_file_bytes);
    if (max_files > 0) options.max_files = static_cast<size_t>(max_files);
    TSR_ASSIGN_OR_RETURN(Roots* const roots, roots_of(ref));
    TSR_ASSIGN_OR_RETURN(auto sink, LogSink::open(target, *roots, options));
    *out = new tsr_sealed_log(std::move(sink));
    return {};
  });
}

tsr_status tsr_sealed_log_append(tsr_sealed_log* log, const void* data, size_t len,
                                 tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_usable(log, kLog));
    TSR_ASSIGN_OR_RETURN(const auto bytes, bytes_in(data, len, "data"));
    return log->file->append(as_bytes(bytes));
  });
}

tsr_status tsr_sealed_log_flush(tsr_sealed_log* log, tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_usable(log, kLog));
    return log->file->flush(/*is_durable=*/true);
  });
}

void tsr_sealed_log_free(tsr_sealed_log* log) noexcept { guard_free(__func__, log); }

tsr_status tsr_sealed_log_read(tsr_store* store, tsr_str path, tsr_rowset** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_now(reading_log(store, path), out);
  });
}

tsr_status tsr_sealed_log_read_async(tsr_store* store, tsr_str path, tsr_done_fn done, void* user,
                                     void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return reading_log(store, path); });
}
