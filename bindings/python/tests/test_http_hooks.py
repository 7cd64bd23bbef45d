"""What an application sees of the API client at work."""

import asyncio
import queue
import sys
import threading
from collections.abc import Iterator

import pytest
import tessera
import tessera.aio
from http_server import TIME_LIMIT_S, Server, server

__all__ = ["server"]


@pytest.fixture
def client(server: Server) -> Iterator[tessera.HttpClient]:
    with tessera.HttpClient(base_url=server.url, retry={"transient_base_ms": 1, "throttle_base_ms": 1}, queue_marks=[1]) as opened:
        yield opened


def test_attempts(client: tessera.HttpClient, server: Server) -> None:
    kept: list[tessera.HttpAttempt] = []
    seen: list[tuple[object, ...]] = []
    heads: list[tessera.HttpHead] = []

    def before(attempt: tessera.HttpAttempt) -> None:
        kept.append(attempt)
        seen.append((attempt.method, attempt.url, attempt.number, attempt.body, attempt.headers["x-mine"]))
        attempt.set_header("X-Added", "yes")
        attempt.remove_header("X-Mine")
        with pytest.raises(tessera.ArgError):
            attempt.set_header("X-Bad", "a\r\nb")

    subscription = client.on_attempt(before=before, after=heads.append)
    sent = client.post("/echo", data=b"body", headers={"X-Mine": "1"}).json()["headers"]
    assert sent["x-added"] == "yes" and "x-mine" not in sent
    assert seen == [("POST", f"{server.url}/echo", 1, b"body", "1")]
    (head,) = heads
    assert (head.method, head.url, head.status, head.attempt) == ("POST", f"{server.url}/echo", 200, 1)
    assert head.headers["content-type"] == "application/json"
    with pytest.raises(tessera.StateError):
        kept[0].method
    subscription.cancel()
    assert "x-added" not in client.post("/echo", headers={"X-Mine": "1"}).json()["headers"]
    assert len(seen) == 1
    with pytest.raises(tessera.ArgError):
        client.on_attempt()


def test_every_attempt_is_seen(client: tessera.HttpClient) -> None:
    statuses: list[int] = []
    subscription = client.on_attempt(after=lambda head: statuses.append(head.status))
    assert client.get("/flaky/1").status == 200
    assert statuses == [503, 200]
    subscription.cancel()


def test_a_signer_sees_what_is_sent(client: tessera.HttpClient) -> None:
    client.auth.set_token("secret")
    seen: dict[str, bool] = {}

    def note(name: str) -> tessera.Subscription:
        def before(attempt: tessera.HttpAttempt) -> None:
            seen[name] = "authorization" in attempt.headers

        return client.on_attempt(before=before, signer=name == "signer")

    subscriptions = [note("signer"), note("other")]
    client.get("/echo")
    assert seen["signer"] and list(seen) == ["other", "signer"]
    for subscription in subscriptions:
        subscription.cancel()


def test_a_hook_that_raises(client: tessera.HttpClient, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: raised.append(unraisable.exc_type))

    def fail(_: object) -> None:
        raise ZeroDivisionError

    subscription = client.on_attempt(after=fail)
    assert client.get("/echo").ok
    subscription.cancel()
    before = server.requests
    subscription = client.on_attempt(before=fail)
    with pytest.raises(tessera.CallbackError):
        client.get("/echo", max_attempts=1)
    assert server.requests == before and set(raised) == {ZeroDivisionError}
    subscription.cancel()
    assert client.get("/echo").ok


def test_events(client: tessera.HttpClient) -> None:
    events: queue.Queue[tuple[tessera.HttpClientEvent, threading.Thread]] = queue.Queue()
    subscription = client.on_event(lambda event: events.put((event, threading.current_thread())))
    assert client.get("/echo").ok
    while True:
        event, thread = events.get(timeout=TIME_LIMIT_S)
        if event.kind is tessera.HttpEventKind.QUEUE:
            break
    assert (event.state, event.mark, event.subject, event.until) == ("above", 1, "", None)
    assert thread is not threading.current_thread()
    subscription.cancel()


def test_state(server: Server) -> None:
    with tessera.HttpClient(base_url=server.url, breaker={"max_failures": 1}, retry={"max_attempts": 1}) as client:
        assert client.state()["hosts"] == []
        assert client.get("/status/500").status == 500
        with pytest.raises(tessera.UnavailableError):
            client.get("/echo")
        (host,) = client.state()["hosts"]
        assert host["breaker"]["state"] == "open"
        client.network_changed()
        for which in (None, "127.0.0.1", server.url):
            client.reset_breaker(which)
        assert client.get("/echo").ok
    with pytest.raises(tessera.StateError):
        client.state()


def test_a_client_keeps_its_responses_in_a_store(store: tessera.Store, server: Server) -> None:
    for is_from_cache in (False, True):
        with tessera.HttpClient(base_url=server.url, store=store) as client:
            assert client.get("/cached").from_cache is is_from_cache
    with tessera.HttpClient(base_url=server.url) as client:
        assert not client.get("/cached").from_cache
    with pytest.raises(tessera.ArgError):
        tessera.HttpClient(base_url=server.url, store=store.for_tenant("acme"))


def test_awaited(server: Server) -> None:
    async def main() -> None:
        events: asyncio.Queue[tuple[tessera.HttpClientEvent, threading.Thread]] = asyncio.Queue()
        async with tessera.aio.HttpClient(base_url=server.url, queue_marks=[1]) as client:
            subscription = client.on_event(lambda event: events.put_nowait((event, threading.current_thread())))
            signer = client.on_attempt(before=lambda attempt: attempt.set_header("X-A", "b"), signer=True)
            assert (await client.get("/echo")).json()["headers"]["x-a"] == "b"
            event, thread = await events.get()
            while event.kind is not tessera.HttpEventKind.QUEUE:
                event, thread = await events.get()
            assert thread is threading.current_thread()
            assert client.state()["in_flight"] >= 0
            client.network_changed()
            client.reset_breaker()
            signer.cancel()
            subscription.cancel()

    asyncio.run(main())
