"""Answers that are kept for a time."""

from collections.abc import Callable

from . import _native
from ._config import Text
from ._store_values import CacheEntry, CacheStats, cache_entry, milliseconds

LOAD_TIMEOUT = 30.0
"""Seconds that get_or_load() waits for another caller's loader unless told otherwise."""


class Cache(_native.Cache):
    """One space of a store's cache: answers kept for a time, within a budget of its own; the least recently used goes
    first. Safe from any thread."""

    def put(self, key: str, value: Text | None, *, ttl: float) -> None:
        """Keeps an answer for `ttl` seconds, 10 % more or less; None says that there is none.

        Raises ArgError, LimitError, StateError, IoError, DiskFullError, ForkedError.
        """
        self._put(key, value, milliseconds(ttl))

    def get(self, key: str) -> CacheEntry | None:
        """An answer that has not expired, None when there is none. Raises StateError, IoError, ForkedError."""
        row = self._get(key)
        return None if row is None else cache_entry(row)

    def get_or_load(
        self, key: str, loader: Callable[[str], Text | None], *, ttl: float, timeout: float = LOAD_TIMEOUT
    ) -> bytes | None:
        """An answer, loaded by `loader(key)` when there is none: once for all that ask meanwhile, who wait up to
        `timeout` seconds. A loader that gives None says that there is no value, which is kept as well.

        Raises what the loader raises; CallbackError in those who waited for it; TimeoutError, and as put().
        """
        return cache_entry(self._get_or_load(key, lambda wanted: (loader(wanted), milliseconds(ttl)), timeout)).value

    def stats(self) -> CacheStats:
        """Size and counters of the space. Raises StateError, ForkedError."""
        (row,) = self._stats()
        return CacheStats(*row)

    def __repr__(self) -> str:
        return f"<tessera.Cache {self.space!r}>"
