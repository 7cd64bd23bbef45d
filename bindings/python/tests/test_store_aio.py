"""The store for asyncio."""

import asyncio
import dataclasses
import pathlib
import threading
from typing import Any

import pytest
import tessera
import tessera.aio

ENDLESS = "with recursive n(i) as (values (1) union all select i + 1 from n) select count(*) from n"


@pytest.fixture
def opening(store_config: dict[str, Any]) -> dict[str, Any]:
    return store_config


def test_sql(opening: dict[str, Any]) -> None:
    @dataclasses.dataclass
    class Number:
        i: int

    async def main() -> None:
        async with tessera.aio.Store.open(**opening) as store:
            await store.execute_script("create table t(i integer primary key, s)")
            assert (await store.execute("insert into t values (:i, :s)", {"i": 1, "s": "x"})).changes == 1
            assert await store.execute_many("insert into t(s) values (?)", ([str(i)] for i in range(999)), commit="strict") == 999
            assert [row["i"] async for row in store.query("select i from t")] == list(range(1, 1001))
            assert await store.query("select s from t where i = ?", [1]).one() == ("x",)
            assert await store.query("select i from t order by i").first() == (1,)
            assert await store.query("select * from t where i = 0").first() is None
            assert len(await store.query("select * from t").all()) == len(await store.query_all("select * from t")) == 1000
            with pytest.raises(tessera.NotFoundError):
                await store.query("select * from t where i = 0").one()
            with pytest.raises(tessera.StateError):
                await store.query("select * from t").one()
            numbers = store.query_as(Number, "select i from t where i < 3")
            assert [number async for number in numbers] == [Number(1), Number(2)]
            assert await store.query_as(Number, "select 7 as i").one() == Number(7)
            assert await store.query_as(Number, "select 7 as i").first() == Number(7)
            async with store.query("select i from t") as rows:
                async for _ in rows:
                    break
            assert await rows.all() == []
            with pytest.raises(tessera.ArgError):
                await store.query("select * from nowhere").all()
            with pytest.raises(tessera.TimeoutError):
                await store.query(ENDLESS, timeout=0.05).one()

    asyncio.run(main())


def test_transactions(opening: dict[str, Any]) -> None:
    async def main() -> None:
        async with await tessera.aio.Store.open(**opening) as store:
            await store.execute("create table t(a)")

            async def count() -> int:
                number: int = (await store.query("select count(*) from t").one())[0]
                return number

            async with store.transaction(commit="relaxed") as tx:
                await tx.execute("insert into t values (?)", [1])
                await tx.execute_many("insert into t values (?)", [(2,), (3,)])
                assert len(await tx.query("select a from t").all()) == len(await tx.query_all("select a from t")) == 3
                await tx.put("a", 1)
                assert await tx.remove("a") and not await tx.remove("a")
                await tx.enqueue("topic", "https://example.com")
                async with tx.transaction() as inner:
                    await inner.execute("delete from t where a = 1")
                with pytest.raises(LookupError):
                    async with tx.transaction() as inner:
                        await inner.execute("delete from t")
                        raise LookupError
            assert await count() == 2
            with pytest.raises(LookupError):
                async with store.transaction() as tx:
                    await tx.execute("delete from t")
                    raise LookupError
            assert await count() == 2
            tx = await store.transaction()
            await tx.execute("delete from t")
            await tx.rollback()
            tx = await store.transaction()
            await tx.execute("delete from t")
            await tx.commit()
            assert await count() == 0
            with pytest.raises(tessera.StateError):
                await store.transaction().execute("select 1")

    asyncio.run(main())


def test_tasks_take_turns_in_transactions(opening: dict[str, Any]) -> None:
    async def main() -> None:
        async with tessera.aio.Store.open(**opening) as store:
            await store.execute("create table t(a)")
            await store.execute("insert into t values (0)")

            async def add() -> None:
                async with store.transaction() as tx:
                    (now,) = await tx.query("select a from t").one()
                    await asyncio.sleep(0)
                    await tx.execute("update t set a = ?", [now + 1])

            await asyncio.gather(*(add() for _ in range(50)))
            assert await store.query("select a from t").one() == (50,)
            await asyncio.gather(*(store.execute("update t set a = a + 1") for _ in range(50)))
            assert await store.query("select a from t").one() == (100,)

    asyncio.run(main())


def test_a_write_that_waits_for_its_own_transaction_fails_in_time(opening: dict[str, Any]) -> None:
    async def main() -> None:
        async with tessera.aio.Store.open(**opening, busy_timeout_ms=300) as store:
            with pytest.raises(tessera.BusyError):
                async with store.transaction():
                    await store.put("a", 1)
            with pytest.raises(tessera.TimeoutError):
                async with store.transaction():
                    await store.execute("create table t(a)", timeout=0.02)
            await store.put("a", 2)

    asyncio.run(main())


def test_a_cancelled_task_leaves_no_transaction(opening: dict[str, Any]) -> None:
    async def main() -> None:
        async with tessera.aio.Store.open(**opening) as store:
            await store.execute("create table t(a)")
            inside = asyncio.Event()

            async def hold() -> None:
                async with store.transaction() as tx:
                    await tx.execute("insert into t values (1)")
                    inside.set()
                    await asyncio.sleep(60)

            holder = asyncio.create_task(hold())
            await inside.wait()
            waiting = [asyncio.create_task(hold()) for _ in range(3)]
            await asyncio.sleep(0.01)
            for task in (*waiting, holder):
                task.cancel()
            await asyncio.gather(holder, *waiting, return_exceptions=True)
            async with asyncio.timeout(20):
                await store.execute("insert into t values (2)")
            assert await store.query("select a from t").all() == [(2,)]

    asyncio.run(main())


def test_rows_whose_reading_was_cancelled_have_no_gap(opening: dict[str, Any]) -> None:
    slow = ENDLESS.replace("count(*) from n", "i from n where i < 10 or i > 1000000000")

    async def main() -> None:
        async with tessera.aio.Store.open(**opening) as store:
            rows = store.query(slow)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(anext(rows), 0.05)
            with pytest.raises(tessera.CancelledError):
                await anext(rows)  # At once: what was cancelled does not go on unseen.
            await rows.close()

    asyncio.run(main())


def test_settings(opening: dict[str, Any]) -> None:
    async def main() -> None:
        async with tessera.aio.Store.open(**opening) as store:
            seen: asyncio.Queue[str] = asyncio.Queue()
            subscription = store.watch("ui.", seen.put_nowait)
            await store.put("ui.theme", {"dark": True}, commit="relaxed")
            assert await seen.get() == "ui.theme"
            assert await store.get("ui.theme") == {"dark": True}
            assert await store.get("ui.size") is None and await store.get("ui.size", 7) == 7
            assert await store.list("ui.") == {"ui.theme": {"dark": True}}
            assert await store.remove("ui.theme") and not await store.remove("ui.theme")
            subscription.cancel()

    asyncio.run(main())


def test_cache_and_outbox(opening: dict[str, Any]) -> None:
    async def main() -> None:
        async with tessera.aio.Store.open(**opening) as store:
            cache = store.cache("products")
            await cache.put("42", b"shirt", ttl=60)
            entry = await cache.get("42")
            assert entry is not None and entry.value == b"shirt"
            await cache.remove("42")
            assert await cache.get("42") is None
            await cache.clear()
            assert (await cache.stats()).hits == 1
            outbox = store.outbox
            id = await outbox.enqueue("sales", "https://example.com", body=b"x")
            (item,) = await outbox.lease("sales")
            assert item.id == id
            await outbox.extend(item, 60)
            await outbox.fail(item, "503", retry_after=1)
            assert (await outbox.list())[0].last_error == "503"
            await outbox.remove(id)
            await outbox.enqueue("sales", "https://example.com")
            assert await outbox.revoke("sales") == 1
            await outbox.enqueue("sales", "https://example.com")
            (item,) = await outbox.lease()
            await outbox.fail(item, "400", permanent=True)
            await outbox.retry(item.id)
            (item,) = await outbox.lease()
            await outbox.complete(item)
            assert (await outbox.counts()).delivered == 1

    asyncio.run(main())


def test_care(opening: dict[str, Any], tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with tessera.aio.Store.open(**opening) as store:
            assert [step.state for step in await store.migrate([("t", "create table t(a)")])] == ["applied"]
            await store.execute_many("insert into t values (?)", ((bytes(1000),) for _ in range(2000)))
            steps: list[int] = []
            await store.backup(tmp_path / "copy.tdb", progress=lambda done, total: steps.append(done))
            assert steps
            await store.compact()
            assert await store.check() == []
            assert await store.stats()
            await store.export(tmp_path / "export.tdb", app_key=bytes(32))
            await store.export_plain(tmp_path / "plain.db", reason="a test")
            assert (await store.audit())[0].reason == "a test"
            await store.import_plain(tmp_path / "plain.db")
            await store.import_store(tmp_path / "export.tdb", app_key=bytes(32))
            with pytest.raises(tessera.Error):
                await store.import_sqlcipher(tmp_path / "nothing.db", passphrase="x")
            await store.add_slot(tessera.SlotType.PASSPHRASE, passphrase="one")
            await store.change_passphrase("one", "two")
            assert not store.has_recovery_key and await store.create_recovery_key()
            assert len(store.slots()) == 3
            await store.remove_slot(next(slot.slot for slot in store.slots() if slot.type is tessera.SlotType.RECOVERY))
            with pytest.raises(tessera.NotFoundError):
                await store.rebind_device()
            await store.rotate_data_key(app_key=opening["app_key"], drop_slots=True)
            assert (await store.export_data_key("a test")).startswith("x'")
            assert store.protection is tessera.SlotType.PASSPHRASE
            await store.put_sealed(tmp_path / "file", b"content")
            assert await store.get_sealed(tmp_path / "file") == b"content"
            with store.blocking.open_log(tmp_path / "log") as log:
                log.append(b"record")
            assert await store.read_log(tmp_path / "log") == [(b"record", None)]
            await store.execute("create table shirts(tenant)")
            await store.declare_tenant("shirts", "tenant")
            assert await store.for_tenant("acme").query("select * from shirts").all() == []
        assert await tessera.aio.Store.salvage(
            tmp_path / "rescued.jsonl", config={"path": opening["path"]}, app_key=opening["app_key"]
        )
        await tessera.aio.Store.erase(path=opening["path"])
        assert not opening["path"].exists()

    asyncio.run(main())


def test_cancelling_long_work_ends_it(opening: dict[str, Any], tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with tessera.aio.Store.open(**opening) as store:
            await store.execute("create table t(a)")
            await store.execute_many("insert into t values (?)", ((bytes(4000),) for _ in range(5000)))
            begun = asyncio.Event()
            work = asyncio.create_task(store.backup(tmp_path / "copy.tdb", progress=lambda *_: begun.set()))
            await begun.wait()
            work.cancel()
            with pytest.raises(asyncio.CancelledError):
                await work
            assert await store.query("select count(*) from t").one() == (5000,)
        assert not (tmp_path / "copy.tdb").exists()

    asyncio.run(main())


def test_no_thread_of_python_per_call(opening: dict[str, Any]) -> None:
    async def main() -> None:
        async with tessera.aio.Store.open(**opening) as store:
            await store.execute("create table t(a)")
            calls = [asyncio.create_task(store.execute("insert into t values (?)", [i])) for i in range(300)]
            await asyncio.sleep(0)
            assert threading.active_count() == before
            await asyncio.gather(*calls)
            assert await store.query("select count(*) from t").one() == (300,)

    before = threading.active_count()
    asyncio.run(main())


def test_the_store_of_an_application(config: dict[str, Any]) -> None:
    async def main() -> None:
        async with tessera.aio.App.open(**config, store={"commit": "relaxed"}) as app:
            with pytest.raises(tessera.StateError):
                app.store
            store, same = await asyncio.gather(app.open_store(app_key=bytes(32)), app.open_store(app_key=bytes(32)))
            assert app.store is store is same is await app.open_store()
            await store.put("theme", "dark")
        with pytest.raises(tessera.StateError):
            await store.get("theme")

    asyncio.run(main())


def test_an_error_while_opening(opening: dict[str, Any]) -> None:
    async def main() -> None:
        with pytest.raises(tessera.ArgError, match="color"):
            async with tessera.aio.Store.open(**opening | {"color": "red"}):
                raise AssertionError("opened")
        with pytest.raises(LookupError):
            async with asyncio.timeout(60), tessera.aio.Store.open(**opening) as store:
                raise LookupError
        with pytest.raises(tessera.StateError):
            await store.get("closed")
        opened = await asyncio.create_task(tessera.aio.Store.open(**opening))
        await opened.close()

    asyncio.run(main())


def test_collecting_an_open_store_warns(opening: dict[str, Any]) -> None:
    async def main() -> None:
        await tessera.aio.Store.open(**opening)

    with pytest.warns(ResourceWarning, match="Store"):
        asyncio.run(main())
