"""A vendor and a customer in a folder of their own."""

import dataclasses
import gc
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest
import tessera
from tessera import _native


@dataclasses.dataclass
class Vendor:
    """Root and signing key, and the key set that joins them."""

    root: tessera.Key = dataclasses.field(default_factory=tessera.Key.generate)
    signing: tessera.Key = dataclasses.field(default_factory=tessera.Key.generate)

    def __post_init__(self) -> None:
        self.issuer = tessera.Issuer(self.signing, issuer="acme", product="player")
        roots = tessera.Issuer(self.root, issuer="acme", product="player")
        self.keys = roots.keyset(seq=1, keys=[{"public": self.signing.public_key}])

    def license_file(self, request: str | None = None, **spec: Any) -> str:
        defaults: dict[str, Any] = {"sku": "pro", "subject": "ana@example.com", "allow_weak": True}
        return self.keys + "\n" + self.issuer.issue(request, **defaults | spec)


VENDOR = Vendor()


@pytest.fixture
def vendor() -> Vendor:
    return VENDOR


@pytest.fixture
def config(vendor: Vendor, tmp_path: pathlib.Path) -> dict[str, Any]:
    return {
        "product": "player",
        "trusted_keys": [vendor.root.public_key],
        "data_dir": tmp_path / "state",
        "memory_dir": tmp_path / "memory",
        "keystore": "file",
    }


@pytest.fixture
def license(config: dict[str, Any]) -> Iterator[tessera.License]:
    with tessera.License.open(**config) as opened:
        yield opened


@pytest.fixture
def licensed(license: tessera.License, vendor: Vendor) -> tessera.License:
    bundle = vendor.license_file(license.request(), days=365, entitlements={"export": True, "copies": {"value": 50, "per": "month"}})
    license.import_bundle(bundle)
    return license


@pytest.fixture
def store_config(tmp_path: pathlib.Path) -> dict[str, Any]:
    """Opened by a key of the application, which costs no time."""
    return {"path": tmp_path / "app.tdb", "app_key": bytes(range(32)), "commit": "relaxed"}


@pytest.fixture
def store(store_config: dict[str, Any]) -> Iterator[tessera.Store]:
    with tessera.Store.open(**store_config) as opened:
        yield opened


_left_behind: list[str] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Every test frees what it made."""
    gc.collect()
    before = _native.live_objects()
    outcome = yield
    gc.collect()
    if _native.live_objects() != before:
        _left_behind.append(f"{item.nodeid}: {before} live objects became {_native.live_objects()}")
    return outcome


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _left_behind and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in _left_behind:
        terminalreporter.write_line(line, red=True)
