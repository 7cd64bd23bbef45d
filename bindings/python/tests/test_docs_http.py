"""Runs what docs/how-to/http-python.md says."""

import asyncio
import concurrent.futures
import hashlib
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import tessera
import tessera.aio
from http_server import Server, server
from pages import Page
from postgres import database

__all__ = ["database", "server"]

PAGE = Page("http-python.md")
PRODUCTS = b'[{"name": "coffee"}]'


@pytest.fixture
def follow(server: Server) -> Iterator[Callable[..., dict[str, Any]]]:
    followed: list[dict[str, Any]] = []

    def follow_section(heading: str, **given: Any) -> dict[str, Any]:
        names = {"tessera": tessera, "asyncio": asyncio} | given
        followed.append(names)
        return PAGE.follow(heading, {"https://api.example.com": server.url}, names)

    yield follow_section
    for names in followed:  # A client has the page's functions, and they have these.
        names.clear()


@pytest.fixture
def any_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's paths answer with a list of one product."""
    from http_server import Handler

    def answer(self: Handler, *_: Any) -> None:
        self.answer(200, PRODUCTS)

    def update(self: Handler, *_: Any) -> None:
        self.begin(Content_Type="text/event-stream")
        self.wfile.write(b"id: 7\nevent: done\ndata: yes\n\n")

    for name in ("products", "orders", "login", "photo", "news", "export", "import", "update.bin", "users"):
        monkeypatch.setattr(Handler, f"on_{name}", answer, raising=False)
    monkeypatch.setattr(Handler, "on_updates", update, raising=False)


pytestmark = pytest.mark.usefixtures("any_path")


def test_ask(follow: Callable[..., dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    follow("Ask")
    assert capsys.readouterr().out == "coffee\n"


def test_say_how(follow: Callable[..., dict[str, Any]], server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    with tessera.HttpClient(base_url=server.url) as client:
        follow("Say how", client=client)
    assert "attempt" in capsys.readouterr().out


def test_configure(follow: Callable[..., dict[str, Any]]) -> None:
    follow("Configure")


def test_with_an_application(follow: Callable[..., dict[str, Any]], config: dict[str, Any], server: Server) -> None:
    follow("With an application", folder=config["data_dir"], ROOT_PUBLIC_KEY=config["trusted_keys"][0])
    assert server.requests == 1


@pytest.fixture
def client(server: Server) -> Iterator[tessera.HttpClient]:
    with tessera.HttpClient(base_url=server.url) as opened:
        yield opened


def test_bodies_that_do_not_fit_in_memory(
    follow: Callable[..., dict[str, Any]],
    client: tessera.HttpClient,
    tmp_path: pathlib.Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"...")
    with concurrent.futures.ThreadPoolExecutor() as executor:
        follow("Bodies that do not fit in memory", client=client, photo=photo, executor=executor)
    assert capsys.readouterr().out == f"{len(PRODUCTS)}\n200\n"


def test_files(
    follow: Callable[..., dict[str, Any]],
    client: tessera.HttpClient,
    tmp_path: pathlib.Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    follow("Files", client=client, folder=tmp_path, DIGEST=hashlib.sha256(PRODUCTS).hexdigest())
    assert capsys.readouterr().out.endswith(f"{len(PRODUCTS)} 0\n")
    assert (tmp_path / "update.bin").read_bytes() == PRODUCTS


def test_server_sent_events(
    follow: Callable[..., dict[str, Any]], client: tessera.HttpClient, capsys: pytest.CaptureFixture[str]
) -> None:
    follow("Server-sent events", client=client)
    assert capsys.readouterr().out == "7 done yes\n"


def test_pages(
    follow: Callable[..., dict[str, Any]], client: tessera.HttpClient, capsys: pytest.CaptureFixture[str]
) -> None:
    follow("Pages", client=client)
    assert "coffee" in capsys.readouterr().out


def test_credentials(
    follow: Callable[..., dict[str, Any]],
    client: tessera.HttpClient,
    license: tessera.License,
    store: tessera.Store,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = {"api_key": "key", "fetch": lambda: "token", "secret": "secret", "license": license, "store": store}
    follow("Credentials", client=client, expires_at=4_000_000_000, **given)
    assert capsys.readouterr().out == "READY\n"


def test_one_account_several_processes(
    follow: Callable[..., dict[str, Any]], client: tessera.HttpClient, server: Server, database: str
) -> None:
    follow("One account, several processes", client=client, database=database, secret="secret")
    client.auth.set_oauth_tokens("old", refresh_token="first", expires_at=1)
    assert client.get("/echo").json()["headers"]["authorization"] == "Bearer access-1"
    assert [grant["refresh_token"] for grant in server.grants] == ["first"]


def test_see_it_work_and_sign(
    follow: Callable[..., dict[str, Any]], client: tessera.HttpClient, capsys: pytest.CaptureFixture[str]
) -> None:
    names = follow("See it work, and sign", client=client, signature_of=lambda *_: "signature")
    assert "200 " in capsys.readouterr().out
    for name in ("signing", "watching", "telling"):
        names[name].cancel()


def test_deliver_what_must_not_get_lost(
    follow: Callable[..., dict[str, Any]], client: tessera.HttpClient, store: tessera.Store, server: Server
) -> None:
    follow("Deliver what must not get lost", client=client, store=store)


def test_asyncio(follow: Callable[..., dict[str, Any]]) -> None:
    names = follow("asyncio")
    assert len(names["pages"]) == 64
    assert (sum(names["sizes"]), names["types"], len(names["users"])) == (len(PRODUCTS), ["done"], 1)


def test_when_something_fails(follow: Callable[..., dict[str, Any]]) -> None:
    with tessera.HttpClient(base_url="http://127.0.0.1:1") as client:
        follow("When something fails", client=client)


def test_every_section_is_followed() -> None:
    assert PAGE.tests() <= globals().keys()
