"""Tessera for asyncio: the same calls, awaited.

    async with await tessera.aio.License.open(product="player", data_dir=folder, trusted_keys=[ROOT_KEY]) as license:
        verdict = await license.refresh()

Waiting costs no thread: the library's own workers do the work and wake the event loop. Cancelling a task cancels its
operation: one that waits for its turn does not start; one that runs finishes unseen, so its effect may have happened.
Errors and arguments are those of the synchronous classes.
"""

import asyncio
import functools
import types
from collections.abc import Callable
from typing import Any, Self, Unpack

from . import _licensing, _native
from ._config import AppConfig, HwidConfig, Text, encode
from ._lifetime import CLOSE_TIMEOUT
from ._native import Key, Subscription, Verdict
from ._values import KeyType, LogRecord, MeterReading

__all__ = ["App", "License", "generate_key", "probe_hwid"]


def _wake(loop: asyncio.AbstractEventLoop, ended: "asyncio.Future[None]") -> None:
    """Runs on a thread of the library."""
    try:
        loop.call_soon_threadsafe(_settle, ended)
    except RuntimeError:  # The loop was closed before the operation ended; nobody waits any more.
        pass


def _settle(ended: "asyncio.Future[None]") -> None:
    if not ended.done():
        ended.set_result(None)


async def _ended(start: Callable[..., _native.Op], *arguments: Any) -> _native.Op:
    loop = asyncio.get_running_loop()
    ended = loop.create_future()
    operation = start(*arguments, functools.partial(_wake, loop, ended))
    try:
        await ended
    except asyncio.CancelledError:
        operation.cancel()
        raise
    return operation


async def _result(start: Callable[..., _native.Op], *arguments: Any) -> Any:
    return (await _ended(start, *arguments)).result()


class _Closing:
    """A synchronous handle whose close() is awaited; exit and collection are those of the synchronous one."""

    def __init__(self, handle: "_licensing.License | _licensing.App") -> None:
        self._handle = handle

    async def close(self, timeout: float = CLOSE_TIMEOUT) -> None:
        """See tessera.License.close()."""
        await _result(self._handle._start_close, timeout)
        self._handle._closed()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        await self.close()


class License(_Closing):
    """tessera.License for asyncio; use it in an `async with`."""

    def __init__(self, handle: _licensing.License) -> None:
        """For the package's own use: see open() and App.license."""
        super().__init__(handle)
        self._license = handle

    @classmethod
    async def open(cls, **config: Unpack[AppConfig]) -> Self:
        """See tessera.License.open()."""
        license = _licensing.License(await _ended(_native.start_open_license, encode(config)))
        license._opened()
        return cls(license)

    def check(self) -> Verdict:
        """The current Verdict: a memory read that never waits, and so no coroutine."""
        return self._license.check()

    async def refresh(self) -> Verdict:
        """See tessera.License.refresh()."""
        verdict: Verdict = await _result(self._license._start_refresh)
        return verdict

    async def import_bundle(self, bundle: Text) -> Verdict:
        """See tessera.License.import_bundle()."""
        verdict: Verdict = await _result(self._license._start_import_bundle, bundle)
        return verdict

    async def verify_bundle(self, bundle: Text) -> Verdict:
        """See tessera.License.verify_bundle()."""
        verdict: Verdict = await _result(self._license._start_verify_bundle, bundle)
        return verdict

    async def start_trial(self, token: Text) -> Verdict:
        """See tessera.License.start_trial()."""
        verdict: Verdict = await _result(self._license._start_start_trial, token)
        return verdict

    async def request(self, *, license_key: Text | None = None, note: Text | None = None) -> str:
        """See tessera.License.request()."""
        request: str = await _result(self._license._start_request, license_key, note)
        return request

    async def deactivate(self) -> str:
        """See tessera.License.deactivate()."""
        proof: str = await _result(self._license._start_deactivate)
        return proof

    async def meter_add(self, name: str, amount: int) -> MeterReading:
        """See tessera.License.meter_add()."""
        reading: MeterReading = await _result(self._license._start_meter_add, name, amount)
        return reading

    def on_log(self, level: int, sink: Callable[[LogRecord], object]) -> Subscription:
        """See tessera.License.on_log(); records of awaited calls come on a thread of the library."""
        return self._license.on_log(level, sink)


class App(_Closing):
    """tessera.App for asyncio; use it in an `async with`."""

    def __init__(self, handle: _licensing.App) -> None:
        """For the package's own use: see open()."""
        super().__init__(handle)
        self._app = handle

    @classmethod
    async def open(cls, **config: Unpack[AppConfig]) -> Self:
        """See tessera.App.open()."""
        app = _licensing.App(await _ended(_native.start_open_app, encode(config)))
        app._opened()
        return cls(app)

    @functools.cached_property
    def license(self) -> License:
        """See tessera.App.license."""
        return License(self._app.license)

    def on_log(self, level: int, sink: Callable[[LogRecord], object]) -> Subscription:
        """See tessera.App.on_log(); records of awaited calls come on a thread of the library."""
        return self._app.on_log(level, sink)


async def probe_hwid(**config: Unpack[HwidConfig]) -> _licensing.Hwid:
    """See tessera.Hwid.probe()."""
    return _licensing.Hwid(await _ended(_native.start_probe_hwid, encode(config)))


async def generate_key(type: KeyType = KeyType.ED25519) -> Key:
    """See tessera.Key.generate()."""
    key: Key = await _result(_native.start_generate_key, type)
    return key
