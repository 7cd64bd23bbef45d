"""The encrypted store."""

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, Self, TypeVar, Unpack

from . import _log, _native
from ._cache import Cache
from ._config import StoreConfig, Text, encode
from ._lifetime import Closing
from ._native import Rows
from ._outbox import Outbox
from ._sealed import SealedLog, SealedReader, SealedWriter
from ._store_values import (
    AuditEntry,
    Commit,
    LogEntry,
    MigrationStep,
    Params,
    SalvageReport,
    Slot,
    SlotType,
    audit_entry,
    salvage_report,
    slot,
)
from ._transaction import Transaction
from ._values import LogLevel

Path = str | os.PathLike[str]
Progress = Callable[[int, int], object]
"""Is called with how much is done and how much there is, 0 while that is unknown; what it raises ends the work and
comes out of the call. It must not use the store."""
Record = TypeVar("Record")


class Records(Generic[Record]):
    """Rows of a query as instances of a class."""

    def __init__(self, record: Callable[..., Record], rows: Rows) -> None:
        """For the package's own use: see Store.query_as()."""
        self._record = record
        self._rows = rows

    def __iter__(self) -> Iterator[Record]:
        record = self._record
        return (record(**row) for row in self._rows)

    def all(self) -> list[Record]:
        """The records that are left, as a list."""
        return list(self)

    def first(self) -> Record | None:
        """The next record, None when there is none; gives the rest up."""
        row = self._rows.first()
        return None if row is None else self._record(**row)

    def one(self) -> Record:
        """The only record. Raises NotFoundError when there is none, StateError when there are more."""
        return self._record(**self._rows.one())

    def close(self) -> None:
        """Gives up the records that are left. Again is fine."""
        self._rows.close()


class Store(_native.Store, Closing):
    """The encrypted store of one user, or that store seen by one tenant. Safe from any thread; use it in a `with`.

    One process opens a store at a time. Everything on disk is encrypted under a random key; slots keep that for those
    who may open it: a passphrase, this device, the operating system's keystore, a recovery key.
    """

    def __init__(self, source: "str | _native.App | _native.Store | _native.Op", *given: Any) -> None:
        """For the package's own use: see open(), App.store and for_tenant()."""
        _native.Store.__init__(self, source, *given)
        # A tenant's handle shares the log of its store, and ends with it.
        self._whole = source if isinstance(source, Store) else None
        self._log = None if self._whole else self.on_log(LogLevel.TRACE, _log.emit)

    @classmethod
    def open(
        cls,
        *,
        passphrase: Text | None = None,
        app_key: Text | None = None,
        recovery_key: Text | None = None,
        **config: Unpack[StoreConfig],
    ) -> Self:
        """Opens a store, and makes it when it is not there. A new one gets a slot for each secret given; with none, one
        of the operating system's keystore where that is present, else of this device.

        `path` is needed; docs/reference/store-config.md explains all members. `detail["reason"]` of what this raises
        tells more: CryptoError (WRONG_KEY, NOT_ENCRYPTED, FOREIGN_FILE, HARDWARE_CHANGED), CorruptError (DAMAGED,
        DATA_MISSING, ROLLED_BACK, SLOTS_OLD), NotFoundError (SLOTS_MISSING, or no store and `create` is False),
        UnsupportedError (NEWER_FORMAT), BusyError (STORE_LOCKED), ArgError, IoError, PermissionError, DiskFullError.
        """
        store = cls(encode(config), passphrase, app_key, recovery_key)
        store._opened()
        return store

    @staticmethod
    def salvage(
        path: Path,
        *,
        config: StoreConfig,
        passphrase: Text | None = None,
        app_key: Text | None = None,
        recovery_key: Text | None = None,
        progress: Progress | None = None,
    ) -> SalvageReport:
        """Reads what can be read of a damaged store into JSON lines at `path`, in the clear, and moves the damaged files
        aside, so that open() makes a new store with the same slots.

        Raises CryptoError, NotFoundError, BusyError, IoError, PermissionError, DiskFullError.
        """
        (row,) = _native.salvage_store(encode(config), passphrase, app_key, recovery_key, os.fspath(path), progress)
        return salvage_report(row)

    @staticmethod
    def erase(**config: Unpack[StoreConfig]) -> None:
        """Destroys a store for good: its slots first, then every file of it. Copies elsewhere keep their ciphertext.

        Raises NotFoundError, BusyError (open), IoError, PermissionError.
        """
        _native.erase_store(encode(config))

    def _closed(self) -> None:
        super()._closed()
        if self._whole is not None:
            self._whole._closed()

    def for_tenant(self, tenant: str) -> "Store":
        """This store seen by one tenant: its SQL reads and writes only rows of `tenant` in tables that were given to
        declare_tenant(). Closing either closes the store. Raises ArgError, StateError, ForkedError."""
        return Store(self, tenant)

    def transaction(self, *, commit: Commit | None = None, timeout: float | None = None) -> Transaction:
        """Begins a write transaction, for a `with`; waits up to `timeout` seconds for other writers.

        Raises BusyError, StateError (closed, or this thread holds one), IoError, ForkedError.
        """
        return Transaction(self, commit, timeout)

    def query_as(
        self, record: Callable[..., Record], sql: str, params: Params = (), *, timeout: float | None = None
    ) -> Records[Record]:
        """As query(), with each row as `record(**row)`: a dataclass, or whatever takes the columns as keywords."""
        return Records(record, self.query(sql, params, timeout=timeout))

    def migrate(self, steps: Iterable[tuple[str, str]], *, dry_run: bool = False) -> list[MigrationStep]:
        """Brings the schema up to the last of `steps`, names with their SQL. Each one that was not applied yet runs in a
        transaction of its own; what was applied before must be here unchanged and in the same order.

        Raises ArgError (a step's SQL), StateError (MIGRATION_CHANGED), UnsupportedError (NEWER_SCHEMA), and as
        execute().
        """
        return [MigrationStep(*row) for row in self._migrate(list(steps), dry_run)]

    def cache(self, space: str) -> Cache:
        """A space of the cache; it need not be there."""
        return Cache(self, space)

    @property
    def outbox(self) -> Outbox:
        """The outbox."""
        return Outbox(self)

    # Ways in.

    def slots(self) -> list[Slot]:
        """What opens the store. Raises StateError, ForkedError."""
        return [slot(row) for row in self._slots()]

    def add_slot(self, type: SlotType, *, passphrase: Text | None = None, app_key: Text | None = None) -> None:
        """Adds a way in, with the secret that it needs; a recovery key comes from create_recovery_key(). There may be
        several passphrases and application keys, and one slot of each other type.

        Raises ArgError, StateError (there is one), LimitError, UnsupportedError (no keystore), IoError.
        """
        self._add_slot(type, passphrase, app_key)

    @property
    def protection(self) -> SlotType | None:
        """The weakest way in: a store that this device alone opens is as safe as the device's hardware identifiers are
        secret, which is little. None when closed."""
        weakest = self._protection()
        return SlotType(weakest) if weakest else None

    # Care.

    def backup(self, path: Path, *, progress: Progress | None = None) -> None:
        """Copies the store while it is used: `path` and, beside it, its slots, so that the copy opens as the store does.
        The copy is verified before it takes the name.

        Raises StateError, BusyError, CorruptError, DiskFullError, IoError, PermissionError, ForkedError.
        """
        self._backup(os.fspath(path), progress)

    def export(
        self,
        path: Path,
        *,
        passphrase: Text | None = None,
        app_key: Text | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Copies everything into a new store at `path`, under a new data key and the given secret, for another person or
        machine. Raises ArgError, and as backup()."""
        self._export(os.fspath(path), passphrase, app_key, progress)

    def export_plain(self, path: Path, *, reason: str, progress: Progress | None = None) -> None:
        """Writes the application's tables into a plain SQLite file that anybody can read. The reason is kept in audit()
        first. Raises ArgError, and as backup()."""
        self._export_plain(os.fspath(path), reason, progress)

    def import_store(
        self,
        path: Path,
        *,
        passphrase: Text | None = None,
        app_key: Text | None = None,
        recovery_key: Text | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Puts a copy of another store, or of a backup with its slots beside it, in the place of this one's content,
        which is kept as "app.tdb.old" until the new one was opened. The source is never changed.

        Raises CryptoError, NotFoundError, and as backup().
        """
        self._import(os.fspath(path), _native.IMPORT_TESSERA, passphrase, app_key, recovery_key, progress)

    def import_plain(self, path: Path, *, progress: Progress | None = None) -> None:
        """As import_store(), from a plain SQLite file."""
        self._import(os.fspath(path), _native.IMPORT_PLAIN, None, None, None, progress)

    def import_sqlcipher(
        self,
        path: Path,
        *,
        passphrase: Text | None = None,
        app_key: Text | None = None,
        progress: Progress | None = None,
    ) -> None:
        """As import_store(), from a file of SQLCipher 1 to 4; `app_key` is its raw key."""
        self._import(os.fspath(path), _native.IMPORT_SQLCIPHER, passphrase, app_key, None, progress)

    def check(self, *, progress: Progress | None = None) -> list[str]:
        """Reads every page and checks its authentication code, the trees, the indexes and the foreign keys; gives the
        problems, none when the store is sound. Raises StateError, BusyError, IoError, ForkedError."""
        return [row["problem"] for row in self._check(progress)]

    def audit(self) -> list[AuditEntry]:
        """What was exported in the clear and when. Raises StateError, IoError, ForkedError."""
        return [audit_entry(row) for row in self._audit()]

    # Encrypted files.

    def create_sealed(self, path: Path, *, resume: bool = False) -> SealedWriter:
        """Starts an encrypted file, as a file to write; `resume` goes on with an unfinished one.

        Raises CryptoError (another store's), CorruptError, StateError, IoError, PermissionError, ForkedError.
        """
        return SealedWriter(self, path, resume)

    def open_sealed(self, path: Path) -> SealedReader:
        """Opens an encrypted file of this store, as a file to read; a truncated one is found here.

        Raises NotFoundError, CorruptError (DAMAGED), CryptoError (WRONG_KEY), UnsupportedError (NEWER_FORMAT),
        StateError, IoError, PermissionError, ForkedError.
        """
        return SealedReader(self, path)

    def put_sealed(self, path: Path, data: Text) -> None:
        """Writes a whole encrypted file. Raises StateError, IoError, PermissionError, DiskFullError, ForkedError."""
        self._put_sealed(os.fspath(path), data)

    def get_sealed(self, path: Path) -> bytes:
        """Reads a whole encrypted file, 1 GiB at most. Raises as open_sealed(), LimitError."""
        return self._get_sealed(os.fspath(path))

    def open_log(self, path: Path, *, max_file_bytes: int = 0, max_files: int = 0) -> SealedLog:
        """Opens an encrypted log for appending, by default of 5 files of 8 MiB each; a record torn by a crash is cut off.

        Raises BusyError (open already), StateError, IoError, PermissionError, ForkedError.
        """
        return SealedLog(self, path, max_file_bytes, max_files)

    def read_log(self, path: Path) -> list[LogEntry]:
        """Reads an encrypted log with its older parts, oldest record first. Raises NotFoundError, StateError, IoError."""
        return [LogEntry(*row) for row in self._read_log(os.fspath(path))]

    def __repr__(self) -> str:
        return f"<tessera.Store {id(self):#x}>"
