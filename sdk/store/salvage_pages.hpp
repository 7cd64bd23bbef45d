// Rows from the pages of a damaged database, whichever of them can be read.
#pragma once

#include <functional>
#include <string_view>

#include "store/meter.hpp"
#include "store/page_file.hpp"

namespace tessera::store {

/// Takes a row as a line of JSON, without its end; an error ends the salvage.
using LineSink = std::function<Status(std::string_view line)>;

/// Follows the trees of the schema from their roots, then takes what no tree led to. Reports pages.
Result<SalvageReport> salvage_pages(PageSource& pages, Meter& meter, const LineSink& write);

}  // namespace tessera::store
