"""Requests that survive."""

import builtins
from typing import Unpack

from . import _native
from ._config import OutboxRequest
from ._store_values import OutboxCounts, OutboxItem, OutboxState, milliseconds, outbox_counts, outbox_item, outbox_members

ALL_STATES = -1


class Outbox(_native.Outbox):
    """A durable queue of requests inside a store, delivered at least once by who leases them. Safe from any thread."""

    def enqueue(self, topic: str, url: str, **request: Unpack[OutboxRequest]) -> str:
        """Keeps a request, "POST" unless told otherwise, and gives its id; it survives a power cut once this returns.

        `topic` is the application's name for the kind of work. `url` and `headers` must not hold credentials. Items of
        one `ordering_key` go one after another, whatever their topics. A full outbox drops the item of the lowest priority, the oldest first.
        Raises ArgError, LimitError, StateError, IoError, DiskFullError, ForkedError.
        """
        return self._enqueue(outbox_members(topic, url, **request))

    def lease(self, topic: str | None = None, *, max_items: int = 10) -> builtins.list[OutboxItem]:
        """Takes items that are due; for 60 seconds (configurable) nobody else gets them. Without `topic`, of any.

        Raises StateError, IoError, ForkedError.
        """
        return [outbox_item(row) for row in self._lease(topic, max_items)]

    def complete(self, item: OutboxItem) -> None:
        """The leased item was delivered; it goes. Raises StateError (the lease ended, another has it), NotFoundError."""
        self._complete(item.id, item.attempts)

    def fail(self, item: OutboxItem, reason: str, *, permanent: bool = False, retry_after: float = 0) -> None:
        """The leased item was not delivered. It is tried again after a growing, random time, or after `retry_after`
        seconds when the receiver said so; `permanent`, or too many times, makes it dead.

        Raises StateError (the lease ended, another has it), NotFoundError.
        """
        self._fail(item.id, item.attempts, reason, permanent, milliseconds(retry_after))

    def extend(self, item: OutboxItem, lease: float) -> None:
        """Keeps the leased item for `lease` seconds from now. Raises StateError, NotFoundError."""
        self._extend(item.id, item.attempts, milliseconds(lease))

    def list(self, state: OutboxState | None = None, *, max_items: int = 1000) -> builtins.list[OutboxItem]:
        """Items in one state, or in any, oldest first. Raises StateError, IoError, ForkedError."""
        return [outbox_item(row) for row in self._list(ALL_STATES if state is None else state, max_items)]

    def counts(self) -> OutboxCounts:
        """How deep the outbox is. Raises StateError, IoError, ForkedError."""
        (row,) = self._counts()
        return outbox_counts(row)

    def __repr__(self) -> str:
        return f"<tessera.Outbox {id(self):#x}>"
