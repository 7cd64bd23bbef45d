// Statements of the application on the writer.
#pragma once

#include "store/core.hpp"

namespace tessera::store {

/// One statement to its end.
Result<Outcome> execute_on(Connection& connection, SqlPolicy* policy, std::string_view sql,
                           const Parameters& parameters, const std::string* tenant);
/// One statement for each `width` values.
Result<Outcome> execute_many_on(Connection& connection, SqlPolicy* policy, std::string_view sql,
                                std::span<const Value> values, size_t width, const std::string* tenant);
/// Its rows, copied.
Result<RowSet> query_on(Connection& connection, SqlPolicy* policy, std::string_view sql,
                        const Parameters& parameters, const std::string* tenant);
/// Whether the SQL may roll back what others wrote in the same commit.
bool may_roll_back(std::string_view sql);

}  // namespace tessera::store
