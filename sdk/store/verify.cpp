#include "store/copy_check.hpp"
#include "store/page_file.hpp"

namespace tessera::store {

Status verify_file(const std::string& path, const DatabaseKey& key, const Progress& progress) {
  Meter meter(progress);
  {
    TSR_ASSIGN_OR_RETURN(const PageFile pages, PageFile::open(path, key));
    meter.expect(pages.page_count());
  }
  TSR_RETURN_IF_ERROR(check_tags(path, key, meter));
  TSR_ASSIGN_OR_RETURN(
      const auto connection,
      Connection::open({.path = path, .role = Role::kTool, .create = false, .read_only = true}, &key));
  const SqlMeter sql_meter(connection->get(), meter);
  const auto complaint = first_complaint(*connection, "integrity_check");
  if (!complaint) return meter.explain(complaint.error());
  if (complaint->empty()) return {};
  return damaged(path + " is damaged (" + *complaint + "); use another copy, or salvage what can be read");
}

}  // namespace tessera::store
