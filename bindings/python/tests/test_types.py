"""What type checkers see; run by mypy --strict, which also finds every ignore that is not needed."""

import dataclasses
import datetime
import pathlib
from typing import Any, assert_type

import tessera
import tessera.aio


def check_types(license: tessera.License, app: tessera.aio.App) -> None:
    verdict = license.check()
    assert_type(verdict, tessera.Verdict)
    assert_type(bool(verdict), bool)
    assert_type(verdict.code, tessera.LicenseCode)
    assert_type(verdict.expires_at, datetime.datetime | None)
    assert_type(verdict.reasons, tuple[tessera.Reason, ...])
    assert_type(verdict.entitlement("x").value, bool | int | str | None)
    assert_type(license.meter_add("x", 1).used, int)
    assert_type(license.request(note="x"), str)
    assert_type(tessera.Key.generate().export_text(), bytes)
    assert_type(tessera.License.open(product="p", data_dir=pathlib.Path("d"), trusted_keys=["k"]), tessera.License)
    assert_type(app.license.check(), tessera.Verdict)
    assert_type(tessera.LicenseError("", 10, "", False, {}).detail, dict[str, Any])

    tessera.License.open(product="p")  # type: ignore[call-arg]
    tessera.License.open(product="p", data_dir="d", clock_policy="maybe")  # type: ignore[arg-type]
    tessera.License.open(product="p", data_dir="d", color="red")  # type: ignore[call-arg]
    license.import_bundle(7)  # type: ignore[arg-type]
    license.request("key")  # type: ignore[call-arg]


def check_store_types(store: tessera.Store) -> None:
    @dataclasses.dataclass
    class Person:
        name: str

    assert_type(store.query("select 1"), tessera.Rows)
    assert_type(store.query("select 1", [1, "a", None, b"x"]).one(), tessera.Row)
    assert_type(store.query("select :a", {"a": 1}).first(), tessera.Row | None)
    assert_type(list(store.query_as(Person, "select 1")), list[Person])
    assert_type(store.execute("select 1", commit="strict").changes, int)
    assert_type(store.get("a"), Any)
    assert_type(store.slots()[0].type, tessera.SlotType)
    assert_type(store.outbox.lease(), list[tessera.OutboxItem])
    with store.transaction() as tx:
        assert_type(tx, tessera.Transaction)
        tx.execute_many("select ?", ([i] for i in range(3)))

    tessera.Store.open(user="x")  # type: ignore[call-arg]
    tessera.Store.open(path="p", commit="maybe")  # type: ignore[arg-type]
    store.execute("select ?", [datetime.date.today()])  # type: ignore[list-item]
    store.execute("select 1", (), "strict")  # type: ignore[call-arg]
    store.put("a", {1})  # type: ignore[arg-type]


async def check_async_store_types(store: tessera.aio.Store) -> None:
    assert_type([row async for row in store.query("select 1")], list[tessera.Row])
    assert_type(await store.get("a"), Any)
    async with store.transaction() as tx:
        assert_type(await tx.execute("select 1"), tessera.Changes)
    async with tessera.aio.Store.open(path="p") as opened:
        assert_type(opened, tessera.aio.Store)


async def check_async_types(license: tessera.aio.License) -> None:
    assert_type(await license.refresh(), tessera.Verdict)
    assert_type(await license.request(), str)
    assert_type(await tessera.aio.generate_key(), tessera.Key)
    async with await tessera.aio.App.open(product="p", data_dir="d") as app:
        assert_type(app, tessera.aio.App)


def test_the_package_tells_that_it_has_types() -> None:
    assert (pathlib.Path(tessera.__file__).parent / "py.typed").exists()
