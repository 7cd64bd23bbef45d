#include "base/unique_fd.hpp"
#include "crypto/crypto.hpp"
#include "store/copies.hpp"
#include "store/page_file.hpp"
#include "store/part_file.hpp"

namespace tessera::store {
namespace {

constexpr uint32_t kPagesBetweenReports = 256;

/// Key of the encrypted copy that only this export reads.
class PassingKey {
 public:
  explicit PassingKey(Random& random) : bytes_(kKeyBytes + kSaltBytes) { random.fill(bytes_.writable()); }
  DatabaseKey view() const { return {bytes_.view().first(kKeyBytes), bytes_.view().last(kSaltBytes)}; }

 private:
  static constexpr size_t kKeyBytes = 32;
  static constexpr size_t kSaltBytes = 16;
  SecretBytes bytes_;
};

/// Before anything is written in plain text. secure_delete, as everywhere: what is dropped is overwritten.
Status drop_keys(const std::string& path, const DatabaseKey& key, std::vector<TableRows>* counts) {
  TSR_ASSIGN_OR_RETURN(const auto copy,
                       Connection::open({.path = path, .role = Role::kTool, .create = false}, &key));
  TSR_RETURN_IF_ERROR(copy->run("pragma secure_delete = on; pragma foreign_keys = off"));
  for (const TableRows& table : *counts) {
    if (holds_keys(table.table)) TSR_RETURN_IF_ERROR(copy->run("drop table " + sql_name(table.table)));
  }
  std::erase_if(*counts, [](const TableRows& table) { return holds_keys(table.table); });
  TSR_ASSIGN_OR_RETURN(const std::string mode, copy->text("pragma journal_mode = delete"));
  if (mode == "delete") return {};
  return store_error(ErrorCode::kIO, {}, "the copy could not be closed without a log; try again");
}

Status append(const UniqueFd& file, ByteView bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t count = retry_interrupted([&] { return ::write(file.get(), bytes.data(), bytes.size()); });
    if (count < 0) return error_from_errno("store", "write " + path, errno);
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
  return {};
}

/// Plain SQLite reads our pages as they are: the place of vector and tag is declared as reserved.
Status decrypt_pages(const std::string& from, const DatabaseKey& key, const std::string& to, Meter& meter) {
  TSR_ASSIGN_OR_RETURN(PageFile pages, PageFile::open(from, key));
  UniqueFd file = open_plain(to, O_WRONLY);
  if (!file.valid()) return error_from_errno("store", "open " + to, errno);
  const int64_t before = meter.done();
  PlainPage page{};
  for (uint32_t number = 1; number <= pages.page_count(); ++number) {
    if (PageFile::is_lock_page(number)) {
      page.fill(0);
    } else if (!pages.read(number, &page)) {
      return damaged("page " + std::to_string(number) + " of " + from + " can't be read back; try again");
    }
    TSR_RETURN_IF_ERROR(append(file, page, to));
    if (number % kPagesBetweenReports == 0) TSR_RETURN_IF_ERROR(meter.report(before + number));
  }
  if (const int error = file.close(); error != 0) return error_from_errno("store", "write " + to, error);
  return meter.report(before + pages.page_count());
}

}  // namespace

Status export_plain(Database& database, const std::string& target, std::string_view reason,
                    const Progress& progress) {
  TSR_RETURN_IF_ERROR(require_file(database));
  if (reason.empty())
    return store_error(ErrorCode::kARG, {}, "an export in plain text needs a reason, which is recorded");
  TSR_ASSIGN_OR_RETURN(PartFile part, PartFile::create(target, database.config().path));
  TSR_ASSIGN_OR_RETURN(const PartFile sealed, PartFile::create(target + ".sealed", database.config().path));
  TSR_RETURN_IF_ERROR(record_audit(database, "plain_export", reason));
  const PassingKey key(database.random());
  Meter meter(progress, &database);
  TSR_ASSIGN_OR_RETURN(auto counts, copy_snapshot(database, sealed.path(), key.view(), 2, meter));
  TSR_RETURN_IF_ERROR(drop_keys(sealed.path(), key.view(), &counts));
  TSR_RETURN_IF_ERROR(decrypt_pages(sealed.path(), key.view(), part.path(), meter));
  TSR_RETURN_IF_ERROR(check_copy(part.path(), nullptr, counts, meter));
  return part.publish();
}

}  // namespace tessera::store
