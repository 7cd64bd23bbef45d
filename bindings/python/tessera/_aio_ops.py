"""Operations of the library as awaitables."""

import asyncio
import contextlib
import weakref
from collections.abc import Callable, Coroutine, Generator
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from . import _native
from ._lifetime import CLOSE_TIMEOUT, Closing

Progress = Callable[[int, int], object]


_bridges: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _native.Bridge]" = weakref.WeakKeyDictionary()


def bridge_of(loop: asyncio.AbstractEventLoop) -> _native.Bridge:
    """By which the library's threads wake `loop` without waiting for Python. The loop lets go of it when it closes."""
    bridge = _bridges.get(loop)
    if bridge is None:
        bridge = _native.Bridge()
        loop.add_reader(bridge.fileno(), _native.BridgeReader(bridge))
        _bridges[loop] = bridge
    return bridge


async def _settled(start: Callable[..., _native.Op], arguments: tuple[Any, ...]) -> tuple[_native.Op, Any]:
    loop = asyncio.get_running_loop()
    waiting: asyncio.Future[Any] = loop.create_future()
    operation = start(*arguments, (bridge_of(loop), waiting))
    try:
        return operation, await waiting
    except asyncio.CancelledError:
        operation.cancel()
        del operation, waiting  # The traceback would keep what was made, such as a transaction.
        raise


async def ended(start: Callable[..., _native.Op], *arguments: Any) -> _native.Op:
    """For who constructs something of the result."""
    return (await _settled(start, arguments))[0]


async def result(start: Callable[..., _native.Op], *arguments: Any) -> Any:
    return (await _settled(start, arguments))[1]


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


def on_loop(function: Callable[..., object]) -> Callable[..., None]:
    """What the library may call on its threads: `function` is called on the event loop that runs now, unless that is
    closed by then."""
    loop = asyncio.get_running_loop()

    def call(*arguments: Any) -> None:
        with contextlib.suppress(RuntimeError):  # The loop was closed.
            loop.call_soon_threadsafe(function, *arguments)

    return call


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
