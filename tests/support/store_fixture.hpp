// Fixture: a store of its own under a passphrase, with the fastest key derivation. Leaves no live object.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "machine.hpp"
#include "values.hpp"

namespace tessera::test {

inline constexpr uint32_t kLongMs = 60'000;  // for what does happen
inline constexpr std::string_view kPassphrase = "correct horse";

inline tsr_store_secrets with_passphrase(std::string_view passphrase) {
  tsr_store_secrets secrets;
  tsr_store_secrets_init(&secrets, sizeof(secrets));
  secrets.passphrase = passphrase.data();
  secrets.passphrase_len = passphrase.size();
  return secrets;
}

class StoreFixture : public Machine {
 public:
  nlohmann::json config() const { return {{"path", path()}, {"kdf", "low"}}; }
  std::string path() const { return folder / "app.tdb"; }

  tsr_status open_with(const nlohmann::json& json, const tsr_store_secrets* secrets, Store& out,
                       Failure& failure) const {
    return tsr_store_open(str(json.dump()), secrets, out.out(), failure.out());
  }
  Store open_store(const nlohmann::json& json) const {
    Store store;
    Failure failure;
    const auto secrets = with_passphrase(kPassphrase);
    require_ok(open_with(json, &secrets, store, failure), failure);
    return store;
  }
  Store open_store() const { return open_store(config()); }

  static void run(const Store& store, std::string_view sql, std::span<const tsr_value> params = {}) {
    Failure failure;
    require_ok(tsr_store_execute(store.get(), str(sql), params.data(), params.size(), nullptr, nullptr,
                                 nullptr, failure.out()),
               failure);
  }
  static Rowset all(const Store& store, std::string_view sql, std::span<const tsr_value> params = {}) {
    Rowset rows;
    Failure failure;
    require_ok(tsr_store_query_all(store.get(), str(sql), params.data(), params.size(), nullptr, rows.out(),
                                   failure.out()),
               failure);
    return rows;
  }
  static int64_t number(const Store& store, std::string_view sql) {
    return cell(all(store, sql).get(), 0, size_t{0}).integer;
  }
  static void put(const Store& store, std::string_view key, const tsr_value& value) {
    Failure failure;
    require_ok(tsr_store_put(store.get(), str(key), &value, nullptr, failure.out()), failure);
  }
  static Rowset get(const Store& store, std::string_view key) {
    Rowset rows;
    Failure failure;
    require_ok(tsr_store_get(store.get(), str(key), rows.out(), failure.out()), failure);
    return rows;
  }
  static void close(const Store& store) {
    Failure failure;
    require_ok(tsr_store_close(store.get(), kLongMs, failure.out()), failure);
  }
};

/// Starts and waits for the end.
template <class Start, class... Args>
Operation ended_op(Start start, Args... args) {
  Operation op;
  Failure failure;
  require_ok(start(args..., nullptr, nullptr, nullptr, op.out(), failure.out()), failure);
  require_ok(tsr_op_wait(op.get(), kLongMs, failure.out()), failure);
  return op;
}

}  // namespace tessera::test
