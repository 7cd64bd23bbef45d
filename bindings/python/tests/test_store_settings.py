"""Settings, cache and outbox of a store."""

import datetime
import queue
import threading
import time
from typing import Any

import pytest
import tessera

# Settings.


@pytest.mark.parametrize(
    "value", [None, True, False, 0, -1, 2**60, 1.5, "", "ação", b"", b"\0\xff", {"a": [1, {"b": None}]}, [1, "x"], []]
)
def test_a_setting_comes_back_as_it_was_put(store: tessera.Store, value: Any) -> None:
    store.put("key", value)
    read = store.get("key", "default")
    assert read == value
    assert type(read) is type(value)


def test_settings(store: tessera.Store) -> None:
    assert store.get("theme") is None
    assert store.get("theme", "light") == "light"
    store.put("ui.theme", "dark", commit="strict")
    store.put("ui.size", 12)
    store.put("user", (1, 2))
    assert store.list("ui.") == {"ui.size": 12, "ui.theme": "dark"}
    assert store.list() == {"ui.size": 12, "ui.theme": "dark", "user": [1, 2]}
    assert list(store.list()) == ["ui.size", "ui.theme", "user"]
    assert store.remove("user") is True
    assert store.remove("user") is False
    with pytest.raises(tessera.ArgError):
        store.put("", 1)
    with pytest.raises(tessera.ArgError):
        store.put("k" * 1025, 1)
    with pytest.raises(TypeError):
        store.put("key", object())  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        store.put("key", {"a": object()})
    untyped: Any = store
    with pytest.raises(TypeError):
        untyped.put(7, 7)


def test_watching(store: tessera.Store) -> None:
    seen: queue.Queue[tuple[str, Any]] = queue.Queue()
    subscription = store.watch("ui.", lambda key: seen.put((key, store.get(key))))
    store.put("other", 1)
    store.put("ui.theme", "dark")
    assert seen.get(timeout=30) == ("ui.theme", "dark")
    with pytest.raises(LookupError):
        with store.transaction() as tx:
            tx.put("ui.size", 1)
            raise LookupError
    with store.transaction() as tx:
        tx.put("ui.size", 2)
    assert seen.get(timeout=30) == ("ui.size", 2)
    store.remove("ui.size")
    assert seen.get(timeout=30) == ("ui.size", None)
    subscription.cancel()
    store.put("ui.theme", "light")
    time.sleep(0.05)
    assert seen.empty()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_exception_of_a_watcher_does_not_end_it(store: tessera.Store) -> None:
    seen: queue.Queue[str] = queue.Queue()

    def watcher(key: str) -> None:
        seen.put(key)
        raise LookupError(key)

    subscription = store.watch("", watcher)
    store.put("a", 1)
    assert seen.get(timeout=30) == "a"
    store.put("b", 1)
    assert seen.get(timeout=30) == "b"
    subscription.cancel()


# Cache.


def test_cache(store: tessera.Store) -> None:
    cache = store.cache("products")
    assert cache.get("42") is None
    cache.put("42", b"shirt", ttl=60)
    entry = cache.get("42")
    assert entry is not None and entry.value == b"shirt" and 50 < entry.expires_in < 70
    cache.put("43", "text", ttl=60)
    assert (cache.get("43") or entry).value == b"text"
    cache.put("44", None, ttl=60)
    known = cache.get("44")
    assert known is not None and known.value is None
    assert store.cache("others").get("42") is None
    cache.remove("42")
    cache.remove("42")
    assert cache.get("42") is None
    assert cache.stats().rows == 2 and cache.stats().hits == 3
    cache.clear()
    assert cache.stats().rows == 0
    cache.put("short", b"x", ttl=0.01)
    time.sleep(0.05)
    assert cache.get("short") is None
    with pytest.raises(TypeError):
        cache.put("k", 7, ttl=1)  # type: ignore[arg-type]


def test_loading(store: tessera.Store) -> None:
    cache = store.cache("products")
    asked: list[str] = []

    def loader(key: str) -> bytes:
        asked.append(key)
        return key.encode() * 2

    assert cache.get_or_load("a", loader, ttl=60) == b"aa"
    assert cache.get_or_load("a", loader, ttl=60) == b"aa"
    assert asked == ["a"]
    assert cache.get_or_load("none", lambda key: None, ttl=60) is None
    assert cache.get_or_load("none", loader, ttl=60) is None
    assert asked == ["a"]


def test_a_loader_that_fails(store: tessera.Store) -> None:
    cache = store.cache("products")

    def loader(key: str) -> bytes:
        raise LookupError(key)

    with pytest.raises(LookupError, match="a"):
        cache.get_or_load("a", loader, ttl=60)
    with pytest.raises(TypeError):
        cache.get_or_load("a", lambda key: 7, ttl=60)  # type: ignore[arg-type, return-value]
    assert cache.get_or_load("a", lambda key: b"now", ttl=60) == b"now"


def test_a_loader_may_use_the_store(store: tessera.Store) -> None:
    cache = store.cache("products")

    def loader(key: str) -> bytes:
        store.put("loads", key)
        with pytest.raises(tessera.StateError):
            cache.get_or_load(key, loader, ttl=60)
        return cache.get_or_load("inner", lambda inner: b"in", ttl=60) or b""

    assert cache.get_or_load("outer", loader, ttl=60) == b"in"
    assert store.get("loads") == "outer"


def test_one_loads_for_all(store: tessera.Store) -> None:
    cache = store.cache("products")
    loads: list[str] = []
    go = threading.Event()

    def loader(key: str) -> bytes:
        loads.append(key)
        go.wait(30)
        return b"once"

    answers: list[bytes | None] = []
    threads = [
        threading.Thread(target=lambda: answers.append(cache.get_or_load("k", loader, ttl=60))) for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    while not loads:
        time.sleep(0.001)
    with pytest.raises(tessera.TimeoutError):
        cache.get_or_load("k", loader, ttl=60, timeout=0.01)
    go.set()
    for thread in threads:
        thread.join(30)
    assert answers == [b"once"] * 5
    assert loads == ["k"]


# Outbox.


def test_outbox(store: tessera.Store) -> None:
    outbox = store.outbox
    first = outbox.enqueue(
        "sales", "https://example.com/sales", headers={"accept": "text/plain"}, body=b"one", ordering_key="o",
        idempotency_key="key-1",
    )  # fmt: skip
    second = outbox.enqueue("sales", "https://example.com/sales", method="PUT", ordering_key="o", priority=2)
    outbox.enqueue("other", "https://example.com/other")
    assert (outbox.counts().pending, outbox.counts().leased) == (3, 0)

    (item,) = outbox.lease("sales")
    assert (item.id, item.method, item.body, item.headers) == (first, "POST", b"one", {"accept": "text/plain"})
    assert (item.state, item.attempts, item.idempotency_key) == (tessera.OutboxState.LEASED, 1, "key-1")
    assert item.created_at is not None and item.lease_until is not None
    assert abs(item.created_at - datetime.datetime.now(datetime.UTC)) < datetime.timedelta(minutes=1)
    outbox.extend(item, 120)
    assert outbox.lease("sales") == []  # the key's items go one after another
    outbox.complete(item)
    with pytest.raises(tessera.NotFoundError):
        outbox.complete(item)

    (item,) = outbox.lease("sales")
    assert (item.id, item.method, item.body, item.headers) == (second, "PUT", b"", {})
    outbox.fail(item, "400", permanent=True)
    (dead,) = outbox.list(tessera.OutboxState.DEAD)
    assert (dead.id, dead.last_error) == (second, "400")
    outbox.retry(second)
    assert {each.id for each in outbox.list()} >= {second}
    outbox.remove(second)
    assert outbox.revoke("other") == 1
    counts = outbox.counts()
    assert (counts.pending, counts.dead, counts.delivered, counts.dropped_revoked) == (0, 0, 1, 1)
    assert counts.next_due is None


def test_an_item_that_waits(store: tessera.Store) -> None:
    later = datetime.datetime.now(datetime.UTC).replace(microsecond=0) + datetime.timedelta(hours=1)
    store.outbox.enqueue("sales", "https://example.com", not_before=later)
    assert store.outbox.lease() == []
    assert store.outbox.counts().next_due == later
    assert store.outbox.list()[0].not_before == later
    with pytest.raises(ValueError):
        store.outbox.enqueue("sales", "https://example.com", not_before=datetime.datetime.now())


def test_outbox_in_a_transaction(store: tessera.Store) -> None:
    with pytest.raises(LookupError):
        with store.transaction() as tx:
            tx.enqueue("sales", "https://example.com")
            raise LookupError
    assert store.outbox.counts().pending == 0
    with store.transaction() as tx:
        id = tx.enqueue("sales", "https://example.com", body="text")
    assert [(item.id, item.body) for item in store.outbox.list()] == [(id, b"text")]


def test_requests_that_are_refused(store: tessera.Store) -> None:
    with pytest.raises(tessera.ArgError):
        store.outbox.enqueue("", "https://example.com")
    with pytest.raises(tessera.ArgError):
        store.outbox.enqueue("sales", "")
    with pytest.raises(TypeError):
        store.outbox.enqueue("sales", 7)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        store.outbox.enqueue("sales", "https://example.com", body=7)  # type: ignore[arg-type]
    with pytest.raises(tessera.NotFoundError):
        store.outbox.remove("nothing")
