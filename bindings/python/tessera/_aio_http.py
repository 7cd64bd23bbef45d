"""The API client for asyncio."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Any, Self, Unpack

from . import _http, _native
from ._aio_http_auth import HttpAuth
from ._aio_http_io import HttpEvents, HttpPages, HttpStream
from ._aio_ops import Handle, Opening, Progress, bridge_of, on_loop, result, result_with_progress
from ._aio_store import Store
from ._config import HttpConfig
from ._http import Secrets
from ._http_values import (
    HttpClientEvent,
    HttpDownloaded,
    HttpEventsConfig,
    HttpHead,
    HttpOptions,
    HttpPagesConfig,
)
from ._native import HttpAttempt, HttpResponse, Subscription
from ._values import LogRecord


class HttpClient(Handle):
    """tessera.HttpClient for asyncio: requests run beside each other on the client's own thread and wake the event loop
    together. Use it in an `async with`. Cancelling a task cancels its request."""

    def __init__(
        self, *, secrets: Secrets | None = None, store: Store | None = None, **config: Unpack[HttpConfig]
    ) -> None:
        """See tessera.HttpClient."""
        of_store = None if store is None else store._store
        self._serve(_http.HttpClient(secrets=secrets, store=of_store, **config))

    @classmethod
    def _of(cls, handle: _http.HttpClient) -> Self:
        client = cls.__new__(cls)
        client._serve(handle)
        return client

    def _serve(self, handle: _http.HttpClient) -> None:
        super().__init__(handle)
        self._http = handle
        self._start_send = handle._start_send
        self._at: tuple[asyncio.AbstractEventLoop | None, _native.Bridge | None] = None, None

    async def _send(self, method: str, url: str, options: HttpOptions) -> HttpResponse:
        loop = asyncio.get_running_loop()
        known, bridge = self._at
        if known is not loop or bridge is None:
            bridge = bridge_of(loop)
            self._at = loop, bridge
        waiting: asyncio.Future[HttpResponse] = loop.create_future()
        operation = self._start_send(method, url, options, (bridge, waiting))
        try:
            return await waiting
        except asyncio.CancelledError:
            operation.cancel()
            raise

    def request(self, method: str, url: str, **options: Unpack[HttpOptions]) -> Coroutine[Any, Any, HttpResponse]:
        """See tessera.HttpClient.request()."""
        return self._send(method, url, options)

    def get(self, url: str, **options: Unpack[HttpOptions]) -> Coroutine[Any, Any, HttpResponse]:
        """See tessera.HttpClient.request()."""
        return self._send("GET", url, options)

    def head(self, url: str, **options: Unpack[HttpOptions]) -> Coroutine[Any, Any, HttpResponse]:
        """See tessera.HttpClient.request()."""
        return self._send("HEAD", url, options)

    def post(self, url: str, **options: Unpack[HttpOptions]) -> Coroutine[Any, Any, HttpResponse]:
        """See tessera.HttpClient.post()."""
        return self._send("POST", url, options)

    def put(self, url: str, **options: Unpack[HttpOptions]) -> Coroutine[Any, Any, HttpResponse]:
        """See tessera.HttpClient.request()."""
        return self._send("PUT", url, options)

    def patch(self, url: str, **options: Unpack[HttpOptions]) -> Coroutine[Any, Any, HttpResponse]:
        """See tessera.HttpClient.patch()."""
        return self._send("PATCH", url, options)

    def delete(self, url: str, **options: Unpack[HttpOptions]) -> Coroutine[Any, Any, HttpResponse]:
        """See tessera.HttpClient.request()."""
        return self._send("DELETE", url, options)

    def stream(self, method: str, url: str, **options: Unpack[HttpOptions]) -> Opening[HttpStream]:
        """See tessera.HttpClient.stream()."""

        async def opening() -> HttpStream:
            return HttpStream(await result(self._http._start_stream, method, url, options))

        return Opening(opening())

    async def download(
        self,
        url: str,
        path: str | os.PathLike[str],
        *,
        sha256: str | None = None,
        size: int | None = None,
        max_bytes: int | None = None,
        progress: Progress | None = None,
        **options: Unpack[HttpOptions],
    ) -> HttpDownloaded:
        """See tessera.HttpClient.download(). `progress` is called on the event loop; cancelling the task ends the download,
        and what is here stays for the next one."""
        what = (url, options, os.fspath(path), sha256, size, max_bytes)
        done: HttpDownloaded = await result_with_progress(self._http._start_download, *what, progress=progress)
        return done

    def events(
        self, url: str, *, method: str = "GET", config: HttpEventsConfig | None = None, **options: Unpack[HttpOptions]
    ) -> HttpEvents:
        """See tessera.HttpClient.events()."""
        return HttpEvents(self._http.events(url, method=method, config=config, **options))

    def paginate(
        self, url: str, *, method: str = "GET", config: HttpPagesConfig | None = None, **options: Unpack[HttpOptions]
    ) -> HttpPages:
        """See tessera.HttpClient.paginate()."""
        return HttpPages(self._http.paginate(url, method=method, config=config, **options))

    @property
    def auth(self) -> HttpAuth:
        """The client's credentials."""
        return HttpAuth(self._http.auth)

    def on_attempt(
        self,
        *,
        before: Callable[[HttpAttempt], object] | None = None,
        after: Callable[[HttpHead], object] | None = None,
        signer: bool = False,
    ) -> Subscription:
        """See tessera.HttpClient.on_attempt(): they are called on the client's own thread here too."""
        return self._http.on_attempt(before=before, after=after, signer=signer)

    def on_event(self, function: Callable[[HttpClientEvent], object]) -> Subscription:
        """See tessera.HttpClient.on_event(); `function` is called on the event loop."""
        return self._http.on_event(on_loop(function))

    def state(self) -> dict[str, Any]:
        """See tessera.HttpClient.state(); waits for no network."""
        return self._http.state()

    def reset_breaker(self, host: str | None = None) -> None:
        """See tessera.HttpClient.reset_breaker(); waits for no network."""
        self._http.reset_breaker(host)

    def network_changed(self) -> None:
        """See tessera.HttpClient.network_changed(); waits for no network."""
        self._http.network_changed()

    def metrics(self) -> dict[str, Any]:
        """See tessera.HttpClient.metrics(); a memory read."""
        return self._http.metrics()

    def metrics_text(self) -> str:
        """See tessera.HttpClient.metrics_text(); a memory read."""
        return self._http.metrics_text()

    def on_log(self, level: int, sink: Callable[[LogRecord], object]) -> Subscription:
        """See tessera.HttpClient.on_log()."""
        return self._http.on_log(level, sink)
