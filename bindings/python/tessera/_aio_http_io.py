"""What an API client for asyncio reads and writes in steps."""

import asyncio
from types import TracebackType
from typing import Self

from . import _native
from ._aio_ops import bridge_of, result
from ._config import Text
from ._http_body import byte_count
from ._http_values import HttpEvent
from ._native import HttpResponse

PIECE_BYTES = 65_536


class HttpUpload(_native.HttpUpload):
    """tessera.HttpUpload for asyncio: the request runs in another task. Use it in an `async with`."""

    def __init__(self, size: int | None = None) -> None:
        """See tessera.HttpUpload."""
        _native.HttpUpload.__init__(self, size)

    async def write(self, data: Text) -> int:
        """See tessera.HttpUpload.write(). One at a time."""
        await result(self._start_write, data)
        return byte_count(data)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.finish()
        else:
            self.fail()

    def __repr__(self) -> str:
        return f"<tessera.aio.HttpUpload {id(self):#x}>"


class HttpStream:
    """tessera.HttpStream for asyncio: `async for`, or read(). Use it in an `async with`."""

    def __init__(self, stream: _native.HttpStream) -> None:
        """For the package's own use: see HttpClient.stream()."""
        self._stream = stream

    @property
    def head(self) -> HttpResponse:
        """See tessera.HttpStream.head."""
        return self._stream.head

    async def read(self, size: int = PIECE_BYTES) -> bytes:
        """See tessera.HttpStream.read(). Cancelling it closes the stream."""
        try:
            piece: bytes = await result(self._stream._start_read, size)
        except asyncio.CancelledError:
            self._stream.close()  # What was being read is lost; who goes on must hear of it.
            raise
        return piece

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        piece = await self.read()
        if not piece:
            raise StopAsyncIteration
        return piece

    async def close(self) -> None:
        """Cancels what still runs. Again is fine."""
        self._stream.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()


def _note_exception(coming: "asyncio.Future[HttpEvent | None]") -> None:
    """Of an event for which nobody waits any more, so that asyncio does not complain."""
    if not coming.cancelled():
        coming.exception()


class HttpEvents:
    """tessera.HttpEvents for asyncio: `async for`. Cancelling a task that waits loses no event. Use it in an
    `async with`."""

    def __init__(self, events: _native.HttpEvents) -> None:
        """For the package's own use: see HttpClient.events()."""
        self._events = events
        self._coming: asyncio.Future[HttpEvent | None] | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> HttpEvent:
        coming = self._coming
        if coming is None:
            loop = asyncio.get_running_loop()
            coming = loop.create_future()
            coming.add_done_callback(_note_exception)
            self._events._start_next((bridge_of(loop), coming))
            self._coming = coming
        await asyncio.wait([coming])  # Which stays, for the next one, when its task is cancelled.
        self._coming = None
        event = coming.result()
        if event is None:
            raise StopAsyncIteration
        return event

    async def close(self) -> None:
        """Ends the stream; drops events that nobody took. Again is fine."""
        self._events.close()
        if self._coming is not None:
            self._coming.cancel()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class HttpPages:
    """tessera.HttpPages for asyncio: `async for`. After a page that failed or whose task was cancelled, iterating again
    asks for it again."""

    def __init__(self, pages: _native.HttpPages) -> None:
        """For the package's own use: see HttpClient.paginate()."""
        self._pages = pages

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> HttpResponse:
        page: HttpResponse | None = await result(self._pages._start_next)
        if page is None:
            raise StopAsyncIteration
        return page

    async def close(self) -> None:
        """Ends a request that runs. Again is fine."""
        self._pages.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
