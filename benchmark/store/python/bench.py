"""Trials of the store beside the module sqlcipher3 on an encrypted file with the same cipher and pragmas; run by
../run_python. Both sides read the same rows in the same order. Rates: more is faster."""

import itertools
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

import sqlcipher3.dbapi2  # type: ignore[import-not-found, import-untyped, unused-ignore]
import tessera

ROUNDS = 31  # odd: the median is a round that was measured
ROUND_S = 0.04
COUNT = 10_000
RANGE = 100
BATCH = 1000
PEER = "sqlcipher3"

SCHEMA = "create table small(nul, integer integer, real real, text text, blob blob)"
ROW = (None, 0x7FFFFFFF, 1 / 3, "this is the text", b"this is the blob")
INSERT = "insert into small values (?, ?, ?, ?, ?)"
SELECT = "select nul, integer, real, text from small where rowid = ?"
SELECT_RANGE = f"select nul, integer, real, text from small where rowid >= ? limit {RANGE}"
PRAGMAS = (
    "auto_vacuum = incremental", "journal_mode = wal", "synchronous = normal", "cache_size = -16000",
    "temp_store = memory", "secure_delete = on", "cell_size_check = on", "foreign_keys = on",
)  # fmt: skip

Trials = dict[str, Callable[[], None]]


def row_ids(step: int) -> Iterator[int]:
    return (at % (COUNT - RANGE) + 1 for at in itertools.count(0, step))


def check(holds: bool) -> None:
    if not holds:
        raise RuntimeError("a trial read or wrote something else")


def ours(folder: pathlib.Path) -> tuple[tessera.Store, Trials]:
    store = tessera.Store.open(path=folder / "ours.tdb", app_key=os.urandom(32), commit="relaxed")
    store.execute(SCHEMA)
    store.execute_many(INSERT, [ROW] * COUNT)
    one, many, batch = row_ids(1), row_ids(RANGE), [ROW] * BATCH

    def select() -> None:
        check(store.query(SELECT, (next(one),)).one()["text"] == ROW[3])

    def iterate() -> None:
        check(sum(row["integer"] == ROW[1] for row in store.query(SELECT_RANGE, (next(many),))) == RANGE)

    def insert() -> None:
        check(store.execute(INSERT, ROW).changes == 1)

    def bulk() -> None:
        check(store.execute_many(INSERT, batch) == BATCH)

    return store, {"select": select, "iterate": iterate, "insert": insert, "bulk": bulk}


def theirs(folder: pathlib.Path) -> tuple[Any, Trials]:
    db = sqlcipher3.dbapi2.connect(str(folder / "peer.db"), isolation_level=None)
    db.execute(f"pragma key = \"x'{os.urandom(32).hex()}'\"")
    for pragma in PRAGMAS:
        db.execute(f"pragma {pragma}")
    db.row_factory = sqlcipher3.dbapi2.Row
    db.execute(SCHEMA)
    one, many, batch = row_ids(1), row_ids(RANGE), [ROW] * BATCH

    def select() -> None:
        check(db.execute(SELECT, (next(one),)).fetchone()["text"] == ROW[3])

    def iterate() -> None:
        check(sum(row["integer"] == ROW[1] for row in db.execute(SELECT_RANGE, (next(many),))) == RANGE)

    def insert() -> None:
        check(db.execute(INSERT, ROW).rowcount == 1)

    def bulk() -> None:
        db.execute("begin immediate")
        check(db.executemany(INSERT, batch).rowcount == BATCH)
        db.execute("commit")

    for _ in range(COUNT // BATCH):
        bulk()
    return db, {"select": select, "iterate": iterate, "insert": insert, "bulk": bulk}


def rate(trial: Callable[[], None], calls: int) -> float:
    """Calls in a second."""
    started = time.perf_counter()
    for _ in range(calls):
        trial()
    return calls / (time.perf_counter() - started)


def measure(bench: str, rows: int, own: Callable[[], None], peer: Callable[[], None]) -> None:
    calls = max(1, round(rate(own, 20) * ROUND_S))
    rates = [(rate(own, calls) * rows, rate(peer, calls) * rows) for _ in range(ROUNDS + 3)][3:]
    value, peer_value = (statistics.median(column) for column in zip(*rates))
    print(json.dumps({"bench": bench, "value": value, "unit": "rows/s", "better": "higher", "peer": PEER,
                      "peer_value": peer_value, "ratio": value / peer_value}), flush=True)  # fmt: skip
    print(f"{bench:<28} {value:.0f} rows/s  {PEER} {peer_value:.0f}  ratio {value / peer_value:.2f}", file=sys.stderr)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tessera-bench-") as folder:
        store, own = ours(pathlib.Path(folder))
        db, peer = theirs(pathlib.Path(folder))
        for name, rows in (("select", 1), ("iterate", RANGE), ("insert", 1), ("bulk", BATCH)):
            measure(f"store/python_{name}", rows, own[name], peer[name])
        store.close()
        db.close()


if __name__ == "__main__":
    main()
