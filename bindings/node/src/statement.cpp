// Prepared statements: one function of JavaScript for each, with all that does not change from call to call.
// By hand, because the conversions of call.hpp take longer than SQLite needs for a row.
#include <algorithm>
#include <limits>
#include <new>
#include <string>
#include <vector>

#include "call.hpp"
#include "define.hpp"
#include "sql.hpp"

namespace tessera::node {

namespace {

/// What the first argument of the function asks for; lib/statement.ts has the same numbers.
enum class Step : int32_t {
  kRun = 0,      // executes with the parameters that follow
  kFirst = 1,    // the first row
  kRead = 2,     // the first chunk of rows; the rest is kept open
  kMore = 3,     // the next chunk of the rows whose number follows
  kEnd = 4,      // closes the rows whose number follows
  kName = 5,     // parameters have the names that follow from now on
  kColumns = 6,  // names of the columns of the rows that were given last
};
/// Added to the first three: parameters are by name.
constexpr int32_t kByName = 8;

class Statement {
 public:
  Statement(const Napi::CallbackInfo& info, int32_t commit, int64_t timeout_ms, bool wants_bigint)
      : scratch_(Addon::of(info.Env()).scratch()),
        keeper_(Napi::Reference<Napi::Value>::New(info[0], 1)),
        sql_(info[1].As<Napi::String>().Utf8Value()),
        wants_bigint_(wants_bigint),
        opts_(sql_opts(commit, timeout_ms, nullptr)),
        has_opts_(commit != TSR_COMMIT_DEFAULT || timeout_ms != 0) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() {
    for (tsr_rows* const rows : open_) tsr_rows_free(rows);
  }

  void use(const Box<tsr_store>& store) { store_ = &store; }
  void use(const Box<tsr_tx>& tx) { tx_ = &tx; }

  napi_value step(napi_env env, int32_t what, const napi_value* given, size_t count) {
    const bool is_named = what >= kByName && what < 2 * kByName;
    switch (static_cast<Step>(is_named ? what - kByName : what)) {
      case Step::kRun:
        return run(env, is_named, given, count);
      case Step::kFirst:
        return read(env, is_named, given, count, 1);
      case Step::kRead:
        return read(env, is_named, given, count, kChunk);
      case Step::kMore:
        return more(env, In<uint32_t>(value_at(env, given, count)).get());
      case Step::kEnd:
        close(In<uint32_t>(value_at(env, given, count)).get());
        return nullptr;
      case Step::kName:
        set_names(env, given, count);
        return nullptr;
      case Step::kColumns:
        return columns(env);
    }
    throw Napi::TypeError::New(env, "no such step");
  }

 private:
  /// Rows at a time: few enough for who stops after the first.
  static constexpr size_t kChunk = 128;

  static Napi::Value value_at(napi_env env, const napi_value* given, size_t count) {
    return count > 0 ? Napi::Value(env, *given) : Napi::Env(env).Undefined();
  }

  const tsr_sql_opts* opts(bool is_named) {
    if (!is_named && !has_opts_) return nullptr;
    opts_.names = is_named ? names_.data() : nullptr;
    return &opts_;
  }

  bool convert(napi_env env, bool is_named, const napi_value* given, size_t count, Values& values) const {
    if (is_named && count != names_.size()) throw Napi::TypeError::New(env, "not one value for each name");
    for (size_t i = 0; i < count; ++i)
      if (!values.add(env, given[i])) return false;
    return true;
  }

  napi_value run(napi_env env, bool is_named, const napi_value* given, size_t count) {
    Values values(count);
    if (!convert(env, is_named, given, count, values)) return nullptr;
    int64_t changes = 0;
    int64_t row_id = 0;
    tsr_error* error = nullptr;
    const tsr_status status = tx_ != nullptr ? tsr_tx_execute(tx_->get(), sql(), values.data(), count,
                                                              opts(is_named), &changes, &row_id, &error)
                                             : tsr_store_execute(store_->get(), sql(), values.data(), count,
                                                                 opts(is_named), &changes, &row_id, &error);
    if (status != TSR_OK) check(env, status, error);
    if (!wants_bigint_) {
      scratch_.put_changes(changes, is_exact(row_id) ? static_cast<double>(row_id) : kNotExact);
      return nullptr;
    }
    scratch_.put_changes(changes, kNotExact);
    napi_value id = nullptr;
    napi_create_bigint_int64(env, row_id, &id);
    return id;
  }

  napi_value read(napi_env env, bool is_named, const napi_value* given, size_t count, size_t most) {
    Values values(count);
    if (!convert(env, is_named, given, count, values)) return nullptr;
    tsr_rows* opened = nullptr;
    tsr_error* error = nullptr;
    const tsr_status status =
        tx_ != nullptr
            ? tsr_tx_query(tx_->get(), sql(), values.data(), count, opts(is_named), &opened, &error)
            : tsr_store_query(store_->get(), sql(), values.data(), count, opts(is_named), &opened, &error);
    if (status != TSR_OK) check(env, status, error);
    Rows rows(opened);
    return fill(env, std::move(rows), most, kNowhere);
  }

  napi_value more(napi_env env, uint32_t number) {
    if (number >= open_.size()) throw Napi::TypeError::New(env, "no such rows");
    Rows rows(std::exchange(open_[number], nullptr));
    return fill(env, std::move(rows), kChunk, number);
  }

  void close(uint32_t number) {
    if (number < open_.size()) tsr_rows_free(std::exchange(open_[number], nullptr));
  }

  using Rows = Box<tsr_rows>;
  static constexpr uint32_t kNowhere = UINT32_MAX;
  static constexpr double kNotExact = std::numeric_limits<double>::quiet_NaN();

  /// Gives a chunk of rows; what is left goes to `number` of the open ones.
  napi_value fill(napi_env env, Rows rows, size_t most, uint32_t number) {
    const bool wants_all = most > 1;
    const tsr_value* row = nullptr;
    next(env, rows.get(), &row);
    // After the first row, because until then the columns may be those of an older schema.
    look_at_columns(rows.get());
    if (!scratch_.begin(env, columns_.size(), wants_bigint_)) return nullptr;
    while (row != nullptr) {
      if (!scratch_.add_row(env, row)) return nullptr;
      if (--most == 0 || !scratch_.has_room()) break;
      next(env, rows.get(), &row);
    }
    int32_t left = Scratch::kNoMore;
    if (row != nullptr && wants_all) left = keep(std::move(rows), number);
    return scratch_.finish(env, left, shape_);
  }

  static void next(napi_env env, tsr_rows* rows, const tsr_value** row) {
    tsr_error* error = nullptr;
    const tsr_status status = tsr_rows_next(rows, row, &error);
    if (status != TSR_OK) check(env, status, error);
  }

  int32_t keep(Rows rows, uint32_t number) {
    if (number == kNowhere) {
      number = static_cast<uint32_t>(std::find(open_.begin(), open_.end(), nullptr) - open_.begin());
      if (number == open_.size()) open_.push_back(nullptr);
    }
    open_[number] = rows.release();
    return static_cast<int32_t>(number);
  }

  void look_at_columns(const tsr_rows* rows) {
    const size_t count = tsr_rows_column_count(rows);
    bool is_same = count == columns_.size();
    for (size_t i = 0; is_same && i < count; ++i) {
      const tsr_str name = tsr_rows_column(rows, i);
      is_same = columns_[i] == std::string_view(name.data, name.len);
    }
    if (is_same) return;
    columns_.clear();
    for (size_t i = 0; i < count; ++i) {
      const tsr_str name = tsr_rows_column(rows, i);
      columns_.emplace_back(name.data, name.len);
    }
    ++shape_;
  }

  napi_value columns(napi_env env) const {
    auto names = Napi::Array::New(env);
    for (size_t i = 0; i < columns_.size(); ++i)
      names.Set(static_cast<uint32_t>(i), Napi::String::New(env, columns_[i]));
    return names;
  }

  void set_names(napi_env env, const napi_value* given, size_t count) {
    names_.clear();
    texts_.clear();
    for (size_t i = 0; i < count; ++i)
      texts_.push_back(Napi::Value(env, given[i]).As<Napi::String>().Utf8Value());
    for (const auto& text : texts_) names_.push_back({text.data(), text.size()});
  }

  tsr_str sql() const { return {sql_.data(), sql_.size()}; }

  Scratch& scratch_;
  const Napi::Reference<Napi::Value> keeper_;  // of the store or transaction
  const Box<tsr_store>* store_ = nullptr;
  const Box<tsr_tx>* tx_ = nullptr;
  const std::string sql_;
  const bool wants_bigint_;
  tsr_sql_opts opts_;
  const bool has_opts_;
  std::vector<std::string> texts_;
  std::vector<tsr_str> names_;
  std::vector<std::string> columns_;  // of the rows that were given last
  int32_t shape_ = 0;                 // changes when they do
  std::vector<tsr_rows*> open_;       // rows that were not read to their end, by number
};

napi_value step(napi_env env, napi_callback_info info) {
  constexpr size_t kFew = 17;
  napi_value few[kFew];
  size_t count = kFew;
  void* data = nullptr;
  napi_get_cb_info(env, info, &count, few, nullptr, &data);
  try {
    const napi_value* given = few;
    std::vector<napi_value> many;
    if (count > kFew) {
      many.resize(count);
      napi_get_cb_info(env, info, &count, many.data(), nullptr, nullptr);
      given = many.data();
    }
    int32_t what = -1;
    napi_get_value_int32(env, given[0], &what);
    return static_cast<Statement*>(data)->step(env, what, given + 1, count > 0 ? count - 1 : 0);
  } catch (const Napi::Error& error) {
    error.ThrowAsJavaScriptException();
  } catch (const std::bad_alloc&) {
    napi_throw_range_error(env, nullptr, "memory is exhausted");
  }
  return nullptr;
}

/// (store or tx, sql, commit, timeoutMs, wantsBigint) => the statement's function
template <class T>
Napi::Value prepare(const Napi::CallbackInfo& info) {
  const auto& owner = unwrap<T>(info[0]);
  if (!info[1].IsString()) throw Napi::TypeError::New(info.Env(), "the SQL is a string");
  auto statement = std::make_unique<Statement>(info, In<int32_t>(info[2]).get(), In<int64_t>(info[3]).get(),
                                               info[4].ToBoolean());
  statement->use(owner);
  napi_value value = nullptr;
  if (napi_create_function(info.Env(), "step", NAPI_AUTO_LENGTH, step, statement.get(), &value) != napi_ok)
    throw Napi::Error::New(info.Env());
  const Napi::Function function(info.Env(), value);
  function.AddFinalizer([](Napi::BasicEnv, Statement* owned) { delete owned; }, statement.get());
  static_cast<void>(statement.release());
  return function;
}

}  // namespace

void define_statement(Napi::Env env, Napi::Object exports) {
  define<&prepare<tsr_store>>(env, exports, "storePrepare");
  define<&prepare<tsr_tx>>(env, exports, "txPrepare");
}

}  // namespace tessera::node
