#include "store/slot_report.hpp"

#include <vector>

#include "exit_code.hpp"
#include "store/cell_text.hpp"
#include "store/row_writer.hpp"

namespace tessera::cli {
namespace {

std::string when(const Row& row) {
  constexpr std::int64_t kMsPerSecond = 1000;
  return utc_text(row.get<std::int64_t>("created_ms") / kMsPerSecond);
}

}  // namespace

SlotType slot_type_of(std::string_view word) {
  for (const SlotType type : {SlotType::kPassphrase, SlotType::kAppKey, SlotType::kDevice,
                              SlotType::kPassphraseDevice, SlotType::kRecovery, SlotType::kKeystore}) {
    if (name(type) == word) return type;
  }
  throw Failure(kExitUsage, printable(word) + " is no kind of slot",
                "name passphrase, app_key, device, passphrase_device, recovery or keystore");
}

Json slots_json(const Store& store) {
  Json slots = Json::array();
  for (const Row row : store.slots()) {
    Json slot = Json::object();
    for (size_t index = 0; index < row.size(); ++index)
      slot[std::string(row.name(index))] = cell_json(row[index]);
    slot["opened"] = row.get<bool>("opened");
    slots.push_back(std::move(slot));
  }
  return slots;
}

std::string slots_text(const Store& store) {
  std::vector<std::vector<std::string>> lines;
  for (const Row row : store.slots()) {
    lines.push_back({cell_in_line(row["slot"]), cell_in_line(row["type"]), cell_in_line(row["kdf"]),
                     when(row), row.get<bool>("opened") ? "opened the store" : ""});
  }
  return table_text({"slot", "type", "kdf", "created", ""}, lines);
}

std::string_view protection_of(const Store& store) {
  const auto weakest = store.protection();
  return weakest ? name(*weakest) : std::string_view();
}

}  // namespace tessera::cli
