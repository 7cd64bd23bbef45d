"""Encrypted files and logs beside a store, as files of Python."""

import io
import os
import types
from typing import Any, Self

from . import _native


class SealedWriter(io.RawIOBase):
    """An encrypted file being written, beside its path, which it takes with finish() or at the end of a `with`. What an
    exception leaves unfinished stays for `resume`."""

    def __init__(self, store: _native.Store, path: str | os.PathLike[str], resume: bool) -> None:
        """For the package's own use: see Store.create_sealed()."""
        self._writer = _native.SealedWriter(store, os.fspath(path), resume)
        self._position = self.offset

    @property
    def offset(self) -> int:
        """Bytes that an earlier writer left, behind which this one goes on."""
        return self._writer.offset

    def writable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """Bytes written so far."""
        return self._position

    def write(self, data: Any, /) -> int:
        """Adds all of `data`. Raises StateError, IoError, DiskFullError, ForkedError."""
        if self.closed:
            raise ValueError("the file is closed")
        view = memoryview(data)  # a str is no file's content: TypeError
        self._writer.write(view)
        self._position += view.nbytes
        return view.nbytes

    def finish(self) -> None:
        """Makes the file durable and gives it its name. Raises StateError, IoError, DiskFullError, ForkedError."""
        self._writer.finish()

    def close(self) -> None:
        """Ends the writer; an unfinished file stays for `resume`."""
        if not self.closed:
            self._writer.close()
        super().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        try:
            if error is None and not self.closed:
                self.finish()
        finally:
            self.close()


class SealedReader(io.RawIOBase):
    """An encrypted file being read, from any place. Never gives bytes that were changed."""

    def __init__(self, store: _native.Store, path: str | os.PathLike[str]) -> None:
        """For the package's own use: see Store.open_sealed()."""
        self._reader = _native.SealedReader(store, os.fspath(path))
        self._position = 0

    @property
    def size(self) -> int:
        """Bytes of content."""
        return self._reader.size

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Goes to `offset` from the start, the current place or the end."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}.get(whence)
        if start is None:
            raise ValueError(f"whence is {whence!r}; give one of os.SEEK_SET, SEEK_CUR and SEEK_END")
        if start + offset < 0:
            raise ValueError(f"the place {start + offset} is before the start of the file")
        self._position = start + offset
        return self._position

    def readinto(self, buffer: Any, /) -> int:
        """Fills `buffer`; gives less than its size only at the end. Raises CorruptError, IoError, StateError."""
        if self.closed:
            raise ValueError("the file is closed")
        count = self._reader.read_into(self._position, buffer)
        self._position += count
        return count

    def readall(self) -> bytes:
        """What is left."""
        rest = bytearray(max(self.size - self._position, 0))
        return bytes(memoryview(rest)[: self.readinto(rest)])

    def close(self) -> None:
        """Ends the reader. Again is fine."""
        if not self.closed:
            self._reader.close()
        super().close()


class SealedLog(_native.SealedLog):
    """An encrypted log; "path.1" and so on are its older parts. Safe from any thread; use it in a `with`."""

    def __init__(
        self, store: _native.Store, path: str | os.PathLike[str], max_file_bytes: int, max_files: int
    ) -> None:
        """For the package's own use: see Store.open_log()."""
        _native.SealedLog.__init__(self, store, os.fspath(path), max_file_bytes, max_files)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        self.close()
