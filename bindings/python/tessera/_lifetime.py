"""Handles that want to be closed: at the end of a `with`, at exit, never in a forked child."""

import atexit
import contextlib
import os
import types
import warnings
import weakref
from collections.abc import Callable
from typing import Self

from . import _native
from ._errors import Error

CLOSE_TIMEOUT = 2.0
"""Seconds that close() waits for another process unless told otherwise."""

_open: "weakref.WeakSet[Closing]" = weakref.WeakSet()


class Closing:
    """A handle that close() ends. Collecting one that was not closed is a ResourceWarning."""

    _is_open = False  # by open() and not closed yet

    def _opened(self) -> None:
        self._is_open = True
        _open.add(self)

    def _closed(self) -> None:
        self._is_open = False
        _open.discard(self)

    def _close(self, timeout: float) -> None:
        raise NotImplementedError

    def _start_close(self, timeout: float, done: Callable[[], object]) -> _native.Op:
        raise NotImplementedError

    def close(self, timeout: float = CLOSE_TIMEOUT) -> None:
        """Writes what is outstanding and ends the handle's work; later calls raise StateError. Again is fine.

        Waits up to `timeout` seconds for another process. Raises BusyError, IoError, ForkedError.
        """
        self._close(timeout)
        self._closed()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if self._is_open:
            warnings.warn(f"{self!r} was not closed", ResourceWarning, source=self, stacklevel=2)


def _close_all() -> None:
    for handle in list(_open):
        with contextlib.suppress(Error):
            handle.close()
    _native.shut()


def _after_fork_in_child() -> None:
    _native.after_fork_in_child()
    for handle in list(_open):
        handle._closed()


atexit.register(_close_all)
os.register_at_fork(
    before=_native.before_fork, after_in_parent=_native.after_fork_in_parent, after_in_child=_after_fork_in_child
)
