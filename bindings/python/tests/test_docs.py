"""Runs what docs/how-to/store-python.md says, block after block."""

import ast
import asyncio
import inspect
import io
import os
import pathlib
import re
import shutil
import types
from collections.abc import Callable
from typing import Any

import pytest
import tessera
import tessera.aio

PAGE = (pathlib.Path(os.environ["TESSERA_DOCS"]) / "how-to/store-python.md").read_text(encoding="utf-8")
SECTIONS: dict[str, str] = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, flags=re.MULTILINE | re.DOTALL))
BLOCK = re.compile(r"^```python\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)


@pytest.fixture
def follow(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Runs the blocks of a section, with the names that they leave to the reader; gives all names."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    def follow_section(heading: str, instead: tuple[str, str] = ("", ""), **given: Any) -> dict[str, Any]:
        names = {"tessera": tessera, "shutil": shutil, "passphrase": "correct horse"} | given
        assert instead[0] in SECTIONS[heading]
        text = SECTIONS[heading].replace("/media/usb", "usb")
        for block in BLOCK.findall(text.replace(*instead) if instead[0] else text):
            made = eval(compile(block, heading, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
            if inspect.iscoroutine(made):
                asyncio.run(made)
        return names

    return follow_section


def test_open(follow: Callable[..., dict[str, Any]], config: dict[str, Any]) -> None:
    names = follow("Open", folder=config["data_dir"], ROOT_PUBLIC_KEY=config["trusted_keys"][0])
    assert names["app"].store is names["store"]


def test_ask_and_change(follow: Callable[..., dict[str, Any]], store: tessera.Store) -> None:
    store.execute("create table orders(item text)")
    person = types.SimpleNamespace
    names = follow("Ask and change", store=store, names=["Eva", "Rui"], Person=person, item="coffee", order_json="{}")
    assert names["row"]["name"] == "Ana" and store.get("last_order") == "coffee"
    assert store.outbox.counts().pending == 1


def test_settings_cache_outbox(follow: Callable[..., dict[str, Any]], store: tessera.Store) -> None:
    def send(url: str, body: bytes, headers: dict[str, str], key: str) -> None:
        if body != b"1":
            raise OSError("offline")

    for body in ("1", "2"):
        store.outbox.enqueue("orders", "https://api.example.com", body=body)
    names = follow("Settings, cache, outbox", store=store, fetch=lambda key: b"product " + key.encode(), send=send)
    names["watching"].cancel()  # Its function refers to the names, and they to it.
    assert [item.last_error for item in store.outbox.list()] == ["offline"]
    answer = store.cache("products").get("42")
    assert answer is not None and answer.value == b"product 42"


def test_keys(follow: Callable[..., dict[str, Any]]) -> None:
    shown: list[str] = []
    with tessera.Store.open(path="app.tdb", passphrase="first", kdf="low") as store:
        follow("Keys", store=store, show_once=shown.append, old="correct horse", new="battery staple")
    tessera.Store.open(path="app.tdb", passphrase="battery staple").close()
    tessera.Store.open(path="app.tdb", recovery_key=shown[0]).close()


def test_care(follow: Callable[..., dict[str, Any]]) -> None:
    progress: list[tuple[int, int]] = []
    with tessera.Store.open(path="old.tdb", app_key=bytes(32)) as old:
        raw_key = bytes.fromhex(old.export_data_key("a test")[2:66])
    os.rename("old.tdb", "old.db")
    os.mkdir("usb")
    tessera.Store.open(path="damaged.tdb", passphrase="correct horse", kdf="low").close()
    with tessera.Store.open(path="app.tdb", passphrase="correct horse", kdf="low") as store:
        bar = types.SimpleNamespace(update=lambda done, total: progress.append((done, total)))
        follow(
            "Care", instead=("passphrase=old", "app_key=old"), store=store, bar=bar, other="for eva", old=raw_key, path="damaged.tdb"
        )
    assert progress and pathlib.Path("rescued.jsonl").exists() and not pathlib.Path("damaged.tdb").exists()


def test_encrypted_files(follow: Callable[..., dict[str, Any]], store: tessera.Store) -> None:
    follow("Encrypted files", store=store, source=io.BytesIO(b"a film"))
    assert (store.get_sealed("film.tsf"), store.read_log("app.tlog")) == (b"a film", [(b"record", None)])


def test_asyncio(follow: Callable[..., dict[str, Any]], store_config: dict[str, Any]) -> None:
    with tessera.Store.open(path="app.tdb", passphrase="correct horse", kdf="low") as store:
        store.execute("create table people(id integer primary key, name text)")
        store.execute("insert into people values (7, 'Ana')")
    assert follow("asyncio", path="app.tdb")["ana"]["id"] == 7


def test_when_something_fails(follow: Callable[..., dict[str, Any]]) -> None:
    tessera.Store.open(path="app.tdb", passphrase="correct horse", kdf="low").close()
    assert "store" not in follow("When something fails", path="app.tdb", typed="wrong")


def test_every_section_is_followed() -> None:
    for heading, text in SECTIONS.items():
        if BLOCK.search(text):
            assert "test_" + re.sub(r"\W+", "_", heading.lower()) in globals()
