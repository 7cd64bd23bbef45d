"""What an outbox holds, sent through an API client."""

import asyncio
import queue
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import tessera
import tessera.aio
from http_server import TIME_LIMIT_S, Server, server
from tessera import DeliveryEventKind

__all__ = ["server"]


@pytest.fixture
def client(server: Server) -> Iterator[tessera.HttpClient]:
    with tessera.HttpClient(base_url=server.url, retry={"max_attempts": 1}) as opened:
        yield opened


class Events:
    def __init__(self) -> None:
        self.queue: queue.Queue[tessera.DeliveryEvent] = queue.Queue()

    def wait_for(self, kind: DeliveryEventKind) -> tessera.DeliveryEvent:
        while True:
            event = self.queue.get(timeout=TIME_LIMIT_S)
            if event.kind is kind:
                return event


def test_what_the_outbox_holds_is_sent(store: tessera.Store, client: tessera.HttpClient, server: Server) -> None:
    events = Events()
    with tessera.Delivery(store, client, on_event=events.queue.put) as delivery:
        id = store.outbox.enqueue("sales", f"{server.url}/sale/200", body=b"one")
        told = events.wait_for(DeliveryEventKind.DELIVERED)
        assert (told.id, told.topic, told.reason) == (id, "sales", None)
        assert server.sales == [b"one"]
        dead = store.outbox.enqueue("sales", f"{server.url}/sale/400", body=b"two")
        told = events.wait_for(DeliveryEventKind.DEAD)
        assert told.id == dead and told.text
        assert [item.id for item in store.outbox.list(tessera.OutboxState.DEAD)] == [dead]
        delivery.poke()
        delivery.retry_now()
        delivery.stop()
        delivery.stop(0)
    assert repr(delivery).startswith("<tessera.Delivery ")


def test_consent(store: tessera.Store, client: tessera.HttpClient, server: Server) -> None:
    events = Events()
    options: dict[str, Any] = {"consent_topics": ["telemetry"], "concurrency": 1, "lease": 30, "spacing": 0}
    store.outbox.enqueue("telemetry", f"{server.url}/sale/200", body=b"secret")
    with tessera.Delivery(store, client, on_event=events.queue.put, **options) as delivery:
        assert events.wait_for(DeliveryEventKind.PAUSED).reason is tessera.DeliveryPause.CONSENT
        assert delivery.set_consent("telemetry", False) == 1
        assert delivery.set_consent("telemetry", True) == 0
        store.outbox.enqueue("telemetry", f"{server.url}/sale/200", body=b"agreed")
        events.wait_for(DeliveryEventKind.DELIVERED)
    assert server.sales == [b"agreed"]


def test_an_event_function_that_raises(
    store: tessera.Store, client: tessera.HttpClient, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised: list[type[BaseException]] = []
    is_told = threading.Event()
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: raised.append(unraisable.exc_type))

    def fail(event: tessera.DeliveryEvent) -> None:
        if event.kind is DeliveryEventKind.DELIVERED:
            is_told.set()
        raise ZeroDivisionError

    with tessera.Delivery(store, client, on_event=fail):
        store.outbox.enqueue("sales", f"{server.url}/sale/200")
        assert is_told.wait(TIME_LIMIT_S)
    assert set(raised) == {ZeroDivisionError}


def test_what_is_refused(store: tessera.Store, client: tessera.HttpClient) -> None:
    with pytest.raises(tessera.ArgError):
        tessera.Delivery(store.for_tenant("acme"), client)
    with pytest.raises(tessera.ArgError):
        tessera.Delivery(store, client, concurrency=65)
    with pytest.raises(TypeError, match="sequence"):
        tessera.Delivery(store, client, consent_topics="telemetry")
    with pytest.raises(TypeError):
        tessera.Delivery(client, store)  # type: ignore[arg-type]


def test_one_that_is_not_stopped_is_a_warning(store: tessera.Store, client: tessera.HttpClient) -> None:
    delivery = tessera.Delivery(store, client)
    with pytest.warns(ResourceWarning, match="was not closed"):
        del delivery


def test_awaited(store_config: dict[str, Any], server: Server) -> None:
    async def main() -> None:
        events: asyncio.Queue[tuple[tessera.DeliveryEvent, threading.Thread]] = asyncio.Queue()

        def note(event: tessera.DeliveryEvent) -> None:
            events.put_nowait((event, threading.current_thread()))

        async with (
            tessera.aio.Store.open(**store_config) as store,
            tessera.aio.HttpClient(base_url=server.url) as client,
            tessera.aio.Delivery(store, client, consent_topics=["telemetry"], on_event=note) as delivery,
        ):
            id = await store.outbox.enqueue("sales", f"{server.url}/sale/200", body=b"one")
            event, thread = await events.get()
            while event.kind is not DeliveryEventKind.DELIVERED:
                event, thread = await events.get()
            assert event.id == id and thread is threading.current_thread()
            await store.outbox.enqueue("telemetry", f"{server.url}/sale/200")
            assert await delivery.set_consent("telemetry", False) == 1
            delivery.poke()
            delivery.retry_now()
            await delivery.stop()

    asyncio.run(main())
