"""Ten thousand rounds leave nothing behind."""

import gc
import pathlib
from typing import Any

import pytest
import tessera
from conftest import Vendor
from tessera import _native

ROUNDS = 10_000
WARM_UP = 1_000
ALLOWED_GROWTH_KIB = 1024


def resident_kib() -> int:
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS")


def grows(round_: Any) -> int:
    """How many KiB more are resident after the rounds."""
    for _ in range(WARM_UP):
        round_()
    gc.collect()
    live, resident = _native.live_objects(), resident_kib()
    for _ in range(ROUNDS):
        round_()
    gc.collect()
    assert _native.live_objects() == live
    return resident_kib() - resident


@pytest.mark.leaks
def test_keys_issuers_verdicts_and_errors(licensed: tessera.License, vendor: Vendor) -> None:
    text = vendor.signing.export_text()

    def round_() -> None:
        key = tessera.Key.import_text(text)
        issuer = tessera.Issuer(key, issuer="acme", product="player")
        licensed.on_log(tessera.LogLevel.ERROR, print)
        verdict = licensed.verify_bundle("no licence")
        assert verdict.reasons
        assert not verdict.entitlements
        try:
            issuer.issue(sku=7)  # type: ignore[arg-type]
        except tessera.ArgError:
            pass

    assert grows(round_) < ALLOWED_GROWTH_KIB


@pytest.mark.leaks
def test_stores(store: tessera.Store) -> None:
    store.execute("create table t(id integer primary key, text, bytes)")
    store.execute_many("insert into t(text, bytes) values (?, ?)", [("ação", b"x" * 100)] * 100)
    cache = store.cache("space")

    def round_() -> None:
        assert len(store.query("select * from t").all()) == len(store.query_all("select * from t")) == 100
        next(store.query("select * from t where id > :low", {"low": 7}))["text"]
        store.execute_many("update t set text = ? where id = ?", [["text", 1], ["other", 2]])
        with store.transaction() as tx:
            tx.put("key", {"a": [1, 2]})
        store.watch("", print).cancel()
        cache.get_or_load("key", lambda key: b"value", ttl=60)
        for wrong in ("select * from nowhere", "select 1 / abs(-9223372036854775808)"):
            try:
                store.query(wrong).all()
            except tessera.Error:
                pass
        try:
            store.execute("select ?", [object()])  # type: ignore[list-item]
        except TypeError:
            pass

    assert grows(round_) < ALLOWED_GROWTH_KIB


@pytest.mark.leaks
def test_licences(config: dict[str, Any]) -> None:
    def round_() -> None:
        with tessera.License.open(**config) as license:
            license.check()

    assert grows(round_) < ALLOWED_GROWTH_KIB
