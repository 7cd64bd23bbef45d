// Python values as the C ABI takes them, and back.
#pragma once

#include <deque>
#include <vector>

#include "convert.hpp"

namespace tessera::python {

/// The values of one call. Keeps what they borrow from alive; made and destroyed with the interpreter lock.
class Values {
 public:
  Values() = default;
  Values(const Values&) = delete;
  Values& operator=(const Values&) = delete;
  ~Values();

  void reserve(size_t count) { cells_.reserve(count); }
  /// Adds a parameter: None, bool, int, float, str or anything with the buffer protocol. The caller keeps
  /// `source` alive. Throws TypeError, OverflowError.
  void add(PyObject* source) {
    if (!add_plain(source, &cells_.emplace_back())) add_other(source, &cells_.back());
  }
  /// Adds all that `sequence` holds and keeps it alive.
  void add_all(PyObject* sequence);
  /// Adds a setting, which may also be what json.dumps() takes: dict, list or tuple.
  void add_setting(PyObject* source);
  void keep(py::object source) { kept_.push_back(std::move(source)); }

  const tsr_value* data() const { return cells_.data(); }
  size_t size() const { return cells_.size(); }

 private:
  /// The types that nearly every value has; false for another one.
  static bool add_plain(PyObject* source, tsr_value* out);
  void add_other(PyObject* source, tsr_value* out);

  std::vector<tsr_value> cells_;
  std::vector<py::object> kept_;
  std::deque<Py_buffer> buffers_;
};

/// A cell as None, int, float, str, bytes, bool or what its JSON says. A new reference, or null with Python's
/// error set.
PyObject* object_of(const tsr_value& cell);

/// The parameters of one statement: a sequence, by position, or a mapping, by name.
class Parameters {
 public:
  /// Null and None: no parameters.
  explicit Parameters(PyObject* source);

  const tsr_value* data() const { return values_.data(); }
  size_t size() const { return values_.size(); }
  /// One for each value, or null.
  const tsr_str* names() const { return names_.empty() ? nullptr : names_.data(); }

 private:
  void add_items(PyObject* mapping);

  Values values_;
  std::vector<tsr_str> names_;
};

/// Rows of one width for one statement.
class ManyParameters {
 public:
  /// An iterable of sequences. Throws ValueError when their lengths differ.
  explicit ManyParameters(PyObject* source);

  const tsr_value* data() const { return values_.data(); }
  size_t width() const { return width_; }
  size_t count() const { return count_; }

 private:
  void add_row(PyObject* row);

  Values values_;
  size_t width_ = 0;
  size_t count_ = 0;
};

/// The text of a str. Throws TypeError that calls it `name`.
tsr_str text_of(PyObject* source, const char* name);

/// TSR_COMMIT_* of "strict", "relaxed" or None.
int32_t commit_of(PyObject* source);
/// Milliseconds of a time-out in seconds; 0, the configured one, for None.
int64_t timeout_ms_of(PyObject* source);

/// Options of one call; null for the C ABI when nothing was given.
class SqlOptions {
 public:
  SqlOptions(PyObject* commit, PyObject* timeout, const tsr_str* names);
  const tsr_sql_opts* get() const { return is_given_ ? &opts_ : nullptr; }

 private:
  tsr_sql_opts opts_;
  bool is_given_ = false;
};

}  // namespace tessera::python
