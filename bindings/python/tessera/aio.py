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
from ._aio_delivery import Delivery
from ._aio_http import HttpClient
from ._aio_http_auth import HttpAuth
from ._aio_http_io import HttpEvents, HttpPages, HttpStream, HttpUpload
from ._aio_ops import Handle, Opening, ended, result
from ._aio_store import Cache, Outbox, Records, Rows, Store, Transaction
from ._config import AppConfig, HwidConfig, Text, encode
from ._errors import ErrorCode, StateError
from ._http import Secrets
from ._native import Key, Subscription, Verdict
from ._values import KeyType, LogRecord, MeterReading

__all__ = [
    "App",
    "Cache",
    "Delivery",
    "HttpAuth",
    "HttpClient",
    "HttpEvents",
    "HttpPages",
    "HttpStream",
    "HttpUpload",
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

    async def activate(
        self, license_key: Text | None = None, *, note: Text | None = None, account_token: Text | None = None
    ) -> Verdict:
        """See tessera.License.activate()."""
        verdict: Verdict = await result(self._license._start_activate, license_key, note, account_token)
        return verdict

    async def sync(self) -> Verdict:
        """See tessera.License.sync()."""
        verdict: Verdict = await result(self._license._start_sync)
        return verdict

    async def renew(self) -> Verdict:
        """See tessera.License.renew()."""
        verdict: Verdict = await result(self._license._start_renew)
        return verdict

    async def heartbeat(self) -> Verdict:
        """See tessera.License.heartbeat()."""
        verdict: Verdict = await result(self._license._start_heartbeat)
        return verdict

    async def deactivate_online(self) -> Verdict:
        """See tessera.License.deactivate_online()."""
        verdict: Verdict = await result(self._license._start_deactivate_online)
        return verdict

    async def confirm_clock(self) -> Verdict:
        """See tessera.License.confirm_clock()."""
        verdict: Verdict = await result(self._license._start_confirm_clock)
        return verdict

    async def fetch_lists(self) -> Verdict:
        """See tessera.License.fetch_lists()."""
        verdict: Verdict = await result(self._license._start_fetch_lists)
        return verdict

    async def meter_add(self, name: str, amount: int) -> MeterReading:
        """See tessera.License.meter_add()."""
        reading: MeterReading = await result(self._license._start_meter_add, name, amount)
        return reading

    def on_log(self, level: int, sink: Callable[[LogRecord], object]) -> Subscription:
        """See tessera.License.on_log(); records of awaited calls come on the event loop."""
        return self._license.on_log(level, sink)


class App(Handle):
    """tessera.App for asyncio; use it in an `async with`."""

    def __init__(self, handle: _licensing.App) -> None:
        """For the package's own use: see open()."""
        super().__init__(handle)
        self._app = handle
        self._store: Store | None = None
        self._http: HttpClient | None = None

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

    @property
    def http(self) -> HttpClient:
        """See tessera.App.http."""
        return self.open_http()

    def open_http(self, *, secrets: Secrets | None = None) -> HttpClient:
        """See tessera.App.open_http(); no network, and so no coroutine."""
        if self._http is None:
            self._http = HttpClient._of(self._app.open_http(secrets=secrets))
        return self._http

    def on_log(self, level: int, sink: Callable[[LogRecord], object]) -> Subscription:
        """See tessera.App.on_log(); records of awaited calls come on the event loop."""
        return self._app.on_log(level, sink)


async def probe_hwid(**config: Unpack[HwidConfig]) -> _licensing.Hwid:
    """See tessera.Hwid.probe()."""
    return _licensing.Hwid(await ended(_native.start_probe_hwid, encode(config)))


async def generate_key(type: KeyType = KeyType.ED25519) -> Key:
    """See tessera.Key.generate()."""
    key: Key = await result(_native.start_generate_key, type)
    return key
