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
def test_licences(config: dict[str, Any]) -> None:
    def round_() -> None:
        with tessera.License.open(**config) as license:
            license.check()

    assert grows(round_) < ALLOWED_GROWTH_KIB
