"""Tessera for asyncio: the same calls, awaited.

    async with tessera.aio.App.open(product="player", data_dir=folder, trusted_keys=[ROOT_KEY]) as app:
        verdict = await app.license.refresh()
        store = await app.open_store()
        async for row in store.query("select * from people where city = ?", ["Porto"]):
            print(row["name"])

Waiting costs no thread: the library's own workers do the work and wake the event loop. Cancelling a task cancels its
operation: one that waits for its turn does not start; one that runs finishes unseen, so its effect may have happened.
Errors and arguments are those of the synchronous classes.
"""

import functools
from collections.abc import Callable
from typing import Self, Unpack

from . import _licensing, _native, _store
from ._aio_ops import Handle, Opening, ended, result
from ._aio_store import Cache, Outbox, Records, Rows, Store, Transaction
from ._config import AppConfig, HwidConfig, Text, encode
from ._errors import ErrorCode, StateError
from ._native import Key, Subscription, Verdict
from ._values import KeyType, LogRecord, MeterReading

__all__ = [
    "App",
    "Cache",
    "License",
    "Outbox",
    "Records",
    "Rows",
    "Store",
    "Transaction",
    "generate_key",
    "probe_hwid",
]


class License(Handle):
    """tessera.License for asyncio; use it in an `async with`."""

    def __init__(self, handle: _licensing.License) -> None:
        """For the package's own use: see open() and App.license."""
        super().__init__(handle)
        self._license = handle

    @classmethod
    def open(cls, **config: Unpack[AppConfig]) -> Opening[Self]:
        """See tessera.License.open()."""

        async def opening() -> Self:
            license = _licensing.License(await ended(_native.start_open_license, encode(config)))
            license._opened()
            return cls(license)

        return Opening(opening())

    def check(self) -> Verdict:
        """The current Verdict: a memory read that never waits, and so no coroutine."""
        return self._license.check()

    async def refresh(self) -> Verdict:
        """See tessera.License.refresh()."""
        verdict: Verdict = await result(self._license._start_refresh)
        return verdict

    async def import_bundle(self, bundle: Text) -> Verdict:
        """See tessera.License.import_bundle()."""
        verdict: Verdict = await result(self._license._start_import_bundle, bundle)
        return verdict

    async def verify_bundle(self, bundle: Text) -> Verdict:
        """See tessera.License.verify_bundle()."""
        verdict: Verdict = await result(self._license._start_verify_bundle, bundle)
        return verdict

    async def start_trial(self, token: Text) -> Verdict:
        """See tessera.License.start_trial()."""
        verdict: Verdict = await result(self._license._start_start_trial, token)
        return verdict

    async def request(self, *, license_key: Text | None = None, note: Text | None = None) -> str:
        """See tessera.License.request()."""
        request: str = await result(self._license._start_request, license_key, note)
        return request

    async def deactivate(self) -> str:
        """See tessera.License.deactivate()."""
        proof: str = await result(self._license._start_deactivate)
        return proof

    async def meter_add(self, name: str, amount: int) -> MeterReading:
        """See tessera.License.meter_add()."""
        reading: MeterReading = await result(self._license._start_meter_add, name, amount)
        return reading

    def on_log(self, level: int, sink: Callable[[LogRecord], object]) -> Subscription:
        """See tessera.License.on_log(); records of awaited calls come on a thread of the library."""
        return self._license.on_log(level, sink)


class App(Handle):
    """tessera.App for asyncio; use it in an `async with`."""

    def __init__(self, handle: _licensing.App) -> None:
        """For the package's own use: see open()."""
        super().__init__(handle)
        self._app = handle
        self._store: Store | None = None

    @classmethod
    def open(cls, **config: Unpack[AppConfig]) -> Opening[Self]:
        """See tessera.App.open()."""

        async def opening() -> Self:
            app = _licensing.App(await ended(_native.start_open_app, encode(config)))
            app._opened()
            return cls(app)

        return Opening(opening())

    @functools.cached_property
    def license(self) -> License:
        """See tessera.App.license."""
        return License(self._app.license)

    @property
    def store(self) -> Store:
        """The store that open_store() opened. Raises StateError."""
        if self._store is None:
            raise StateError(
                "the store is not open yet; await open_store() first", ErrorCode.STATE, "app", retryable=False, detail={}
            )
        return self._store

    async def open_store(
        self, *, passphrase: Text | None = None, app_key: Text | None = None, recovery_key: Text | None = None
    ) -> Store:
        """See tessera.App.open_store()."""
        if self._store is None:
            operation = await ended(_native.start_app_store, self._app, passphrase, app_key, recovery_key)
            if self._store is None:  # Nor by another task meanwhile.
                self._store = Store(_store.Store(operation))
        return self._store

    def on_log(self, level: int, sink: Callable[[LogRecord], object]) -> Subscription:
        """See tessera.App.on_log(); records of awaited calls come on a thread of the library."""
        return self._app.on_log(level, sink)


async def probe_hwid(**config: Unpack[HwidConfig]) -> _licensing.Hwid:
    """See tessera.Hwid.probe()."""
    return _licensing.Hwid(await ended(_native.start_probe_hwid, encode(config)))


async def generate_key(type: KeyType = KeyType.ED25519) -> Key:
    """See tessera.Key.generate()."""
    key: Key = await result(_native.start_generate_key, type)
    return key
