"""The encrypted store for asyncio."""

import asyncio
import builtins
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable, Sequence
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, Unpack

from . import _native, _store
from ._aio_ops import Handle, Opening, Progress, ended, result, result_with_progress
from ._config import OutboxRequest, StoreConfig, Text, encode
from ._errors import Error, ErrorCode, NotFoundError, StateError
from ._native import Changes, Row, Subscription
from ._outbox import ALL_STATES
from ._store import Path
from ._store_values import (
    AuditEntry,
    CacheEntry,
    CacheStats,
    Commit,
    LogEntry,
    MigrationStep,
    OutboxCounts,
    OutboxItem,
    OutboxState,
    Params,
    SalvageReport,
    Setting,
    Slot,
    SlotType,
    Value,
    audit_entry,
    cache_entry,
    milliseconds,
    outbox_counts,
    outbox_item,
    outbox_members,
    salvage_report,
)
from ._transaction import Transaction as _Transaction
from ._values import LogRecord

_ROWS_AT_A_TIME = 256
_Record = TypeVar("_Record")


class Rows:
    """tessera.Rows for asyncio: `async for row in store.query(...)`, or `await store.query(...).all()`.

    Starts with its first use. Use it in an `async with` when the loop may end before the rows do.
    """

    def __init__(self, start: Callable[[], Awaitable[_native.Rows]]) -> None:
        """For the package's own use: see Store.query()."""
        self._start = start
        self._rows: _native.Rows | None = None
        self._read: list[Row] = []  # from the last to the next
        self._is_more = True

    async def _fetch(self, max_rows: int) -> None:
        if self._rows is None:
            self._rows = await self._start()
        try:
            rows, self._is_more = await result(self._rows._start_fetch, max_rows)
        except asyncio.CancelledError:
            self._rows.interrupt()  # What was being read is lost; who goes on must hear of it.
            raise
        self._read = rows[::-1]
        if not self._is_more:
            self._rows.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Row:
        while not self._read:
            if not self._is_more:
                raise StopAsyncIteration
            await self._fetch(_ROWS_AT_A_TIME)
        return self._read.pop()

    async def all(self) -> list[Row]:
        """The rows that are left, as a list."""
        return [row async for row in self]

    async def first(self) -> Row | None:
        """The next row, None when there is none; gives the rest up."""
        row = await anext(self, None)
        await self.close()
        return row

    async def one(self) -> Row:
        """The only row. Raises NotFoundError when there is none, StateError when there are more."""
        row = await anext(self, None)
        if row is None:
            raise NotFoundError(
                "the query gave no row, and one was asked for; use first() where none is fine",
                ErrorCode.NOT_FOUND, "store", retryable=False, detail={},
            )  # fmt: skip
        if await anext(self, None) is not None:
            await self.close()
            raise StateError(
                "the query gave several rows, and one was asked for; narrow it, or use first()",
                ErrorCode.STATE, "store", retryable=False, detail={},
            )  # fmt: skip
        return row

    async def close(self) -> None:
        """Gives up the rows that are left. Again is fine."""
        self._read, self._is_more = [], False
        if self._rows is not None:
            self._rows.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class Records(Generic[_Record]):
    """tessera.Records for asyncio."""

    def __init__(self, record: Callable[..., _Record], rows: Rows) -> None:
        """For the package's own use: see Store.query_as()."""
        self._record = record
        self._rows = rows

    async def __aiter__(self) -> AsyncIterator[_Record]:
        async for row in self._rows:
            yield self._record(**row)

    async def all(self) -> list[_Record]:
        """The records that are left, as a list."""
        return [self._record(**row) for row in await self._rows.all()]

    async def first(self) -> _Record | None:
        """The next record, None when there is none; gives the rest up."""
        row = await self._rows.first()
        return None if row is None else self._record(**row)

    async def one(self) -> _Record:
        """The only record. Raises NotFoundError when there is none, StateError when there are more."""
        return self._record(**await self._rows.one())


class Transaction:
    """tessera.Transaction for asyncio; begins when it is entered by `async with`, or awaited. For one task at a time."""

    def __init__(self, begin: Callable[[], Awaitable[_Transaction]]) -> None:
        """For the package's own use: see Store.transaction()."""
        self._begin = begin
        self._begun: _Transaction | None = None
        self._has_ended = False

    @property
    def _tx(self) -> _Transaction:
        if self._begun is None:
            raise StateError(
                "the transaction has not begun; enter it by `async with`", ErrorCode.STATE, "store",
                retryable=False, detail={},
            )  # fmt: skip
        return self._begun

    def transaction(self) -> "Transaction":
        """See tessera.Transaction.transaction()."""

        async def begin() -> _Transaction:
            return self._tx.transaction()

        return Transaction(begin)

    async def execute(self, sql: str, params: Params = ()) -> Changes:
        """See tessera.Transaction.execute()."""
        changes: Changes = await result(self._tx._start_execute, sql, params)
        return changes

    async def execute_many(self, sql: str, rows: Iterable[Sequence[Value] | Row]) -> int:
        """See tessera.Transaction.execute_many()."""
        count: int = await result(self._tx._start_execute_many, sql, rows)
        return count

    def query(self, sql: str, params: Params = ()) -> Rows:
        """See tessera.Transaction.query()."""

        async def start() -> _native.Rows:
            rows: _native.Rows = await result(self._tx._start_query, sql, params)
            return rows

        return Rows(start)

    async def query_all(self, sql: str, params: Params = ()) -> list[Row]:
        """See tessera.Transaction.query_all()."""
        rows: list[Row] = await result(self._tx._start_query_all, sql, params)
        return rows

    async def put(self, key: str, value: Setting) -> None:
        """See tessera.Transaction.put()."""
        await result(self._tx._start_put, key, value)

    async def remove(self, key: str) -> bool:
        """See tessera.Transaction.remove()."""
        return await _found(self._tx._start_remove, key)

    async def enqueue(self, topic: str, url: str, **request: Unpack[OutboxRequest]) -> str:
        """See tessera.Transaction.enqueue()."""
        members = outbox_members(topic, url, **request)
        id: str = await result(self._tx._start_enqueue, members)
        return id

    async def commit(self) -> None:
        """See tessera.Transaction.commit()."""
        self._has_ended = True
        await result(self._tx._start_commit)

    async def rollback(self) -> None:
        """See tessera.Transaction.rollback()."""
        self._has_ended = True
        await result(self._tx._start_rollback)

    def __await__(self) -> Generator[Any, Any, Self]:
        return self.__aenter__().__await__()

    async def __aenter__(self) -> Self:
        if self._begun is None:
            self._begun = await self._begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._has_ended:
            return
        if error is not None:
            await self._undo()
            return
        try:
            await self.commit()
        except asyncio.CancelledError:
            await self._undo()
            raise

    async def _undo(self) -> None:
        """Also when this task is cancelled once more: others wait for the writer."""
        self._has_ended = True
        undoing = asyncio.ensure_future(result(self._tx._start_rollback))
        with contextlib.suppress(Error):
            await asyncio.shield(undoing)


async def _found(start: Callable[..., _native.Op], *arguments: Any) -> bool:
    try:
        await result(start, *arguments)
    except NotFoundError:
        return False
    return True


class Cache:
    """tessera.Cache for asyncio."""

    def __init__(self, cache: _native.Cache) -> None:
        """For the package's own use: see Store.cache()."""
        self._cache = cache

    async def put(self, key: str, value: Text | None, *, ttl: float) -> None:
        """See tessera.Cache.put()."""
        await result(self._cache._start_put, key, value, milliseconds(ttl))

    async def get(self, key: str) -> CacheEntry | None:
        """See tessera.Cache.get()."""
        try:
            (row,) = await result(self._cache._start_get, key)
        except NotFoundError:
            return None
        return cache_entry(row)

    async def remove(self, key: str) -> None:
        """See tessera.Cache.remove()."""
        await result(self._cache._start_remove, key)

    async def clear(self) -> None:
        """See tessera.Cache.clear()."""
        await result(self._cache._start_clear)

    async def stats(self) -> CacheStats:
        """See tessera.Cache.stats()."""
        (row,) = await result(self._cache._start_stats)
        return CacheStats(*row)


class Outbox:
    """tessera.Outbox for asyncio."""

    def __init__(self, outbox: _native.Outbox) -> None:
        """For the package's own use: see Store.outbox."""
        self._outbox = outbox

    async def enqueue(self, topic: str, url: str, **request: Unpack[OutboxRequest]) -> str:
        """See tessera.Outbox.enqueue()."""
        members = outbox_members(topic, url, **request)
        id: str = await result(self._outbox._start_enqueue, members)
        return id

    async def lease(self, topic: str | None = None, *, max_items: int = 10) -> builtins.list[OutboxItem]:
        """See tessera.Outbox.lease()."""
        return [outbox_item(row) for row in await result(self._outbox._start_lease, topic, max_items)]

    async def complete(self, item: OutboxItem) -> None:
        """See tessera.Outbox.complete()."""
        await result(self._outbox._start_complete, item.id, item.attempts)

    async def fail(self, item: OutboxItem, reason: str, *, permanent: bool = False, retry_after: float = 0) -> None:
        """See tessera.Outbox.fail()."""
        await result(self._outbox._start_fail, item.id, item.attempts, reason, permanent, milliseconds(retry_after))

    async def extend(self, item: OutboxItem, lease: float) -> None:
        """See tessera.Outbox.extend()."""
        await result(self._outbox._start_extend, item.id, item.attempts, milliseconds(lease))

    async def retry(self, id: str) -> None:
        """See tessera.Outbox.retry()."""
        await result(self._outbox._start_retry, id)

    async def remove(self, id: str) -> None:
        """See tessera.Outbox.remove()."""
        await result(self._outbox._start_remove, id)

    async def revoke(self, topic: str) -> int:
        """See tessera.Outbox.revoke()."""
        count: int = await result(self._outbox._start_revoke, topic)
        return count

    async def list(self, state: OutboxState | None = None, *, max_items: int = 1000) -> builtins.list[OutboxItem]:
        """See tessera.Outbox.list()."""
        wanted = ALL_STATES if state is None else state
        return [outbox_item(row) for row in await result(self._outbox._start_list, wanted, max_items)]

    async def counts(self) -> OutboxCounts:
        """See tessera.Outbox.counts()."""
        (row,) = await result(self._outbox._start_counts)
        return outbox_counts(row)


class Store(Handle):
    """tessera.Store for asyncio; use it in an `async with`. Files and logs that are encrypted piece by piece are those of
    the synchronous class."""

    def __init__(self, handle: _store.Store) -> None:
        """For the package's own use: see open(), App.open_store() and for_tenant()."""
        super().__init__(handle)
        self._store = handle

    @classmethod
    def open(
        cls,
        *,
        passphrase: Text | None = None,
        app_key: Text | None = None,
        recovery_key: Text | None = None,
        **config: Unpack[StoreConfig],
    ) -> Opening[Self]:
        """See tessera.Store.open()."""

        async def opening() -> Self:
            secrets = (passphrase, app_key, recovery_key)
            store = _store.Store(await ended(_native.start_open_store, encode(config), *secrets))
            store._opened()
            return cls(store)

        return Opening(opening())

    @staticmethod
    async def salvage(
        path: Path,
        *,
        config: StoreConfig,
        passphrase: Text | None = None,
        app_key: Text | None = None,
        recovery_key: Text | None = None,
        progress: Progress | None = None,
    ) -> SalvageReport:
        """See tessera.Store.salvage()."""
        (row,) = await result_with_progress(
            _native.start_salvage_store, encode(config), passphrase, app_key, recovery_key, os.fspath(path),
            progress=progress,
        )  # fmt: skip
        return salvage_report(row)

    @staticmethod
    async def erase(**config: Unpack[StoreConfig]) -> None:
        """See tessera.Store.erase()."""
        await result(_native.start_erase_store, encode(config))

    @property
    def blocking(self) -> _store.Store:
        """The synchronous store behind this one, for what has no awaited form; its calls block."""
        return self._store

    def for_tenant(self, tenant: str) -> "Store":
        """See tessera.Store.for_tenant()."""
        return Store(self._store.for_tenant(tenant))

    async def declare_tenant(self, table: str, column: str) -> None:
        """See tessera.Store.declare_tenant()."""
        await result(self._store._start_declare_tenant, table, column)

    def on_log(self, level: int, sink: Callable[[LogRecord], object]) -> Subscription:
        """See tessera.Store.on_log(); records of awaited calls come on a thread of the library."""
        return self._store.on_log(level, sink)

    # SQL.

    async def execute(
        self, sql: str, params: Params = (), *, commit: Commit | None = None, timeout: float | None = None
    ) -> Changes:
        """See tessera.Store.execute()."""
        changes: Changes = await result(self._store._start_execute, sql, params, commit, timeout)
        return changes

    async def execute_many(
        self, sql: str, rows: Iterable[Sequence[Value] | Row], *, commit: Commit | None = None, timeout: float | None = None
    ) -> int:
        """See tessera.Store.execute_many()."""
        count: int = await result(self._store._start_execute_many, sql, rows, commit, timeout)
        return count

    async def execute_script(self, sql: str, *, commit: Commit | None = None, timeout: float | None = None) -> None:
        """See tessera.Store.execute_script()."""
        await result(self._store._start_execute_script, sql, commit, timeout)

    def query(self, sql: str, params: Params = (), *, timeout: float | None = None) -> Rows:
        """See tessera.Store.query()."""

        async def start() -> _native.Rows:
            rows: _native.Rows = await result(self._store._start_query, sql, params, timeout)
            return rows

        return Rows(start)

    def query_as(
        self, record: Callable[..., _Record], sql: str, params: Params = (), *, timeout: float | None = None
    ) -> Records[_Record]:
        """See tessera.Store.query_as()."""
        return Records(record, self.query(sql, params, timeout=timeout))

    async def query_all(self, sql: str, params: Params = (), *, timeout: float | None = None) -> builtins.list[Row]:
        """See tessera.Store.query_all()."""
        rows: list[Row] = await result(self._store._start_query_all, sql, params, timeout)
        return rows

    def transaction(self, *, commit: Commit | None = None, timeout: float | None = None) -> Transaction:
        """See tessera.Store.transaction()."""

        async def begin() -> _Transaction:
            return _Transaction(await ended(_native.start_begin, self._store, commit, timeout))

        return Transaction(begin)

    async def migrate(self, steps: Iterable[tuple[str, str]], *, dry_run: bool = False) -> builtins.list[MigrationStep]:
        """See tessera.Store.migrate()."""
        return [MigrationStep(*row) for row in await result(self._store._start_migrate, [*steps], dry_run)]

    # Settings.

    async def put(self, key: str, value: Setting, *, commit: Commit | None = None) -> None:
        """See tessera.Store.put()."""
        await result(self._store._start_put, key, value, commit)

    async def get(self, key: str, default: Any = None) -> Any:
        """See tessera.Store.get()."""
        try:
            return await result(self._store._start_get, key)
        except NotFoundError:
            return default

    async def remove(self, key: str, *, commit: Commit | None = None) -> bool:
        """See tessera.Store.remove()."""
        return await _found(self._store._start_remove, key, commit)

    async def list(self, prefix: str = "") -> dict[str, Any]:
        """See tessera.Store.list()."""
        settings: dict[str, Any] = await result(self._store._start_list, prefix)
        return settings

    def watch(self, prefix: str, callback: Callable[[str], object]) -> Subscription:
        """See tessera.Store.watch(); `callback` is called on the running event loop."""
        loop = asyncio.get_running_loop()

        def changed(key: str) -> None:
            with contextlib.suppress(RuntimeError):  # The loop was closed.
                loop.call_soon_threadsafe(callback, key)

        return self._store.watch(prefix, changed)

    def cache(self, space: str) -> Cache:
        """See tessera.Store.cache()."""
        return Cache(self._store.cache(space))

    @property
    def outbox(self) -> Outbox:
        """See tessera.Store.outbox."""
        return Outbox(self._store.outbox)

    # Ways in.

    def slots(self) -> builtins.list[Slot]:
        """See tessera.Store.slots(); it reads memory, and so is no coroutine."""
        return self._store.slots()

    async def add_slot(self, type: SlotType, *, passphrase: Text | None = None, app_key: Text | None = None) -> None:
        """See tessera.Store.add_slot()."""
        await result(self._store._start_add_slot, type, passphrase, app_key)

    async def remove_slot(self, slot: int) -> None:
        """See tessera.Store.remove_slot()."""
        await result(self._store._start_remove_slot, slot)

    async def change_passphrase(self, old: Text, new: Text) -> None:
        """See tessera.Store.change_passphrase()."""
        await result(self._store._start_change_passphrase, old, new)

    async def create_recovery_key(self) -> str:
        """See tessera.Store.create_recovery_key()."""
        key: str = await result(self._store._start_create_recovery_key)
        return key

    @property
    def has_recovery_key(self) -> bool:
        """See tessera.Store.has_recovery_key."""
        return self._store.has_recovery_key

    @property
    def protection(self) -> SlotType | None:
        """See tessera.Store.protection."""
        return self._store.protection

    async def rebind_device(self) -> None:
        """See tessera.Store.rebind_device()."""
        await result(self._store._start_rebind_device)

    async def rotate_data_key(
        self,
        *,
        passphrase: Text | None = None,
        app_key: Text | None = None,
        recovery_key: Text | None = None,
        drop_slots: bool = False,
        progress: Progress | None = None,
    ) -> None:
        """See tessera.Store.rotate_data_key()."""
        await result_with_progress(
            self._store._start_rotate_data_key, passphrase, app_key, recovery_key, drop_slots, progress=progress
        )

    async def export_data_key(self, reason: str) -> str:
        """See tessera.Store.export_data_key()."""
        key: str = await result(self._store._start_export_data_key, reason)
        return key

    # Care.

    async def backup(self, path: Path, *, progress: Progress | None = None) -> None:
        """See tessera.Store.backup()."""
        await result_with_progress(self._store._start_backup, os.fspath(path), progress=progress)

    async def compact(self, *, progress: Progress | None = None) -> None:
        """See tessera.Store.compact()."""
        await result_with_progress(self._store._start_compact, progress=progress)

    async def export(
        self,
        path: Path,
        *,
        passphrase: Text | None = None,
        app_key: Text | None = None,
        progress: Progress | None = None,
    ) -> None:
        """See tessera.Store.export()."""
        await result_with_progress(
            self._store._start_export, os.fspath(path), passphrase, app_key, progress=progress
        )

    async def export_plain(self, path: Path, *, reason: str, progress: Progress | None = None) -> None:
        """See tessera.Store.export_plain()."""
        await result_with_progress(self._store._start_export_plain, os.fspath(path), reason, progress=progress)

    async def import_store(
        self,
        path: Path,
        *,
        passphrase: Text | None = None,
        app_key: Text | None = None,
        recovery_key: Text | None = None,
        progress: Progress | None = None,
    ) -> None:
        """See tessera.Store.import_store()."""
        await self._import(path, _native.IMPORT_TESSERA, passphrase, app_key, recovery_key, progress)

    async def import_plain(self, path: Path, *, progress: Progress | None = None) -> None:
        """See tessera.Store.import_plain()."""
        await self._import(path, _native.IMPORT_PLAIN, None, None, None, progress)

    async def import_sqlcipher(
        self,
        path: Path,
        *,
        passphrase: Text | None = None,
        app_key: Text | None = None,
        progress: Progress | None = None,
    ) -> None:
        """See tessera.Store.import_sqlcipher()."""
        await self._import(path, _native.IMPORT_SQLCIPHER, passphrase, app_key, None, progress)

    async def _import(
        self,
        path: Path,
        kind: int,
        passphrase: Text | None,
        app_key: Text | None,
        recovery_key: Text | None,
        progress: Progress | None,
    ) -> None:
        start = self._store._start_import
        await result_with_progress(
            start, os.fspath(path), kind, passphrase, app_key, recovery_key, progress=progress
        )

    async def check(self, *, progress: Progress | None = None) -> builtins.list[str]:
        """See tessera.Store.check()."""
        return [row["problem"] for row in await result_with_progress(self._store._start_check, progress=progress)]

    async def stats(self) -> dict[str, Any]:
        """See tessera.Store.stats()."""
        stats: dict[str, Any] = await result(self._store._start_stats)
        return stats

    async def audit(self) -> builtins.list[AuditEntry]:
        """See tessera.Store.audit()."""
        return [audit_entry(row) for row in await result(self._store._start_audit)]

    # Encrypted files.

    async def put_sealed(self, path: Path, data: Text) -> None:
        """See tessera.Store.put_sealed()."""
        await result(self._store._start_put_sealed, os.fspath(path), data)

    async def get_sealed(self, path: Path) -> bytes:
        """See tessera.Store.get_sealed()."""
        data: bytes = await result(self._store._start_get_sealed, os.fspath(path))
        return data

    async def read_log(self, path: Path) -> builtins.list[LogEntry]:
        """See tessera.Store.read_log()."""
        return [LogEntry(*row) for row in await result(self._store._start_read_log, os.fspath(path))]
