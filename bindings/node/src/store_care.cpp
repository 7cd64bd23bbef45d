// Care of a store: copies, checks, salvage, erasing.
#include "call.hpp"
#include "define.hpp"

namespace tessera::node {

void define_store_care(Napi::Env env, Napi::Object exports) {
  define<&start_long<&tsr_store_backup_async, kTakeNothing>>(env, exports, "storeBackup");
  define<&start_long<&tsr_store_compact_async, kTakeNothing>>(env, exports, "storeCompact");
  define<&start_long<&tsr_store_export_async, kTakeNothing>>(env, exports, "storeExport");
  define<&start_long<&tsr_store_export_plain_async, kTakeNothing>>(env, exports, "storeExportPlain");
  define<&start_long<&tsr_store_import_async, kTakeNothing>>(env, exports, "storeImport");
  define<&start_long<&tsr_store_check_async, &tsr_op_rowset>>(env, exports, "storeCheck");
  define<&start<&tsr_store_stats_async, &tsr_op_buf>>(env, exports, "storeStats");
  define<&start<&tsr_store_audit_async, &tsr_op_rowset>>(env, exports, "storeAudit");
  define<&start_long<&tsr_store_salvage_async, &tsr_op_rowset>>(env, exports, "storeSalvage");
  define<&start<&tsr_store_erase_async, kTakeNothing>>(env, exports, "storeErase");
}

}  // namespace tessera::node
