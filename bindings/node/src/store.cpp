// tsr_store: opening, SQL in the background, schema, settings.
#include "call.hpp"
#include "define.hpp"
#include "sink.hpp"
#include "sql.hpp"

namespace tessera::node {

namespace {

/// Names and SQL of the steps of a schema, one after another.
struct Steps {
  std::vector<std::string> texts;
  std::vector<tsr_migration> steps;
};

}  // namespace

template <>
class In<const Steps&> {
 public:
  explicit In(Napi::Value value) {
    const auto texts = value.As<Napi::Array>();
    for (uint32_t i = 0; i < texts.Length(); ++i)
      given_.texts.push_back(Napi::Value(texts.Get(i)).As<Napi::String>().Utf8Value());
    for (size_t i = 0; i + 1 < given_.texts.size(); i += 2)
      given_.steps.push_back({str_of(given_.texts[i]), str_of(given_.texts[i + 1])});
  }
  const Steps& get() const { return given_; }

 private:
  static tsr_str str_of(const std::string& text) { return {text.data(), text.size()}; }

  Steps given_;
};

namespace {

constexpr auto kExecute = [](tsr_store* store, tsr_str sql, const Parameters& params, int32_t commit,
                             int64_t timeout_ms, const Start& to) noexcept -> tsr_status {
  const tsr_sql_opts opts = sql_opts(commit, timeout_ms, params.names());
  return to(&tsr_store_execute_async, store, sql, params.values(), params.count(), &opts);
};

constexpr auto kExecuteMany = [](tsr_store* store, tsr_str sql, const Parameters& params, uint32_t width,
                                 int32_t commit, int64_t timeout_ms, const Start& to) noexcept -> tsr_status {
  const tsr_sql_opts opts = sql_opts(commit, timeout_ms, nullptr);
  return to(&tsr_store_execute_many_async, store, sql, params.values(), size_t{width},
            rounds(params.count(), width), &opts);
};

constexpr auto kExecuteManyNow = [](tsr_store* store, tsr_str sql, const Parameters& params, uint32_t width,
                                    int32_t commit, int64_t timeout_ms, Changes* out,
                                    tsr_error** error) noexcept -> tsr_status {
  const tsr_sql_opts opts = sql_opts(commit, timeout_ms, nullptr);
  return tsr_store_execute_many(store, sql, params.values(), width, rounds(params.count(), width), &opts,
                                &out->count, error);
};

constexpr auto kExecuteScript = [](tsr_store* store, tsr_str sql, int32_t commit, int64_t timeout_ms,
                                   const Start& to) noexcept -> tsr_status {
  const tsr_sql_opts opts = sql_opts(commit, timeout_ms, nullptr);
  return to(&tsr_store_execute_script_async, store, sql, &opts);
};

constexpr auto kExecuteScriptNow = [](tsr_store* store, tsr_str sql, int32_t commit, int64_t timeout_ms,
                                      Nothing*, tsr_error** error) noexcept -> tsr_status {
  const tsr_sql_opts opts = sql_opts(commit, timeout_ms, nullptr);
  return tsr_store_execute_script(store, sql, &opts, error);
};

constexpr auto kQuery = [](tsr_store* store, tsr_str sql, const Parameters& params, int64_t timeout_ms,
                           const Start& to) noexcept -> tsr_status {
  const tsr_sql_opts opts = sql_opts(TSR_COMMIT_DEFAULT, timeout_ms, params.names());
  return to(&tsr_store_query_async, store, sql, params.values(), params.count(), &opts);
};

constexpr auto kQueryAll = [](tsr_store* store, tsr_str sql, const Parameters& params, int64_t timeout_ms,
                              const Start& to) noexcept -> tsr_status {
  const tsr_sql_opts opts = sql_opts(TSR_COMMIT_DEFAULT, timeout_ms, params.names());
  return to(&tsr_store_query_all_async, store, sql, params.values(), params.count(), &opts);
};

constexpr auto kMigrate = [](tsr_store* store, const Steps& given, uint32_t flags,
                             const Start& to) noexcept -> tsr_status {
  return to(&tsr_store_migrate_async, store, given.steps.data(), given.steps.size(), flags);
};

constexpr auto kPut = [](tsr_store* store, tsr_str key, const tsr_value* value, bool is_json, int32_t commit,
                         const Start& to) noexcept -> tsr_status {
  const tsr_sql_opts opts = sql_opts(commit, 0, nullptr);
  const tsr_value setting = setting_of(*value, is_json);
  return to(&tsr_store_put_async, store, key, &setting, &opts);
};

constexpr auto kPutNow = [](tsr_store* store, tsr_str key, const tsr_value* value, bool is_json,
                            int32_t commit, Nothing*, tsr_error** error) noexcept -> tsr_status {
  const tsr_sql_opts opts = sql_opts(commit, 0, nullptr);
  const tsr_value setting = setting_of(*value, is_json);
  return tsr_store_put(store, key, &setting, &opts, error);
};

constexpr auto kGetNow = [](tsr_store* store, tsr_str key, tsr_rowset** out,
                            tsr_error** error) noexcept -> tsr_status {
  return found(tsr_store_get(store, key, out, error), error);
};

constexpr auto kRemove = [](tsr_store* store, tsr_str key, int32_t commit,
                            const Start& to) noexcept -> tsr_status {
  const tsr_sql_opts opts = sql_opts(commit, 0, nullptr);
  return to(&tsr_store_remove_async, store, key, &opts);
};

constexpr auto kRemoveNow = [](tsr_store* store, tsr_str key, int32_t commit, bool* out,
                               tsr_error** error) noexcept -> tsr_status {
  const tsr_sql_opts opts = sql_opts(commit, 0, nullptr);
  return was_found(tsr_store_remove(store, key, &opts, error), out, error);
};

/// (store, prefix, function) => id
Napi::Value watch(const Napi::CallbackInfo& info) {
  const In<tsr_store*> store(info[0]);
  const In<tsr_str> prefix(info[1]);
  return detail::add_sink(info.Env(), info[2], [&](auto... registration) {
    return tsr_store_watch(store.get(), prefix.get(), &detail::on_change, registration...);
  });
}

}  // namespace

void define_store(Napi::Env env, Napi::Object exports) {
  define<&start<&tsr_store_open_async, &tsr_op_store>>(env, exports, "storeOpen");
  define<&start<&tsr_app_store_async, &tsr_op_store>>(env, exports, "appStore");
  define<&call<&tsr_store_with_tenant>>(env, exports, "storeWithTenant");
  define<&start<&tsr_store_declare_tenant_async, kTakeNothing>>(env, exports, "storeDeclareTenant");
  define<&start<kExecute, kTakeChanges>>(env, exports, "storeExecute");
  define<&start<kExecuteMany, kTakeChanges>>(env, exports, "storeExecuteMany");
  define<&call<kExecuteManyNow>>(env, exports, "storeExecuteManySync");
  define<&start<kExecuteScript, kTakeNothing>>(env, exports, "storeExecuteScript");
  define<&call<kExecuteScriptNow>>(env, exports, "storeExecuteScriptSync");
  define<&start<kQuery, &tsr_op_rows>>(env, exports, "storeQuery");
  define<&start<kQueryAll, &tsr_op_rowset>>(env, exports, "storeQueryAll");
  define<&start<kMigrate, &tsr_op_rowset>>(env, exports, "storeMigrate");
  define<&start<kPut, kTakeNothing>>(env, exports, "storePut");
  define<&call<kPutNow>>(env, exports, "storePutSync");
  define<&start<&tsr_store_get_async, kTakeRowsIfFound>>(env, exports, "storeGet");
  define<&call<kGetNow>>(env, exports, "storeGetSync");
  define<&start<kRemove, kTakeWhetherFound>>(env, exports, "storeRemove");
  define<&call<kRemoveNow>>(env, exports, "storeRemoveSync");
  define<&start<&tsr_store_list_async, &tsr_op_rowset>>(env, exports, "storeList");
  define<&call<&tsr_store_list>>(env, exports, "storeListSync");
  define<&watch>(env, exports, "storeWatch");
  define<&on_log<&tsr_store_on_log, tsr_store>>(env, exports, "storeOnLog");
  define<&start<&tsr_store_close_async, kTakeNothing>>(env, exports, "storeClose");
}

}  // namespace tessera::node
