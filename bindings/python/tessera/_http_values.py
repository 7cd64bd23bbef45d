"""What requests of an API client take and what their responses hold."""

import builtins
import datetime
import json
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypedDict

from ._config import Text
from ._enum import OpenIntEnum
from ._errors import Error, ErrorCode
from ._values import moment

if TYPE_CHECKING:
    from ._native import HttpForm, HttpResponse, HttpUpload

QueryValue = str | int | float | bool | None
Query = Mapping[str, QueryValue | Sequence[QueryValue]] | Sequence[tuple[str, QueryValue | Sequence[QueryValue]]]
"""Parameters of a URL. A list is a parameter several times, None is left out, a bool is "true" or "false"."""
Fields = Mapping[str, str] | Sequence[tuple[str, str]]
Form = Mapping[str, Any]

_RETRYABLE = frozenset({408, 425, 429, 500, 502, 503, 504})


class HttpOptions(TypedDict, total=False):
    """What a request takes beside its method and URL. None is the default."""

    query: Query | None
    headers: Fields | None
    """Instead of the client's own of that name."""
    json: Any
    """Is sent as JSON, unless it is None."""
    data: Text | Form | None
    """Is sent as it is; a mapping as a form."""
    timeout: float | None
    """Seconds until it fails for good, retries included."""
    attempt_timeout: float | None
    """Seconds for each attempt."""
    max_attempts: int | None
    cache: Literal["default", "no_store", "refresh", "only_if_cached"] | None
    """"no_store": neither read nor kept; "refresh": asked for again, and kept; "only_if_cached": never asked for, 504
    when it is not there."""
    max_age: float | None
    """No response from the cache that is older, in seconds."""
    idempotency_key: str | None
    """Makes any method safe to repeat, if the server knows such keys."""
    partition: str | None
    """Whose responses the cache keeps these as, such as an account."""
    background: bool | None
    """Nobody waits: it goes behind requests for which somebody does."""
    skip_auth: bool | None
    """Without the client's credentials."""
    skip_breaker: bool | None
    """Sent although the breaker is open."""
    trace: bool | None
    """Collects what each policy did, for HttpResponse.trace."""
    follow_redirects: bool | int | None
    """False for none, or how many at most."""
    max_body_bytes: int | None
    """Of the response, decoded."""
    upload: "HttpUpload | None"
    """A body that is written while it is sent. Such a request is sent once."""
    form: "HttpForm | None"


class HttpEventsConfig(TypedDict, total=False):
    """What HttpClient.events() takes beside its request: docs/reference/http-config.md."""

    reconnects: bool
    retry_ms: int
    max_retry_ms: int
    reset_after_ms: int
    idle_ms: int
    max_event_bytes: int
    max_queued: int
    last_event_id: str


class HttpPagesConfig(TypedDict, total=False):
    """What HttpClient.paginate() takes beside its request: docs/reference/http-config.md."""

    kind: Literal["link", "cursor", "token", "page"]
    parameter: str
    cursor: str
    items: str
    start: int
    max_pages: int


class HttpEvent(NamedTuple):
    """One server-sent event."""

    id: str | None
    """The last id that the server gave, with this event or before it: `last_event_id` of a later stream."""
    type: str
    """"message" unless the server says otherwise."""
    data: str
    """What it says; lines are separated by "\\n"."""
    retry: float | None
    """Seconds that the server wants its clients to wait before they come back, which the stream does by itself."""


class HttpDownloaded(NamedTuple):
    """What a download did."""

    bytes: int
    """Of the file."""
    resumed_from: int
    """Bytes that an earlier download had left."""
    resumes: int
    """How often this one went on after it broke off."""


class HttpEventKind(OpenIntEnum):
    """What changed for a client."""

    CONNECTIVITY = 0
    """"online", "offline", "captive"."""
    BREAKER = 1
    """Of an origin: "closed", "open" (until when), "half_open"."""
    LIMITER = 2
    """The server's word for an origin: "throttled", "background_throttled" (until when)."""
    QUEUE = 3
    """Requests under way, at a mark of `queue_marks`: "above", "below" half of it."""
    AUTH = 4
    """"reauthorise"."""
    PROXY = 5
    """Of a proxy: "bad" (until when), "good"."""


class HttpClientEvent(NamedTuple):
    """One change, as HttpClient.on_event() tells it."""

    kind: HttpEventKind
    subject: str
    """An origin, or a proxy's URL without credentials; empty: the client as a whole."""
    state: str
    """See the kinds."""
    until: datetime.datetime | None
    mark: int | None
    """Of HttpEventKind.QUEUE."""


class HttpHead(NamedTuple):
    """The head of a response, also of one that the caller does not get, as when the request is sent again."""

    method: str
    url: str
    headers: "HttpHeaders"
    attempt: int
    """1: the first of its request."""
    status: int


class HttpTimings(NamedTuple):
    """Seconds from the start of the last attempt until something had happened; None for what did not, as on a connection
    that was there."""

    resolved: float | None
    """The name had an address."""
    connected: float | None
    secured: float | None
    """TLS stood."""
    sent: float | None
    """The request's head had been sent."""
    first_byte: float | None
    ended: float | None
    """The response was complete."""


class HttpTrace(NamedTuple):
    """What one policy did with a request."""

    at: float
    """Seconds since the request began."""
    stage: str
    """"cache", "breaker", "limiter", "attempt", "retry", "redirect" or "auth"."""
    text: str


class HttpProblem(NamedTuple):
    """An error that the server describes (RFC 9457)."""

    type: str
    title: str | None
    detail: str | None
    instance: str | None
    status: int | None
    extensions: dict[str, Any]


class HttpHeaders(Mapping[str, str]):
    """Header fields; names compare without case. A field that came several times is joined by ", "."""

    def __init__(self, fields: Sequence[tuple[str, str]] = ()) -> None:
        self.fields = tuple(fields)
        """Every field as it came, in its order."""
        self._values: dict[str, str] = {}
        for name, value in self.fields:
            known = self._values.get(name.lower())
            self._values[name.lower()] = value if known is None else f"{known}, {value}"

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def get_list(self, name: str) -> list[str]:
        """Every value of that name, which matters for Set-Cookie."""
        wanted = name.lower()
        return [value for each, value in self.fields if each.lower() == wanted]

    def __repr__(self) -> str:
        return f"<tessera.HttpHeaders {', '.join(self._values)}>"  # Values may be secret.


class HttpStatusError(Error, builtins.OSError):
    """A response has a status of 400 or more: what HttpResponse.raise_for_status() raises, and nothing else. Its `code`
    is UNAVAILABLE when the same request may work later, else ARG."""

    response: "HttpResponse"

    def __init__(self, text: str, response: "HttpResponse") -> None:
        is_retryable = response.status in _RETRYABLE
        code = ErrorCode.UNAVAILABLE if is_retryable else ErrorCode.ARG
        super().__init__(text, code, "http", is_retryable, {"status": response.status})
        self.response = response

    def __reduce__(self) -> tuple[Any, ...]:
        # A response stays in its process.
        return Error, (str(self), int(self.code), self.domain, self.retryable, self.detail)


def json_body(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def form_body(form: object) -> bytes:
    if not isinstance(form, Mapping):
        raise TypeError(f"data must be bytes, str or a mapping that is sent as a form, not {type(form).__name__}")
    return urllib.parse.urlencode(form, doseq=True).encode()


def http_event(id: str | None, type: str, data: str, retry_ms: int) -> HttpEvent:
    return HttpEvent(id, type, data, None if retry_ms < 0 else retry_ms / 1000)


def client_event(kind: int, subject: str, state: str, until_ms: int, mark: int) -> HttpClientEvent:
    what = HttpEventKind(kind)
    return HttpClientEvent(what, subject, state, moment(until_ms), mark if what == HttpEventKind.QUEUE else None)


def status_error(response: "HttpResponse") -> HttpStatusError:
    url = urllib.parse.urlsplit(response.url)  # A query may hold secrets.
    problem = response.problem
    title = f" ({problem.title})" if problem is not None and problem.title else ""
    return HttpStatusError(
        f"{url.scheme}://{url.hostname or ''}{url.path} answered {response.status}{title}; "
        "the exception's `response` has what the server says",
        response,
    )
