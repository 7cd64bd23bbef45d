"""The store: opening, SQL, rows, transactions, migrations, tenants."""

import dataclasses
import datetime
import gc
import pathlib
import pickle
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import tessera


@pytest.fixture
def people(store: tessera.Store) -> tessera.Store:
    store.execute("create table people(id integer primary key, name text not null, height real, photo blob)")
    store.execute_many("insert into people(name, height) values (?, ?)", [("ana", 1.7), ("rui", None), ("eva", 1.6)])
    return store


def reason(error: pytest.ExceptionInfo[tessera.Error]) -> Any:
    return error.value.detail.get("reason")


# Opening.


def test_what_was_written_is_there_when_it_is_opened_again(store_config: dict[str, Any]) -> None:
    with tessera.Store.open(**store_config) as store:
        store.execute("create table t(a)")
        assert store.execute("insert into t values (?)", ["kept"]) == (1, 1)
    with tessera.Store.open(**store_config) as store:
        assert store.query("select a from t").one()["a"] == "kept"
    with pytest.raises(tessera.StateError):
        store.query("select 1")


def test_a_wrong_key_and_a_missing_store(store_config: dict[str, Any]) -> None:
    with pytest.raises(tessera.NotFoundError):
        tessera.Store.open(**store_config | {"create": False})
    tessera.Store.open(**store_config).close()
    with pytest.raises(tessera.CryptoError) as wrong:
        tessera.Store.open(**store_config | {"app_key": bytes(32)})
    assert reason(wrong) == "WRONG_KEY"
    with pytest.raises(tessera.ArgError, match="color"):
        tessera.Store.open(**store_config | {"color": "red"})
    with pytest.raises(TypeError):
        tessera.Store.open(**store_config | {"passphrase": 7})


def test_the_second_one_is_told_who_has_it(store: tessera.Store, store_config: dict[str, Any]) -> None:
    with pytest.raises(tessera.BusyError) as busy:
        tessera.Store.open(**store_config | {"busy_timeout_ms": 10})
    assert reason(busy) == "STORE_LOCKED"


def test_in_memory() -> None:
    with tessera.Store.open(path=":memory:", app_key=bytes(32)) as store:
        store.put("a", 1)
        assert store.get("a") == 1


def test_the_store_of_an_application(config: dict[str, Any]) -> None:
    with tessera.App.open(**config, store={"commit": "relaxed"}) as app:
        store = app.open_store(app_key=bytes(32))
        assert app.store is store
        store.put("theme", "dark")
        assert (config["data_dir"] / "app.tdb").exists()
    with pytest.raises(tessera.StateError):
        store.get("theme")
    with tessera.App.open(**config) as app, pytest.raises(tessera.CryptoError):
        app.store


def test_erasing(store_config: dict[str, Any]) -> None:
    tessera.Store.open(**store_config).close()
    tessera.Store.erase(path=store_config["path"])
    assert not store_config["path"].exists()
    with pytest.raises(tessera.NotFoundError):
        tessera.Store.erase(path=store_config["path"])


# Values.


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (None, None),
        (True, 1),
        (-(2**63), -(2**63)),
        (2**63 - 1, 2**63 - 1),
        (1.5, 1.5),
        ("", ""),
        ("ação \0 😀", "ação \0 😀"),
        (b"", b""),
        (b"\0\xff", b"\0\xff"),
        (bytearray(b"array"), b"array"),
        (memoryview(b"view"), b"view"),
        (tessera.SlotType.DEVICE, 3),
    ],
)
def test_values(store: tessera.Store, value: Any, read: Any) -> None:
    row = store.query("select ? as v, :v as w", [value, value]).one()
    assert (row["v"], row["w"]) == (read, read)
    assert type(row[0]) is type(read)
    assert store.query("select :v", {"v": value}).one()[0] == read
    assert store.query_all("select ?", (value,))[0][0] == read


def test_numbers_of_other_kinds(store: tessera.Store) -> None:
    class Number:
        def __index__(self) -> int:
            return 7

    assert store.query("select ?", [Number()]).one()[0] == 7  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ([object()], TypeError),
        ([datetime.date.today()], TypeError),
        ([[1]], TypeError),
        ([2**63], OverflowError),
        (["\ud800"], UnicodeEncodeError),
        ("text", TypeError),
        (b"bytes", TypeError),
        (7, TypeError),
        ([1, 2], tessera.ArgError),
        ({"unknown": 1}, tessera.ArgError),
        ({7: 1}, TypeError),
    ],
)
def test_parameters_that_are_refused(store: tessera.Store, params: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        store.query("select ?1", params).all()
    assert store.query("select ?", [1]).one() == (1,)


def test_named_parameters(people: tessera.Store) -> None:
    sql = "select name from people where name = :name and height > $low"
    assert people.query(sql, {"name": "ana", "low": 1}).one()["name"] == "ana"
    assert people.query(sql, {":name": "ana", "$low": 1}).one()["name"] == "ana"


def test_calls_are_checked_as_those_of_python_are(store: tessera.Store) -> None:
    untyped: Any = store
    for call in (
        untyped.execute,
        lambda: untyped.execute("select 1", (), "strict"),
        lambda: untyped.execute("select 1", color="red"),
        lambda: untyped.execute("select 1", sql="select 1"),
        lambda: untyped.execute(b"select 1"),
        lambda: untyped.put("key"),
    ):
        with pytest.raises(TypeError):
            call()
    with pytest.raises(ValueError):
        untyped.execute("select 1", commit="maybe")
    with pytest.raises(ValueError):
        untyped.execute("select 1", timeout=-1)


# Rows.


def test_a_row_is_like_a_mapping_and_like_a_tuple(people: tessera.Store) -> None:
    row = people.query("select id, name, height from people where name = ?", ["ana"]).one()
    assert (row["name"], row[1], row[-1], row[0:2]) == ("ana", "ana", 1.7, (1, "ana"))
    assert dict(row) == {"id": 1, "name": "ana", "height": 1.7} == row
    assert tuple(row) == (1, "ana", 1.7) == row
    assert list(row) == [1, "ana", 1.7]
    id, name, height = row
    assert (id, name, height) == row.values()
    assert row.keys() == ("id", "name", "height")
    assert row.items() == (("id", 1), ("name", "ana"), ("height", 1.7))
    assert (row.get("name"), row.get("age"), row.get("age", 7)) == ("ana", None, 7)
    assert len(row) == 3 and "ana" in row
    assert repr(row) == "Row(id=1, name='ana', height=1.7)"
    match row:
        case (1, who, _):
            assert who == "ana"
        case _:
            raise AssertionError(row)
    for missing in ("age", 3, -4, slice(None, "x")):
        with pytest.raises((KeyError, IndexError, TypeError)):
            row[missing]


def test_rows_compare_hash_and_travel(people: tessera.Store) -> None:
    sql = "select id, name from people order by id"
    first, second = people.query_all(sql)[:2]
    assert first == people.query(sql).first()
    assert first != second
    assert first != people.query("select id, name as called from people order by id").first()
    assert hash(first) == hash((1, "ana"))
    assert pickle.loads(pickle.dumps(first)) == first
    assert tessera.Row(("id", "name"), (1, "ana")) == first
    with pytest.raises(ValueError):
        tessera.Row(("id",), ())
    with pytest.raises(TypeError):
        tessera.Rows()


def test_ways_to_read(people: tessera.Store) -> None:
    sql = "select name from people order by id"
    rows = people.query(sql)
    assert rows.columns == ("name",)
    assert iter(rows) is rows
    assert next(rows)["name"] == "ana"
    assert [row["name"] for row in rows] == ["rui", "eva"]
    assert list(rows) == rows.all() == [] and rows.first() is None
    assert people.query(sql).first() == ("ana",)
    assert people.query(sql).fetch(2) == [("ana",), ("rui",)]
    started = people.query(sql)
    next(started)
    assert started.fetch(10) == [("rui",), ("eva",)]
    assert people.query("select name from people where id = 9").columns == ("name",)
    with pytest.raises(tessera.NotFoundError):
        people.query("select name from people where id = 9").one()
    with pytest.raises(tessera.StateError):
        people.query(sql).one()
    with people.query(sql) as open_rows:
        next(open_rows)
    assert open_rows.all() == []
    open_rows.close()


@pytest.mark.parametrize("count", [1, 31, 32, 33, 288, 289, 5000])
def test_many_rows(store: tessera.Store, count: int) -> None:
    sql = "with recursive n(i) as (values (1) union all select i + 1 from n where i < ?) select i, 'text ' || i as t from n"
    assert list(store.query(sql, [count])) == [(i, f"text {i}") for i in range(1, count + 1)]
    assert [row[0] for row in store.query_all(sql, [count])] == list(range(1, count + 1))


def test_big_values(store: tessera.Store) -> None:
    store.execute("create table t(b)")
    blobs = [bytes([i]) * (300_000 + i) for i in range(5)]
    assert store.execute_many("insert into t values (?)", ((blob,) for blob in blobs)) == 5
    assert [row[0] for row in store.query("select b from t order by rowid")] == blobs


def test_an_error_comes_behind_the_rows_before_it(store: tessera.Store) -> None:
    sql = "with n(i) as (values (1), (2), (-9223372036854775808)) select abs(i) from n"
    rows = store.query(sql)
    assert [next(rows), next(rows)] == [(1,), (2,)]
    with pytest.raises(tessera.Error):
        next(rows)
    assert list(rows) == []


def test_columns_of_a_table_that_changed(people: tessera.Store) -> None:
    sql = "select * from people where id = 1"
    assert people.query(sql).one().keys() == ("id", "name", "height", "photo")
    people.execute("alter table people add column age integer default 7")
    assert people.query(sql).one()["age"] == 7


def test_records(people: tessera.Store) -> None:
    @dataclasses.dataclass
    class Person:
        id: int
        name: str

    sql = "select id, name from people order by id"
    assert list(people.query_as(Person, sql)) == [Person(1, "ana"), Person(2, "rui"), Person(3, "eva")]
    assert people.query_as(Person, sql).all()[0] == people.query_as(Person, sql).first() == Person(1, "ana")
    assert people.query_as(Person, sql + " limit ?", [1]).one().name == "ana"
    with pytest.raises(TypeError, match="height"):
        people.query_as(Person, "select id, name, height from people").all()


def test_rows_are_for_one_thread_at_a_time(store: tessera.Store) -> None:
    endless = "with recursive n(i) as (values (1) union all select i + 1 from n) select i from n where i < 2"
    rows = store.query(endless)
    assert next(rows) == (1,)
    ends: list[BaseException] = []

    def read() -> None:
        try:
            next(rows)
        except tessera.Error as error:
            ends.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    time.sleep(0.2)
    for call in (rows.close, rows.all, lambda: rows.fetch(1)):
        with pytest.raises(tessera.StateError, match="another thread"):
            call()
    rows.interrupt()
    reader.join(30)
    assert [type(end) for end in ends] == [tessera.CancelledError]


def test_time_out(store: tessera.Store) -> None:
    endless = "with recursive n(i) as (values (1) union all select i + 1 from n) select count(*) from n"
    with pytest.raises(tessera.TimeoutError):
        store.query(endless, timeout=0.05).one()


def test_python_runs_while_a_query_does(store: tessera.Store) -> None:
    turns = 0
    long = "with recursive n(i) as (values (1) union all select i + 1 from n where i < 3000000) select sum(i) from n"
    reader = threading.Thread(target=lambda: store.query(long).one())
    reader.start()
    while reader.is_alive():
        turns += 1
        time.sleep(0.001)
    assert turns > 5


# Writing.


def test_execute_tells_what_changed(people: tessera.Store) -> None:
    done = people.execute("insert into people(name) values ('zé')")
    assert (done.changes, done.row_id) == (1, 4)
    assert people.execute("update people set height = 1.8").changes == 4
    assert people.execute("delete from people where id > ?", [1]).changes == 3
    assert people.query("insert into people(name) values ('bia') returning id, name").one() == (2, "bia")


def test_execute_many(store: tessera.Store) -> None:
    store.execute("create table t(a, b)")
    insert = "insert into t values (?, ?)"
    assert store.execute_many(insert, []) == 0
    assert store.execute_many(insert, ([i, str(i)] for i in range(1000))) == 1000
    row = store.query("select * from t limit 1").one()
    assert store.execute_many(insert, [row, (b"x", None)]) == 2
    assert store.query("select count(*), sum(a = 0) from t").one() == (1002, 2)
    for rows, error in (
        ([(1, 2), (3,)], ValueError),
        ([7], TypeError),
        (["ab"], TypeError),
        (7, TypeError),
        ([{"a": 1, "b": 2}], TypeError),
        ([(1, object())], TypeError),
        ([(1,)], tessera.ArgError),
    ):
        with pytest.raises(error):
            store.execute_many(insert, rows)  # type: ignore[arg-type]

    def failing() -> Any:
        yield (1, 2)
        raise LookupError("in the middle")

    with pytest.raises(LookupError):
        store.execute_many(insert, failing())
    assert store.query("select count(*) from t").one()[0] == 1002


def test_execute_many_is_all_or_nothing(store: tessera.Store) -> None:
    store.execute("create table t(a integer primary key)")
    with pytest.raises(tessera.StateError) as broken:
        store.execute_many("insert into t values (?)", [(1,), (2,), (1,)])
    assert reason(broken) == "CONSTRAINT"
    assert store.query("select count(*) from t").one()[0] == 0


def test_script(store: tessera.Store) -> None:
    store.execute_script("create table t(a); insert into t values (1); insert into t values (2);", commit="strict")
    assert store.query("select count(*) from t").one()[0] == 2
    with pytest.raises(tessera.ArgError):
        store.execute_script("delete from t; delete from nowhere;")
    assert store.query("select count(*) from t").one()[0] == 2


def test_sql_that_is_wrong(store: tessera.Store) -> None:
    with pytest.raises(tessera.ArgError, match="nowhere"):
        store.query("select * from nowhere")
    with pytest.raises(tessera.ArgError):
        store.execute("")


# Transactions.


def test_a_transaction_commits_at_its_end(people: tessera.Store) -> None:
    with people.transaction(commit="strict", timeout=1) as tx:
        assert tx.execute("insert into people(name) values (:name)", {"name": "zé"}).row_id == 4
        assert tx.execute_many("update people set height = ? where id = ?", [(1.0, 1), (2.0, 2)]) == 2
        assert tx.query("select count(*) from people").one()[0] == 4
        assert [row[0] for row in tx.query_all("select height from people where id < 3")] == [1.0, 2.0]
        tx.put("seen", True)
        assert people.query("select count(*) from people").one()[0] == 3
        assert people.get("seen") is None
    assert people.query("select count(*) from people").one()[0] == 4
    assert people.get("seen") is True
    with people.transaction() as tx:
        assert tx.remove("seen") is True
        assert tx.remove("seen") is False
    with pytest.raises(tessera.StateError):
        tx.execute("select 1")


def test_an_exception_undoes_a_transaction(people: tessera.Store) -> None:
    with pytest.raises(LookupError):
        with people.transaction() as tx:
            tx.execute("delete from people")
            raise LookupError
    assert people.query("select count(*) from people").one()[0] == 3


def test_by_hand(people: tessera.Store) -> None:
    with people.transaction() as tx:
        tx.execute("delete from people")
        tx.rollback()
    assert people.query("select count(*) from people").one()[0] == 3
    tx = people.transaction()
    tx.execute("delete from people where id = 1")
    tx.commit()
    tx = people.transaction()
    tx.execute("delete from people")
    del tx  # undone
    assert people.query("select count(*) from people").one()[0] == 2


def test_nested(people: tessera.Store) -> None:
    with people.transaction() as outer:
        with outer.transaction() as inner:
            inner.execute("delete from people where id = 1")
            with pytest.raises(tessera.StateError):
                outer.execute("select 1")
        with pytest.raises(LookupError):
            with outer.transaction() as inner:
                inner.execute("delete from people")
                raise LookupError
    assert people.query("select count(*) from people").one()[0] == 2


def test_a_transaction_belongs_to_its_thread(people: tessera.Store) -> None:
    with people.transaction() as tx:
        with pytest.raises(tessera.StateError):
            people.execute("delete from people")
        errors: list[tessera.Error] = []

        def use() -> None:
            try:
                tx.execute("delete from people")
            except tessera.Error as error:
                errors.append(error)

        thread = threading.Thread(target=use)
        thread.start()
        thread.join(30)
        assert [type(error) for error in errors] == [tessera.StateError]
    assert people.query("select count(*) from people").one()[0] == 3


def test_threads_share_a_store(store: tessera.Store) -> None:
    store.execute("create table t(a)")
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for i in range(100):
                store.execute("insert into t values (?)", [number * 1000 + i])
                with store.transaction() as tx:
                    tx.execute("insert into t values (?)", [-1])
                assert len(store.query_all("select a from t where a between ? and ?", [number * 1000, number * 1000 + i])) == i + 1
                store.put(f"{number}", i)
                assert store.get(f"{number}") == i
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failures == []
    assert store.query("select count(*) from t").one()[0] == 1200


# Schema and tenants.

STEPS = [("people", "create table people(name)"), ("ages", "alter table people add column age")]


def test_migrations(store: tessera.Store) -> None:
    assert [step.state for step in store.migrate(STEPS, dry_run=True)] == ["pending", "pending"]
    assert store.migrate(STEPS[:1]) == [("people", "applied")]
    assert store.migrate(iter(STEPS)) == [("people", "present"), ("ages", "applied")]
    with pytest.raises(tessera.StateError) as changed:
        store.migrate([("people", "create table others(name)"), STEPS[1]])
    assert reason(changed) == "MIGRATION_CHANGED"
    with pytest.raises(tessera.UnsupportedError) as newer:
        store.migrate(STEPS[:1])
    assert reason(newer) == "NEWER_SCHEMA"
    untyped: Any = store.migrate
    for steps in ([("name",)], ["name"], [(1, 2)]):
        with pytest.raises(TypeError):
            untyped(steps)


def test_tenants(store: tessera.Store) -> None:
    store.execute("create table shirts(id integer primary key, tenant text, colour text)")
    store.declare_tenant("shirts", "tenant")
    with store.for_tenant("acme") as acme:
        other = store.for_tenant("other")
        acme.execute("insert into shirts(tenant, colour) values ('acme', 'blue')")
        other.execute("insert into shirts(tenant, colour) values ('other', 'red')")
        assert [row["colour"] for row in acme.query("select colour from shirts")] == ["blue"]
        with pytest.raises(tessera.StateError) as needed:
            store.query("select colour from shirts").all()
        assert reason(needed) == "TENANT_REQUIRED"
        with pytest.raises(tessera.ArgError):
            store.for_tenant("")
    with pytest.raises(tessera.StateError):
        store.get("closing either closes the store")


def test_collecting_an_open_store_warns(store_config: dict[str, Any]) -> None:
    with pytest.warns(ResourceWarning, match="Store"):
        tessera.Store.open(**store_config)


def test_a_tenants_store_is_the_whole_one(store_config: dict[str, Any]) -> None:
    acme = tessera.Store.open(**store_config).for_tenant("acme")
    gc.collect()  # It keeps the store, which would else be collected open.
    with acme:
        acme.put("a", 1)
    del acme
    gc.collect()


def test_log(store_config: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="tessera")
    records: list[tessera.LogRecord] = []
    with tessera.Store.open(**store_config) as store:
        subscription = store.on_log(tessera.LogLevel.TRACE, records.append)
        store.export_data_key("a test")
        subscription.cancel()
    assert all(record.area for record in records)


@pytest.mark.parametrize("wrong", [lambda s: s.query("select ?", [1]).fetch(-1), lambda s: s.query("select 1").fetch("x")])
def test_fetching_a_wrong_number(store: tessera.Store, wrong: Callable[[tessera.Store], object]) -> None:
    with pytest.raises((OverflowError, TypeError)):
        wrong(store)


def test_paths(tmp_path: pathlib.Path) -> None:
    with pytest.raises(tessera.ArgError):
        tessera.Store.open(path=tmp_path / "app.db")
    with tessera.Store.open(path=str(tmp_path / "ação.tdb"), app_key=bytes(32)) as store:
        store.put("a", 1)
