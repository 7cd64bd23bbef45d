// What a record of the HTTP cache holds. The first letter: R the kind and content of a record, whose digest
// is made here; any other the record itself, as it lies in the store.
#include <algorithm>
#include <string>
#include <variant>

#include "crypto/crypto.hpp"
#include "fakes.hpp"
#include "http/cache/freshness.hpp"
#include "http/cache/record.hpp"
#include "http/cache/response_cache.hpp"

namespace {

using namespace tessera;
using namespace tessera::http;

constexpr int64_t kNowMs = 1'780'000'000'000;
constexpr std::string_view kUrl = "https://api.example.com/";

void check(bool holds) {
  if (!holds) __builtin_trap();
}

class OneRecord final : public ResponseStore {
 public:
  explicit OneRecord(Bytes record) : record_(std::move(record)) {}
  std::optional<Bytes> get(std::string_view) override { return record_; }
  void put(std::string_view, Bytes bytes, int64_t ttl_ms) override {
    check(ttl_ms > 0);
    check(!std::holds_alternative<std::monostate>(read_record(bytes)));
  }
  void remove(std::string_view) override {}

 private:
  const Bytes record_;
};

Bytes framed(ByteView kind_and_content) {
  const Key256 digest = blake2b_256({}, {kind_and_content});
  Bytes record{1, kind_and_content[0]};
  record.insert(record.end(), digest.begin(), digest.begin() + 16);
  record.insert(record.end(), kind_and_content.begin() + 1, kind_and_content.end());
  return record;
}

/// What was read is written as it was, and can be used.
void use(const Entry& entry, const Bytes& record) {
  check(write_record(entry) == record);
  const CacheConfig config{.stale_if_error_s = 60, .heuristic_percent = 10};
  check(lifetime_ms(entry, config) >= 0 && initial_age_ms(entry) >= 0 && keep_ms(entry, config) >= 0);
  OneRecord store(record);
  test::FakeRandom random;
  ResponseCache cache(store, random, config);
  for (const std::string_view asked : {"", "max-stale", "only-if-cached", "max-age=0", "min-fresh=60"}) {
    const Headers headers{{"Cache-Control", asked}};
    const CacheRequest request{entry.is_head ? "HEAD" : "GET", kUrl, headers};
    auto found = cache.find(request, kNowMs);
    check(found.entry.has_value() && found.decision.reuse != Reuse::kMiss);
    if (entry.response_ms > kNowMs) {
      check(found.decision.reuse == Reuse::kValidate || found.decision.reuse == Reuse::kNotCached);
    }
    for (size_t i = 0; i < found.decision.conditions.size(); ++i) {
      const Field field = found.decision.conditions[i];
      check(check_field(field.name, field.value).ok());
    }
    answer_fields(*found.entry, kNowMs);
    const auto confirmed = cache.confirm(request, *found.entry, entry.headers, {kNowMs, kNowMs});
    check(confirmed.has_value() && confirmed->body == entry.body);
    cache.store(request, *found.entry);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const ByteView rest(data + 1, size - 1);
  const Bytes record = data[0] == 'R' ? framed(rest) : Bytes(rest.begin(), rest.end());
  const Record read = read_record(record);
  if (const auto* entry = std::get_if<Entry>(&read)) use(*entry, record);
  if (const auto* variants = std::get_if<Variants>(&read)) {
    check(write_record(*variants) == record);
    OneRecord store(record);
    test::FakeRandom random;
    const Headers headers{{"Accept", "a, b"}};
    check(!ResponseCache(store, random, {}).find({"GET", kUrl, headers}, kNowMs).entry.has_value());
  }
  return 0;
}
