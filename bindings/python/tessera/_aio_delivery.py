"""Sends what an outbox holds, for asyncio."""

from collections.abc import Sequence

from . import _delivery
from ._aio_http import HttpClient
from ._aio_ops import Handle, on_loop, result
from ._aio_store import Store
from ._delivery import OnEvent
from ._lifetime import CLOSE_TIMEOUT


class Delivery(Handle):
    """tessera.Delivery for asyncio; use it in an `async with`, inside those of its store and its client."""

    def __init__(
        self,
        store: Store,
        client: HttpClient,
        *,
        concurrency: int = 0,
        lease: float = 0,
        spacing: float | None = None,
        consent_topics: Sequence[str] = (),
        on_event: OnEvent | None = None,
    ) -> None:
        """See tessera.Delivery; `on_event` is called on the event loop."""
        self._delivery = _delivery.Delivery(
            store._store,
            client._http,
            concurrency=concurrency,
            lease=lease,
            spacing=spacing,
            consent_topics=consent_topics,
            on_event=None if on_event is None else on_loop(on_event),
        )
        super().__init__(self._delivery)

    async def set_consent(self, topic: str, granted: bool) -> int:
        """See tessera.Delivery.set_consent()."""
        removed: int = await result(self._delivery._start_set_consent, topic, granted)
        return removed

    def poke(self) -> None:
        """See tessera.Delivery.poke(); waits for nothing."""
        self._delivery.poke()

    def retry_now(self) -> None:
        """See tessera.Delivery.retry_now(); waits for nothing."""
        self._delivery.retry_now()

    async def stop(self, timeout: float = CLOSE_TIMEOUT) -> None:
        """See tessera.Delivery.stop()."""
        await self.close(timeout)
