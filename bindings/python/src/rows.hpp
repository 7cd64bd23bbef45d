// tessera.Rows: the rows of a query, read as they are asked for.
#pragma once

#include "row.hpp"

namespace tessera::python {

/// A Rows that owns `rows`.
py::object new_rows(tsr_rows* rows);

/// For start_op().
py::object take_rows(tsr_op* op);
/// A list of Row and whether more are left.
py::object take_fetched(tsr_op* op);
py::object take_row_list(tsr_op* op);
py::object take_only_value(tsr_op* op);

void define_rows(py::module_& module);

}  // namespace tessera::python
