"""Plain values that a store gives and takes."""

import dataclasses
import datetime
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from ._config import Text, Time
from ._enum import OpenIntEnum
from ._native import Row
from ._values import moment

Value = None | bool | int | float | str | bytes | bytearray | memoryview
"""What SQL takes; anything else with the buffer protocol does as well. A bool becomes 0 or 1."""
Params: TypeAlias = Sequence[Value] | Row | Mapping[str, Value]
"""By position, or by name."""
Setting = Value | Mapping[str, Any] | Sequence[Any]
"""What Store.put() takes; a dict or list is kept as JSON."""
Commit = Literal["strict", "relaxed"]
"""When a write counts as done: it survives a power cut, or only the end of the process."""


def milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def epoch_ms(time: Time | None) -> int:
    """0 for None."""
    if time is None:
        return 0
    if isinstance(time, int):
        return time * 1000
    if time.tzinfo is None:
        raise ValueError(f"{time!r} has no time zone; give an aware datetime")
    return milliseconds(time.timestamp())


class SlotType(OpenIntEnum):
    """Ways into a store."""

    PASSPHRASE = 1
    APP_KEY = 2
    DEVICE = 3
    PASSPHRASE_DEVICE = 4
    RECOVERY = 5
    KEYSTORE = 6


class Slot(NamedTuple):
    """One way into a store."""

    slot: int
    """Its number, for remove_slot()."""
    type: SlotType
    name: str
    kdf: str
    """How much guessing costs; "" where nothing can be guessed."""
    created_at: datetime.datetime | None
    opened: bool
    """Whether this one opened the store."""


class MigrationStep(NamedTuple):
    """What migrate() did with one step."""

    name: str
    state: str
    """ "applied" now, "present" before, or "pending" in a dry run."""


class AuditEntry(NamedTuple):
    """Something that left the store in the clear."""

    at: datetime.datetime | None
    action: str
    reason: str


class SalvageReport(NamedTuple):
    """What could be read of a damaged store."""

    tables: int
    rows: int
    pages_read: int
    pages_damaged: int
    damaged_tables: list[str]
    """The tables that lack rows."""


class LogEntry(NamedTuple):
    """One record of an encrypted log, or what is wrong in its place."""

    record: bytes | None
    problem: str | None


class CacheEntry(NamedTuple):
    """An answer that has not expired."""

    value: bytes | None
    """None when it is known that there is no value."""
    expires_in: float
    """Seconds."""


class CacheStats(NamedTuple):
    """Size of a space of the cache, and its counters since the store was opened."""

    rows: int
    bytes: int
    hits: int
    misses: int
    evicted: int
    expired: int
    loads: int
    joined_loads: int


class OutboxState(OpenIntEnum):
    """Where an item of the outbox stands."""

    PENDING = 0
    LEASED = 1
    AMBIGUOUS = 2
    DEAD = 3


@dataclasses.dataclass(frozen=True, slots=True)
class OutboxItem:
    """A request that waits in the outbox."""

    id: str
    topic: str
    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    ordering_key: str | None
    idempotency_key: str
    priority: int
    state: OutboxState
    attempts: int
    """Leases so far."""
    created_at: datetime.datetime | None
    not_before: datetime.datetime | None
    lease_until: datetime.datetime | None
    last_error: str | None


class OutboxCounts(NamedTuple):
    """How deep the outbox is, and what became of its items."""

    pending: int
    leased: int
    ambiguous: int
    dead: int
    bytes: int
    delivered: int
    dropped_full: int
    dropped_age: int
    dropped_revoked: int
    next_due: datetime.datetime | None
    """None when nothing waits."""


# From rows of the C ABI.


def slot(row: Row) -> Slot:
    type = SlotType.__members__.get(row["type"].upper(), SlotType(0))
    return Slot(row["slot"], type, row["name"], row["kdf"] or "", moment(row["created_ms"] or 0), row["opened"] != 0)


def audit_entry(row: Row) -> AuditEntry:
    return AuditEntry(moment(row["at_ms"]), row["action"], row["reason"])


def salvage_report(row: Row) -> SalvageReport:
    *counters, damaged_tables = row
    return SalvageReport._make([*counters, json.loads(damaged_tables)])


def cache_entry(row: Row) -> CacheEntry:
    return CacheEntry(None if row["negative"] else row["value"], row["expires_in_ms"] / 1000)


def outbox_item(row: Row) -> OutboxItem:
    return OutboxItem(
        id=row["id"],
        topic=row["topic"],
        method=row["method"],
        url=row["url"],
        headers=json.loads(row["headers_json"] or "{}"),
        body=row["body"] or b"",
        ordering_key=row["ordering_key"],
        idempotency_key=row["idempotency_key"],
        priority=row["priority"],
        state=OutboxState(row["state"]),
        attempts=row["attempts"],
        created_at=moment(row["created_ms"]),
        not_before=moment(row["not_before_ms"] or 0),
        lease_until=moment(row["lease_until_ms"] or 0),
        last_error=row["last_error"],
    )


def outbox_counts(row: Row) -> OutboxCounts:
    *counters, next_due_ms = row
    return OutboxCounts._make([*counters, moment(next_due_ms or 0)])


def outbox_members(
    topic: str,
    url: str,
    *,
    method: str | None = None,
    headers: Mapping[str, str] | None = None,
    body: Text | None = None,
    ordering_key: str | None = None,
    idempotency_key: str | None = None,
    priority: int = 0,
    not_before: Time | None = None,
) -> dict[str, Any]:
    """As the C ABI takes a request."""
    return {
        "topic": topic,
        "method": method,
        "url": url,
        "headers_json": None if headers is None else json.dumps(dict(headers)),
        "ordering_key": ordering_key,
        "idempotency_key": idempotency_key,
        "body": body,
        "priority": priority,
        "not_before_ms": epoch_ms(not_before),
    }
