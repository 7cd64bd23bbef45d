"""Operations of the library as awaitables."""

import asyncio
import functools
from collections.abc import Callable, Coroutine, Generator
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from . import _native
from ._lifetime import CLOSE_TIMEOUT, Closing

Progress = Callable[[int, int], object]


def _wake(loop: asyncio.AbstractEventLoop, ended: "asyncio.Future[None]") -> None:
    """Runs on a thread of the library."""
    try:
        loop.call_soon_threadsafe(_settle, ended)
    except RuntimeError:  # The loop was closed before the operation ended; nobody waits any more.
        pass


def _settle(ended: "asyncio.Future[None]") -> None:
    if not ended.done():
        ended.set_result(None)


async def ended(start: Callable[..., _native.Op], *arguments: Any) -> _native.Op:
    loop = asyncio.get_running_loop()
    waiting = loop.create_future()
    operation = start(*arguments, functools.partial(_wake, loop, waiting))
    try:
        await waiting
    except asyncio.CancelledError:
        operation.cancel()
        del operation  # The traceback would keep what it may have made, such as a transaction.
        raise
    return operation


async def result(start: Callable[..., _native.Op], *arguments: Any) -> Any:
    return (await ended(start, *arguments)).result()


async def result_with_progress(start: Callable[..., _native.Op], *arguments: Any, progress: Progress | None) -> Any:
    """Long work that also ends in the middle when its task is cancelled. `progress` is called on the event loop."""
    loop = asyncio.get_running_loop()
    is_wanted = True

    def report(done: int, total: int) -> bool:
        """Runs on a thread of the library."""
        if is_wanted and progress is not None:
            try:
                loop.call_soon_threadsafe(progress, done, total)
            except RuntimeError:  # The loop was closed.
                return False
        return is_wanted

    try:
        return await result(start, *arguments, report)
    except asyncio.CancelledError:
        is_wanted = False
        raise


class Handle:
    """A synchronous handle whose close() is awaited; exit and collection are those of the synchronous one."""

    def __init__(self, handle: Closing) -> None:
        self._handle = handle

    async def close(self, timeout: float = CLOSE_TIMEOUT) -> None:
        """See close() of the synchronous class."""
        await result(self._handle._start_close, timeout)
        self._handle._closed()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class _Context(Protocol):
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


Opened = TypeVar("Opened", bound=_Context)


class Opening(Coroutine[Any, Any, Opened]):
    """The coroutine that opens a handle; `async with` takes it as well and closes the handle in the end."""

    def __init__(self, opening: Coroutine[Any, Any, Opened]) -> None:
        self._opening = opening
        self._opened: Opened | None = None

    def __await__(self) -> Generator[Any, Any, Opened]:
        return self._opening.__await__()

    def send(self, value: Any) -> Any:
        """As of every coroutine."""
        return self._opening.send(value)

    def throw(self, *error: Any) -> Any:
        """As of every coroutine."""
        return self._opening.throw(*error)

    def close(self) -> None:
        """As of every coroutine."""
        self._opening.close()

    async def __aenter__(self) -> Opened:
        self._opened = await self._opening
        return self._opened

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._opened is not None:
            await self._opened.__aexit__(kind, error, trace)
