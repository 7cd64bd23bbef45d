#include "store/store_advice.hpp"

#include <array>
#include <utility>

#include "console.hpp"

namespace tessera::cli {
namespace {

using Advice = std::pair<std::string_view, std::string_view>;

constexpr std::array kByReason = {
    Advice{"WRONG_KEY",
           "pass --passphrase-file, --app-key-file or --recovery-key-file with what opens the store"},
    Advice{"HARDWARE_CHANGED",
           "tessera store recover PATH --device, with the recovery key or the passphrase"},
    Advice{"KEYSTORE_LOCKED", "unlock the desktop's keyring, or pass another key"},
    Advice{"NOT_ENCRYPTED", "tessera store import STORE FILE --kind plain, into a store made by 'init'"},
    Advice{"FOREIGN_FILE", "check the path; it is the file of another program"},
    Advice{"DAMAGED", "restore a backup, or 'tessera store salvage' what can be read"},
    Advice{"ROLLED_BACK", "restore a backup, or 'tessera store salvage' what is there"},
    Advice{"DATA_MISSING", "put the file back from a backup of the store"},
    Advice{"SLOTS_MISSING", "put the .tks file back from a backup of the store"},
    Advice{"SLOTS_OLD", "put the newest .tks file back"},
    Advice{"NEWER_FORMAT", "update Tessera"},
    Advice{"NEWER_SCHEMA", "update the application"},
    Advice{"STORE_LOCKED", "close the program that has the store open"},
    Advice{"TENANT_REQUIRED", "pass --tenant"},
    Advice{"CONSTRAINT", "correct the data"},
    Advice{"SQL", "correct the SQL"},
    Advice{"REFUSED", "correct the SQL"},
};

std::string_view by_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::kArg:
      return "correct the arguments, or the configuration";
    case ErrorCode::kPermission:
      return "get access to the file and its folder";
    case ErrorCode::kIo:
    case ErrorCode::kNotFound:
      return "check the path";
    case ErrorCode::kDiskFull:
      return "free space and try again";
    case ErrorCode::kBusy:
    case ErrorCode::kTimeout:
      return "try again when other work is done";
    case ErrorCode::kCancelled:
      return "start the command again when you like; nothing is half done";
    case ErrorCode::kCorrupt:
      return "tessera store check PATH";
    case ErrorCode::kCrypto:
      return "check the secret";
    case ErrorCode::kState:
      return "check the command and the store's slots";
    case ErrorCode::kUnsupported:
      return "use a build of Tessera that has it";
    case ErrorCode::kLimit:
      return "use less";
    default:
      return {};
  }
}

}  // namespace

std::string reason_of(const Error& error) {
  const Json detail = Json::parse(error.detail(), nullptr, /*allow_exceptions=*/false);
  return detail.is_object() ? detail.value("reason", "") : "";
}

std::string_view store_next_step(const Error& error) {
  const std::string reason = reason_of(error);
  for (const auto& [known, advice] : kByReason) {
    if (reason == known) return advice;
  }
  return by_code(error.code());
}

}  // namespace tessera::cli
