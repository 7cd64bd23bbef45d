"""The API client."""

import json
import logging
import os
from collections.abc import Callable, Mapping
from typing import Any, Self, Unpack

from . import _log, _native
from ._config import HttpConfig, Text, encode
from ._http_auth import HttpAuth
from ._http_values import (
    HttpClientEvent,
    HttpDownloaded,
    HttpEventsConfig,
    HttpHead,
    HttpOptions,
    HttpPagesConfig,
)
from ._lifetime import Closing
from ._native import HttpAttempt, HttpEvents, HttpPages, HttpResponse, HttpStream, Subscription
from ._values import LogLevel

Secrets = Mapping[str, Text]


class HttpClient(_native.HttpClient, Closing):
    """An API client for one backend, for the life of the application: keeps connections, counts failures, caches and
    retries. Safe from any thread; use it in a `with`.

    An answer of the server is a response, also 404 and 500; an exception means that there is none: NetworkError,
    TimeoutError, UntrustedError, ProtocolError, UnavailableError (the breaker is open, the machine offline, or the server
    said when to come back), UnauthorizedError, LimitError (too large), BusyError (too many wait). All but the last three
    are a ConnectionError or TimeoutError too.
    """

    def __init__(
        self, *, secrets: Secrets | None = None, store: _native.Store | None = None, **config: Unpack[HttpConfig]
    ) -> None:
        """No network, no thread. `secrets` are "private_key", "private_key:<match>" (PEM) and "proxy:<host>:<port>"
        ("user:password"). `store`, which is not that of a tenant, keeps responses and what the breakers learnt over a
        restart, encrypted. docs/reference/http-config.md explains all other members. Raises ArgError, StateError and
        IoError (of the store)."""
        _native.HttpClient.__init__(self, encode(config), None if secrets is None else dict(secrets), store)
        self._begin()
        self._opened()

    @classmethod
    def _of_app(cls, app: "_native.App", secrets: Secrets | None) -> Self:
        """The application closes it."""
        client = cls.__new__(cls)
        _native.HttpClient.__init__(client, app, None if secrets is None else dict(secrets))
        client._begin()
        return client

    def _begin(self) -> None:
        # Each call has a DEBUG record, which costs more than the call itself.
        is_wanted = logging.getLogger("tessera.http").isEnabledFor(logging.DEBUG)
        self._log = self._log_to(LogLevel.TRACE if is_wanted else LogLevel.INFO, _log.emit)

    def request(self, method: str, url: str, **options: Unpack[HttpOptions]) -> HttpResponse:
        """Sends a request and waits for its response. `url` is absolute, or below the client's `base_url`."""
        return self._send(method, url, options)

    def get(self, url: str, **options: Unpack[HttpOptions]) -> HttpResponse:
        """See request()."""
        return self._send("GET", url, options)

    def head(self, url: str, **options: Unpack[HttpOptions]) -> HttpResponse:
        """See request()."""
        return self._send("HEAD", url, options)

    def post(self, url: str, **options: Unpack[HttpOptions]) -> HttpResponse:
        """See request(). Is not repeated once it may have arrived, unless it has an `idempotency_key`."""
        return self._send("POST", url, options)

    def put(self, url: str, **options: Unpack[HttpOptions]) -> HttpResponse:
        """See request()."""
        return self._send("PUT", url, options)

    def patch(self, url: str, **options: Unpack[HttpOptions]) -> HttpResponse:
        """See request(). Is not repeated once it may have arrived, unless it has an `idempotency_key`."""
        return self._send("PATCH", url, options)

    def delete(self, url: str, **options: Unpack[HttpOptions]) -> HttpResponse:
        """See request()."""
        return self._send("DELETE", url, options)

    def stream(self, method: str, url: str, **options: Unpack[HttpOptions]) -> HttpStream:
        """Sends a request and waits for the head of its response, whatever its status: iterate for the body, which may
        have any size unless there is `max_body_bytes`. Raises as request()."""
        return self._stream(method, url, options)

    def download(
        self,
        url: str,
        path: str | os.PathLike[str],
        *,
        sha256: str | None = None,
        size: int | None = None,
        max_bytes: int | None = None,
        progress: Callable[[int, int], object] | None = None,
        **options: Unpack[HttpOptions],
    ) -> HttpDownloaded:
        """Gets a file that is whole or not there: it gets its name when `size` and `sha256` (64 hexadecimal digits) fit.
        Goes on where an earlier download of the same URL stopped, and where the connection breaks.

        `progress(done, total)` is called on a thread of the library; what it raises ends the download and comes out here.
        `timeout` holds for all of it. Raises as request(), ProtocolError (another size or digest, or no file), LimitError
        (larger than `max_bytes`), NotFoundError and PermissionError (the server says so, or the disk), IoError,
        DiskFullError, BusyError (another download writes the same file).
        """
        return self._download(url, options, os.fspath(path), sha256, size, max_bytes, progress)

    def events(
        self, url: str, *, method: str = "GET", config: HttpEventsConfig | None = None, **options: Unpack[HttpOptions]
    ) -> HttpEvents:
        """Opens a stream of server-sent events; whether that works is told by the first event. Its `timeout` and `cache`
        do not count. Raises ArgError, StateError (closed), ForkedError."""
        return self._events(method, url, options, encode(config or {}))

    def paginate(
        self, url: str, *, method: str = "GET", config: HttpPagesConfig | None = None, **options: Unpack[HttpOptions]
    ) -> HttpPages:
        """The pages of a list, which are linked unless `config` says otherwise; the options are those of each page.
        No network. Raises ArgError, ForkedError."""
        return self._paginate(method, url, options, encode(config or {}))

    @property
    def auth(self) -> HttpAuth:
        """The client's credentials."""
        return HttpAuth(self)

    def on_attempt(
        self,
        *,
        before: Callable[[HttpAttempt], object] | None = None,
        after: Callable[[HttpHead], object] | None = None,
        signer: bool = False,
    ) -> Subscription:
        """Calls `before` with each attempt that is about to be sent, to which it may add header fields, and `after` with
        each head that comes, until the Subscription is cancelled or collected. `signer` is called after everybody else:
        it sees what is sent, credentials too.

        They run on the client's own thread, which does all of its I/O: what takes long belongs elsewhere. What they raise
        goes to sys.unraisablehook, and when `before` raises, the request raises CallbackError and nothing is sent.
        Raises ArgError (neither is given), ForkedError.
        """
        return self._on_attempt(before, after, signer)

    def on_event(self, function: Callable[[HttpClientEvent], object]) -> Subscription:
        """Calls `function` with each change, in order, on a thread of the library, until the Subscription is cancelled or
        collected. What it raises goes to sys.unraisablehook. Raises ForkedError."""
        return self._on_event(function)

    def metrics(self) -> dict[str, Any]:
        """Counters and latencies of each route. Raises ForkedError."""
        metrics: dict[str, Any] = json.loads(self._metrics(_native.HTTP_METRICS_JSON))
        return metrics

    def metrics_text(self) -> str:
        """As metrics(), as Prometheus reads them."""
        return self._metrics(_native.HTTP_METRICS_PROMETHEUS)

    def __repr__(self) -> str:
        return f"<tessera.HttpClient {id(self):#x}>"
