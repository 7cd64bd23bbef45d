"""The credentials of the API client."""

import asyncio
import gc
import json
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import tessera
import tessera.aio
from http_server import TIME_LIMIT_S, Server, server

__all__ = ["server"]

SECRET = "hunter2-hunter2"


@pytest.fixture
def client(server: Server) -> Iterator[tessera.HttpClient]:
    with tessera.HttpClient(base_url=server.url, retry={"transient_base_ms": 1}, breaker={"enabled": False}) as opened:
        yield opened


@pytest.fixture
def raised(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[type[BaseException]]]:
    """What went to sys.unraisablehook."""
    kinds: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: kinds.append(unraisable.exc_type))
    yield kinds


def sent_by(client: tessera.HttpClient, name: str = "authorization") -> str | None:
    headers: dict[str, str] = client.get("/echo").json()["headers"]
    return headers.get(name)


def oauth(server: Server, **members: Any) -> tessera.HttpOAuthConfig:
    config: tessera.HttpOAuthConfig = {"token_url": f"{server.url}/token", "client_id": "pos"}
    return config | members  # type: ignore[return-value]


class Tokens:
    """A token store in memory."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.record: bytes | None = None

    def load(self) -> bytes | None:
        return self.record

    def compare_and_swap(self, expected: int, record: bytes) -> bool:
        with self.lock:
            version = 0 if self.record is None else json.loads(self.record)["version"]
            if version != expected:
                return False
            self.record = record
            return True


def test_token(client: tessera.HttpClient) -> None:
    assert client.auth.state is tessera.HttpAuthState.NONE
    client.auth.set_token("one")
    assert (client.auth.state, sent_by(client)) == (tessera.HttpAuthState.READY, "Bearer one")
    assert "authorization" not in client.get("/echo", skip_auth=True).json()["headers"]
    client.auth.set_token(b"two", header="X-Api-Key")
    assert (sent_by(client), sent_by(client, "x-api-key")) == (None, "two")
    client.auth.set_token("three", prefix="Token ")
    assert sent_by(client) == "Token three"
    client.auth.clear()
    assert (client.auth.state, sent_by(client)) == (tessera.HttpAuthState.NONE, None)
    with pytest.raises(tessera.ArgError) as refused:
        client.auth.set_token(SECRET + "\n")
    assert SECRET not in str(refused.value)


def test_token_source(client: tessera.HttpClient, raised: list[type[BaseException]]) -> None:
    asked: list[threading.Thread] = []

    def source() -> tessera.HttpToken:
        asked.append(threading.current_thread())
        return tessera.HttpToken(f"t{len(asked)}", int(time.time()) + 3600)

    client.auth.set_token_source(source)
    assert sent_by(client) == sent_by(client) == "Bearer t1"
    assert threading.current_thread() not in asked and len(asked) == 1
    client.auth.set_token_source(lambda: "plain")
    assert sent_by(client) == "Bearer plain"

    def fail() -> str:
        raise ZeroDivisionError

    client.auth.set_token_source(fail)
    with pytest.raises(tessera.CallbackError):
        client.get("/echo", max_attempts=1)
    assert set(raised) == {ZeroDivisionError}
    client.auth.set_token_source(lambda: 7)  # type: ignore[arg-type,return-value]
    with pytest.raises(tessera.CallbackError):
        client.get("/echo", max_attempts=1)
    assert raised[-1] is TypeError


def test_a_source_is_let_go_of(server: Server) -> None:
    class Source:
        def __call__(self) -> str:
            return "token"

        def __del__(self) -> None:
            gone.set()

    gone = threading.Event()
    with tessera.HttpClient(base_url=server.url) as client:
        client.auth.set_token_source(Source())
        assert sent_by(client) == "Bearer token"
    del client
    deadline = time.monotonic() + TIME_LIMIT_S
    while not gone.is_set() and time.monotonic() < deadline:
        gc.collect()
        tessera.build_info()
        with tessera.HttpClient():  # What was postponed is done after a call.
            pass
    assert gone.is_set()


def test_oauth_in_memory(client: tessera.HttpClient, server: Server) -> None:
    client.auth.set_oauth(oauth(server, grant="client_credentials", scope="sales"), client_secret=SECRET)
    assert sent_by(client) == "Bearer access-1"
    assert server.grants[0]["grant_type"] == "client_credentials" and server.grants[0]["scope"] == "sales"
    with pytest.raises(tessera.ArgError) as refused:
        client.auth.set_oauth({"token_url": "nowhere", "client_id": "pos"}, client_secret=SECRET)
    assert SECRET not in str(refused.value)


def test_oauth_in_a_store(store: tessera.Store, server: Server) -> None:
    for is_known in (False, True):
        with tessera.HttpClient(base_url=server.url) as client:
            client.auth.set_oauth(oauth(server), client_secret=SECRET, store=store, account="ana")
            if not is_known:
                client.auth.set_oauth_tokens("given", refresh_token="r", expires_at=int(time.time()) + 3600, scope="s")
            assert sent_by(client) == "Bearer given"
    assert server.grants == []


def test_oauth_in_a_store_of_the_application(client: tessera.HttpClient, server: Server) -> None:
    tokens = Tokens()
    client.auth.set_oauth(oauth(server), client_secret=SECRET, token_store=tokens)
    client.auth.set_oauth_tokens("expired", refresh_token="refresh-0", expires_at=1)
    assert sent_by(client) == "Bearer access-1"
    assert server.grants[0]["refresh_token"] == "refresh-0"
    assert tokens.record is not None
    record = json.loads(tokens.record)
    assert (record["access_token"], record["refresh_token"], record["version"]) == ("access-1", "refresh-1", 2)


def test_a_token_store_that_fails(
    client: tessera.HttpClient, server: Server, raised: list[type[BaseException]]
) -> None:
    class Broken:
        def load(self) -> bytes:
            raise ZeroDivisionError

        def compare_and_swap(self, expected: int, record: bytes) -> bool:
            raise ZeroDivisionError

    client.auth.set_oauth(oauth(server), client_secret=SECRET, token_store=Broken())
    with pytest.raises(tessera.CallbackError):
        client.get("/echo", max_attempts=1)
    assert set(raised) == {ZeroDivisionError}


def test_reauthorise(client: tessera.HttpClient, server: Server) -> None:
    told: list[str] = []
    is_told = threading.Event()

    def tell(why: str) -> None:
        told.append(why)
        is_told.set()

    client.auth.set_oauth(oauth(server, commit_grace_ms=1), client_secret=SECRET, on_reauthorise=tell)
    client.auth.set_oauth_tokens("old", refresh_token="revoked", expires_at=1)
    with pytest.raises(tessera.UnauthorizedError):
        client.get("/echo")
    assert is_told.wait(TIME_LIMIT_S) and len(told) == 1 and "revoked" not in told[0]
    assert client.auth.state is tessera.HttpAuthState.REAUTHORISE
    client.auth.set_oauth_tokens("new")
    assert sent_by(client) == "Bearer new"


def test_license(licensed: tessera.License, client: tessera.HttpClient) -> None:
    client.auth.set_license(licensed)
    sent = sent_by(client)
    assert sent is not None and sent.startswith("Bearer ")


def test_tokens_without_an_account(client: tessera.HttpClient) -> None:
    with pytest.raises(tessera.StateError):
        client.auth.set_oauth_tokens("token")


def test_awaited(server: Server, store_config: dict[str, Any]) -> None:
    async def main() -> None:
        told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        async with (
            tessera.aio.Store.open(**store_config) as store,
            tessera.aio.HttpClient(base_url=server.url, store=store) as client,
        ):
            client.auth.set_token("one")
            assert (await client.get("/echo")).json()["headers"]["authorization"] == "Bearer one"
            client.auth.set_oauth(
                oauth(server, commit_grace_ms=1), client_secret=SECRET, store=store, account="ana",
                on_reauthorise=told.set_result,
            )  # fmt: skip
            await client.auth.set_oauth_tokens("old", refresh_token="revoked", expires_at=1)
            with pytest.raises(tessera.UnauthorizedError):
                await client.get("/echo")
            assert await told
            assert client.auth.state is tessera.HttpAuthState.REAUTHORISE
            client.auth.clear()
            client.auth.set_token_source(lambda: "two")
            assert (await client.get("/echo")).json()["headers"]["authorization"] == "Bearer two"

    asyncio.run(main())
