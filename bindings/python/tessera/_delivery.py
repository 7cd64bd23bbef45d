"""Sends what an outbox holds."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from . import _native
from ._enum import OpenIntEnum
from ._lifetime import CLOSE_TIMEOUT, Closing
from ._store_values import milliseconds


class DeliveryEventKind(OpenIntEnum):
    """What happened."""

    DELIVERED = 0
    """`id` and `topic` say which."""
    DEAD = 1
    """It went to the dead letters: `id`, `topic`, and `text` says why."""
    AMBIGUOUS = 2
    """More are too old for the server to know that it saw them."""
    PAUSED = 3
    """Nothing is sent to `host`, of `topic`, or at all: `reason`, `text`."""
    RESUMED = 4
    """That is over."""
    DEPTH = 5
    """The counters changed."""


class DeliveryPause(OpenIntEnum):
    """Why nothing, or not everything, is sent."""

    OFFLINE = 0
    UNAVAILABLE = 1
    """The host's breaker is open, or it said when to come again."""
    UNAUTHORIZED = 2
    """The account has to be authorised again."""
    BUSY = 3
    """The client has too much to do."""
    CLOSED = 4
    """The client is closed."""
    STORE = 5
    """The store can't be read or written."""
    CONSENT = 6
    """The user has not agreed to the topic."""


class DeliveryEvent(NamedTuple):
    """Something happened to a delivery. Texts may be empty."""

    kind: DeliveryEventKind
    reason: DeliveryPause | None
    """Of a pause, and of its end."""
    id: str
    topic: str
    host: str
    """Of a pause, "https://api.example.com/"; empty: all."""
    text: str
    """For people, without secrets."""
    pending: int
    """Items that wait; this and the next ones of AMBIGUOUS and DEPTH."""
    leased: int
    """Under way."""
    ambiguous: int
    """In doubt."""
    dead: int
    """Dead letters."""


OnEvent = Callable[[DeliveryEvent], object]


class Delivery(_native.Delivery, Closing):
    """Sends what a store's outbox holds through an API client, on a thread of its own, until stop(): at least once, each
    request under its idempotency key, those of an ordering key one after another. One for one outbox.

    An answer of 2xx ends an item, one that would fail again (4xx) makes it a dead letter; the others come back later.
    While the machine is offline, a host is away or the account has to be authorised, nothing is lost. Safe from any
    thread; use it in a `with`, inside those of its store and its client.
    """

    def __init__(
        self,
        store: _native.Store,
        client: _native.HttpClient,
        *,
        concurrency: int = 0,
        lease: float = 0,
        spacing: float | None = None,
        consent_topics: Sequence[str] = (),
        on_event: OnEvent | None = None,
    ) -> None:
        """`concurrency` requests at once, 4 unless told otherwise; `lease` in seconds is how long an item stays taken while
        its request is under way, 60; `spacing` is the time between requests after a pause, 0.1. Nothing of
        `consent_topics` is sent before set_consent(). `on_event` is called on the delivery's own thread, which sends
        nothing meanwhile; what it raises goes to sys.unraisablehook.
        Raises ArgError, StateError (the store is closed), BusyError, ForkedError.
        """
        options = delivery_options(concurrency, lease, spacing, consent_topics)
        _native.Delivery.__init__(self, store, client, *options, on_event)
        self._opened()

    def stop(self, timeout: float = CLOSE_TIMEOUT) -> None:
        """Sends nothing more and lets what is under way end within `timeout` seconds, then cancels it; that stays in the
        outbox. Again is fine. Raises TimeoutError (some were cancelled), StateError (inside `on_event`), ForkedError."""
        self.close(timeout)

    def __repr__(self) -> str:
        return f"<tessera.Delivery {id(self):#x}>"


def delivery_options(
    concurrency: int, lease: float, spacing: float | None, consent_topics: Sequence[str]
) -> tuple[int, int, int, list[str]]:
    if isinstance(consent_topics, str):
        raise TypeError("consent_topics must be a sequence of topics, not one")
    # The C ABI writes "none" as -1 and "the default" as 0.
    spacing_ms = 0 if spacing is None else milliseconds(spacing) or -1
    return concurrency, milliseconds(lease), spacing_ms, list(consent_topics)


def delivery_event(
    kind: int, reason: int, id: str, topic: str, host: str, text: str,
    pending: int, leased: int, ambiguous: int, dead: int,
) -> DeliveryEvent:  # fmt: skip
    what = DeliveryEventKind(kind)
    why = DeliveryPause(reason) if what in (DeliveryEventKind.PAUSED, DeliveryEventKind.RESUMED) else None
    return DeliveryEvent(what, why, id, topic, host, text, pending, leased, ambiguous, dead)
