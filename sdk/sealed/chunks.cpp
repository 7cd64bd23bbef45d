#include "sealed/chunks.hpp"

#include <algorithm>

namespace tessera::sealed {
namespace {

constexpr size_t kCounterBytes = 4;
constexpr size_t kRunBytes = kCounterBytes + sizeof(Run::prefix);
constexpr size_t kFixedBytes = 4 + 2;  // chunk size, number of runs
static_assert(kHeaderBytes + kFixedBytes + kResumableRuns * kRunBytes <= 4096);

Run new_run(uint64_t first_chunk, Random& random) {
  Run run;
  run.first_chunk = first_chunk;
  random.fill(run.prefix);
  return run;
}

Bytes nonce(const RunTable& runs, uint64_t index, bool is_last) {
  const Run& run = runs.of(index);
  Bytes out(run.prefix.begin(), run.prefix.end());
  put_big_endian(index, kCounterBytes, &out);
  out.push_back(is_last ? 1 : 0);
  return out;
}

}  // namespace

RunTable::RunTable(size_t capacity, Random& random) : capacity_(capacity) {
  runs_.push_back(new_run(0, random));
}

std::optional<RunTable> RunTable::read(ByteView body) {
  if (body.size() < kFixedBytes || (body.size() - kFixedBytes) % kRunBytes != 0) return std::nullopt;
  RunTable table((body.size() - kFixedBytes) / kRunBytes);
  const uint64_t chunk_bytes = big_endian(body.first(4));
  const uint64_t count = big_endian(body.subspan(4, 2));
  if (chunk_bytes != kChunkBytes || count == 0 || count > table.capacity_) return std::nullopt;
  for (uint64_t i = 0; i < count; ++i) {
    const ByteView bytes = body.subspan(kFixedBytes + i * kRunBytes, kRunBytes);
    Run run;
    run.first_chunk = big_endian(bytes.first(kCounterBytes));
    std::copy_n(bytes.begin() + kCounterBytes, run.prefix.size(), run.prefix.begin());
    const bool is_in_order = i == 0 ? run.first_chunk == 0 : run.first_chunk > table.runs_.back().first_chunk;
    if (!is_in_order) return std::nullopt;
    table.runs_.push_back(run);
  }
  return table;
}

Bytes RunTable::write() const {
  Bytes out;
  put_big_endian(kChunkBytes, 4, &out);
  put_big_endian(runs_.size(), 2, &out);
  for (const Run& run : runs_) {
    put_big_endian(run.first_chunk, kCounterBytes, &out);
    out.insert(out.end(), run.prefix.begin(), run.prefix.end());
  }
  out.resize(kFixedBytes + capacity_ * kRunBytes);
  return out;
}

bool RunTable::restart(uint64_t chunk, Random& random) {
  std::vector<Run> kept = runs_;
  while (!kept.empty() && kept.back().first_chunk >= chunk) kept.pop_back();
  if (kept.size() == capacity_) return false;
  kept.push_back(new_run(chunk, random));
  runs_ = std::move(kept);
  return true;
}

const Run& RunTable::of(uint64_t chunk) const {
  const auto after = std::upper_bound(runs_.begin(), runs_.end(), chunk, [](uint64_t wanted, const Run& run) {
    return wanted < run.first_chunk;
  });
  return *(after - 1);
}

void seal_chunk(const OpenedHeader& header, const RunTable& runs, uint64_t index, bool is_last,
                ByteView plain, std::span<uint8_t> sealed) {
  xchacha20_poly1305_encrypt_into(sealed, header.keys.content(), nonce(runs, index, is_last), plain,
                                  header.file_id);
}

Status open_chunk(const OpenedHeader& header, const RunTable& runs, uint64_t index, bool is_last,
                  ByteView sealed, std::span<uint8_t> plain) {
  return xchacha20_poly1305_decrypt_into(plain, header.keys.content(), nonce(runs, index, is_last), sealed,
                                         header.file_id);
}

}  // namespace tessera::sealed
