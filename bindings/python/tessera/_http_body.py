"""Bodies of requests that do not fit in memory."""

import os
import types
from typing import Self

from . import _native
from ._config import Text


class HttpUpload(_native.HttpUpload):
    """The body of one request, written while that is sent: the request runs on another thread, as its `upload`. The end
    of a `with` finishes it, or fails its request when an exception ends the block."""

    def __init__(self, size: int | None = None) -> None:
        """`size` in bytes, where it is known. Raises ArgError."""
        _native.HttpUpload.__init__(self, size)

    def write(self, data: Text) -> int:
        """Adds all of `data`, and gives its size; waits while more than 256 KiB are on their way.

        Raises ArgError (more than announced), StateError (finished, or its request has ended), ForkedError.
        """
        self._write(data)
        return byte_count(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        if error is None:
            self.finish()
        else:
            self.fail()

    def __repr__(self) -> str:
        return f"<tessera.HttpUpload {id(self):#x}>"


class HttpForm(_native.HttpForm):
    """A form (multipart/form-data) for any number of requests, as their `form`: each sends the parts that it has by then.
    One with a form is repeated where a plain body would be."""

    def __init__(self) -> None:
        """Without parts."""
        _native.HttpForm.__init__(self)

    def add_file(
        self, name: str, path: str | os.PathLike[str], *, file_name: str | None = None, content_type: str | None = None
    ) -> None:
        """Adds a file, which is opened here and read while the form is sent; a request raises CallbackError when it has
        become shorter. `file_name` is the last name of `path`, `content_type` "application/octet-stream" unless told
        otherwise. Raises ArgError (also for what is no regular file), NotFoundError, PermissionError, IoError,
        ForkedError."""
        self._add_file(name, os.fspath(path), file_name, content_type)

    def __repr__(self) -> str:
        return f"<tessera.HttpForm {id(self):#x}>"


def byte_count(data: Text) -> int:
    return len(data.encode()) if isinstance(data, str) else memoryview(data).nbytes
