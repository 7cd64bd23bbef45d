// Pages of a database as they are after decryption, whatever they hold: up to eight of them. A bit that is
// set in the first byte is a page that can not be read.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <vector>

#include "store/salvage_pages.hpp"
#include "store/tree_page.hpp"

namespace {

using namespace tessera;
using namespace tessera::store;

void require(bool holds) {
  if (!holds) std::abort();
}

class MemoryPages final : public PageSource {
 public:
  explicit MemoryPages(ByteView data) {
    if (data.empty()) return;
    readable_ = data.front();
    data = data.subspan(1);
    while (!data.empty() && pages_.size() < 8) {
      PlainPage page{};
      const size_t count = std::min(data.size(), page.size());
      std::copy_n(data.begin(), count, page.begin());
      pages_.push_back(page);
      data = data.subspan(count);
    }
  }
  uint32_t page_count() const override { return static_cast<uint32_t>(pages_.size()); }
  bool read(uint32_t number, PlainPage* page) override {
    if (number == 0 || number > pages_.size() || (readable_ >> (number - 1) & 1U) != 0) return false;
    *page = pages_[number - 1];
    return true;
  }

 private:
  std::vector<PlainPage> pages_;
  uint8_t readable_ = 0;  // a set bit: damaged
};

/// Every page as a page of a tree, also those that no tree leads to.
void use_cells(MemoryPages& pages) {
  PlainPage page{};
  for (uint32_t number = 1; number <= pages.page_count(); ++number) {
    if (!pages.read(number, &page)) continue;
    const auto tree = TreePage::parse(page, number);
    if (!tree) continue;
    for (size_t i = 0; i < tree->cells(); ++i) {
      const auto cell = tree->cell(i);
      if (!cell) continue;
      require(cell->local.size() <= cell->payload_size);
      const Bytes payload = payload_of(*cell, pages, [](uint32_t) {});
      require(payload.size() <= cell->payload_size);
      const auto fields = parse_record(payload);
      if (!fields) continue;
      for (const Field& field : *fields) require(!field.lost || field.value.data == nullptr);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  MemoryPages pages({data, size});
  use_cells(pages);
  const Progress progress;
  Meter meter(progress);
  meter.expect(pages.page_count());
  int64_t lines = 0;
  const auto report = salvage_pages(pages, meter, [&lines](std::string_view line) -> Status {
    require(nlohmann::json::accept(line));
    ++lines;
    return {};
  });
  require(report.ok() && report->rows == lines);
  require(report->pages_read + report->pages_damaged <= pages.page_count());
  return 0;
}
