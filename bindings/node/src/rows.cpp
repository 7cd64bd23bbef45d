// tsr_rows and tsr_rowset.
#include "call.hpp"
#include "define.hpp"

namespace tessera::node {

namespace {

/// (collect) => {buffer, cells, bytes}
Napi::Value set_scratch(const Napi::CallbackInfo& info) {
  auto scratch = std::make_unique<Scratch>(info.Env(), info[0].As<Napi::Function>());
  const Napi::Value description = scratch->describe(info.Env());
  Addon::of(info.Env()).set_scratch(std::move(scratch));
  return description;
}

/// (rowset) => names
Napi::Value columns(const Napi::CallbackInfo& info) {
  const tsr_rowset* const rows = In<const tsr_rowset*>(info[0]).get();
  auto names = Napi::Array::New(info.Env());
  for (size_t i = 0; i < tsr_rowset_column_count(rows); ++i) {
    const tsr_str name = tsr_rowset_column(rows, i);
    names.Set(static_cast<uint32_t>(i), Napi::String::New(info.Env(), name.data, name.len));
  }
  return names;
}

/// (rowset, first, wantsBigint): writes rows from `first` on, as many as there is room for.
Napi::Value read(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const tsr_rowset* const rows = In<const tsr_rowset*>(info[0]).get();
  auto row = static_cast<size_t>(In<uint32_t>(info[1]).get());
  Scratch& scratch = Addon::of(env).scratch();
  const size_t count = tsr_rowset_count(rows);
  bool is_good = scratch.begin(env, tsr_rowset_column_count(rows), info[2].ToBoolean());
  for (; is_good && row < count && scratch.has_room(); ++row)
    is_good = scratch.add_row(env, tsr_rowset_row(rows, row));
  if (!is_good) throw Napi::Error::New(env);
  return {env, scratch.finish(env, row < count ? static_cast<int32_t>(row) : Scratch::kNoMore, 0)};
}

Napi::Value more(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), tsr_rowset_more(In<const tsr_rowset*>(info[0]).get()) != 0);
}

Napi::Value interrupt(const Napi::CallbackInfo& info) {
  tsr_rows_interrupt(In<tsr_rows*>(info[0]).get());
  return info.Env().Undefined();
}

}  // namespace

void define_rows(Napi::Env env, Napi::Object exports) {
  define<&set_scratch>(env, exports, "setScratch");
  define<&columns>(env, exports, "rowsetColumns");
  define<&read>(env, exports, "rowsetRead");
  define<&more>(env, exports, "rowsetMore");
  define<&release<tsr_rowset>>(env, exports, "rowsetFree");
  define<&start<&tsr_rows_fetch_async, &tsr_op_rowset>>(env, exports, "rowsFetch");
  define<&interrupt>(env, exports, "rowsInterrupt");
  define<&release<tsr_rows>>(env, exports, "rowsFree");
}

}  // namespace tessera::node
