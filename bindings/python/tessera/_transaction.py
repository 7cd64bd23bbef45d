"""Write transactions."""

import contextlib
import types
from typing import Self, Unpack

from . import _native
from ._config import OutboxRequest
from ._errors import Error
from ._store_values import Commit, outbox_members


class Transaction(_native.Tx):
    """A write transaction, or a savepoint inside one. The end of its `with` commits, an exception undoes everything.

    Other writers wait meanwhile; one that is held for longer than 30 seconds (configurable) is rolled back. For the
    thread that began it.
    """

    def __init__(
        self, source: "_native.Store | _native.Tx | _native.Op", commit: Commit | None = None, timeout: float | None = None
    ) -> None:
        """For the package's own use: see Store.transaction()."""
        if isinstance(source, _native.Store):
            _native.Tx.__init__(self, source, commit, timeout)
        else:
            _native.Tx.__init__(self, source)
        self._has_ended = False

    def transaction(self) -> "Transaction":
        """A transaction inside this one, which refuses calls while that lives. Raises StateError, TimeoutError."""
        return Transaction(self)

    def enqueue(self, topic: str, url: str, **request: Unpack[OutboxRequest]) -> str:
        """As Outbox.enqueue(), inside the transaction."""
        return self._enqueue(outbox_members(topic, url, **request))

    def commit(self) -> None:
        """Commits; the transaction ends, also when this fails. Raises as Store.execute(), TimeoutError, StateError."""
        self._has_ended = True
        self._commit()

    def rollback(self) -> None:
        """Undoes everything; the transaction ends. Again is fine. Raises StateError (committed), IoError."""
        self._has_ended = True
        self._rollback()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        if self._has_ended:
            return
        if error is None:
            self.commit()
        else:
            with contextlib.suppress(Error):  # What went wrong first is what the program must see.
                self.rollback()

    def __repr__(self) -> str:
        return f"<tessera.Transaction {id(self):#x}>"
