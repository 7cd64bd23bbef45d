// tessera.Row: one row, by name and by position.
#pragma once

#include "value.hpp"

namespace tessera::python {

/// A tuple of str for the columns of a statement.
py::object column_names(const std::vector<std::string_view>& names);

/// A Row of `cells`, one for each of `names`. Text and bytes lie at `base` plus what `data` says when `base`
/// is not null. A new reference, or null with Python's error set.
PyObject* new_row(PyObject* names, const tsr_value* cells, const char* base);

py::object columns_of(const tsr_rowset* rows);

/// A list of Row.
py::list rows_of(const tsr_rowset* rows);

/// The only cell of the only row.
py::object only_value(const tsr_rowset* rows);

void define_row(py::module_& module);

}  // namespace tessera::python
