// Operations that ended, on their way to the event loop that waits for them.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "convert.hpp"

namespace tessera::python {

class Bridge;

/// What a start needs to know of who waits: the bridge to the event loop and a future of that loop.
struct Ending {
  std::shared_ptr<Bridge> bridge;
  py::object future;
};

/// An operation in the background. What touches Python or the handle is for the event loop's thread.
struct Started {
  /// Makes a Python object of the result; null leaves that to a constructor.
  using Take = py::object (*)(tsr_op*);
  Started(const Ending& ending, Take taken_by)
      : bridge(ending.bridge), future(ending.future), take(taken_by) {}

  /// Nobody waits any more. Who waits holds this, and it holds who waits: that ends here.
  void give_up() {
    handle.reset();
    future = py::object();
  }

  const std::shared_ptr<Bridge> bridge;
  py::object future;
  const Take take;
  OpPtr handle;
  // While it is on its way: what keeps it, and who was there before it.
  std::shared_ptr<Started> self;
  Started* before = nullptr;
};

/// Threads of the library push without the interpreter lock, so that none of them waits for Python; the event
/// loop wakes once for all that came meanwhile. Without a lock of its own, which a forked child might find
/// held.
class Bridge {
 public:
  /// Throws OSError.
  Bridge();
  Bridge(const Bridge&) = delete;
  Bridge& operator=(const Bridge&) = delete;
  ~Bridge();

  int fd() const { return fd_; }
  /// Leaves `ended` where it is when the loop is closed.
  void push(std::shared_ptr<Started>* ended);
  /// Settles the futures of all that ended. On the event loop's thread.
  void settle();
  /// Nobody reads any more.
  void close();

 private:
  std::vector<std::shared_ptr<Started>> take(Started* instead);

  static Started* const kClosed;
  const int fd_;
  std::atomic<Started*> last_{nullptr};  // kClosed: nobody comes for them
};

/// What the event loop calls when the bridge's descriptor is readable. Loops let go of it when they close.
class BridgeReader {
 public:
  explicit BridgeReader(std::shared_ptr<Bridge> bridge) : bridge_(std::move(bridge)) {}
  BridgeReader(const BridgeReader&) = delete;
  BridgeReader& operator=(const BridgeReader&) = delete;
  ~BridgeReader() { bridge_->close(); }
  void read() const { bridge_->settle(); }

 private:
  const std::shared_ptr<Bridge> bridge_;
};

/// As the `user` of a start; land() is its `tsr_done_fn` and drop_started() its `user_free`.
void* keep_started(std::shared_ptr<Started> started);
void land(void* user, tsr_op* op);
void drop_started(void* user);

}  // namespace tessera::python

/// A tuple (Bridge, Future).
template <>
struct pybind11::detail::type_caster<tessera::python::Ending> {
  PYBIND11_TYPE_CASTER(tessera::python::Ending, const_name("tuple[Bridge, asyncio.Future[typing.Any]]"));
  bool load(handle source, bool) {
    if (!PyTuple_Check(source.ptr()) || PyTuple_GET_SIZE(source.ptr()) != 2) return false;
    value.bridge =
        pybind11::cast<std::shared_ptr<tessera::python::Bridge>>(handle(PyTuple_GET_ITEM(source.ptr(), 0)));
    value.future = reinterpret_borrow<object>(PyTuple_GET_ITEM(source.ptr(), 1));
    return value.bridge != nullptr;
  }
};
