"""The interpreter goes on while the SDK works."""

import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import tessera
from conftest import Vendor


def counts_during(call: Callable[[], object], patience_s: float = 30) -> int:
    """How far another thread counts while `call` runs, again and again where it is too short for the other thread to
    wake up. It does not count at all if the call keeps the interpreter lock: the switch interval is too long for Python
    to take it away."""
    counted = 0
    go = threading.Event()

    def count() -> None:
        nonlocal counted
        go.wait()
        for _ in range(1000):
            counted += 1

    thread = threading.Thread(target=count)
    thread.start()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    try:
        go.set()
        until = time.monotonic() + patience_s
        call()
        while counted == 0 and time.monotonic() < until:
            call()
        reached = counted
    finally:
        sys.setswitchinterval(interval)
        thread.join()
    return reached


@pytest.mark.parametrize(
    "call",
    [
        lambda license, bundle, config: tessera.License.open(**config),
        lambda license, bundle, config: license.refresh(),
        lambda license, bundle, config: license.import_bundle(bundle),
        lambda license, bundle, config: license.verify_bundle(bundle),
        lambda license, bundle, config: license.request(),
        lambda license, bundle, config: license.meter_add("copies", 0),
        lambda license, bundle, config: license.deactivate(),
        lambda license, bundle, config: license.close(),
        lambda license, bundle, config: tessera.Hwid.probe(),
        lambda license, bundle, config: tessera.Key.generate(tessera.KeyType.RS256),
    ],
    ids=["open", "refresh", "import", "verify", "request", "meter_add", "deactivate", "close", "probe", "generate"],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_blocking_calls_release_the_interpreter_lock(
    call: Any, licensed: tessera.License, vendor: Vendor, config: dict[str, Any]
) -> None:
    bundle = vendor.license_file()
    assert counts_during(lambda: call(licensed, bundle, config)) > 0


def test_check_keeps_the_interpreter_lock(licensed: tessera.License) -> None:
    assert counts_during(licensed.check, patience_s=0.5) == 0


def test_many_threads_on_one_licence(licensed: tessera.License, vendor: Vendor) -> None:
    bundle = vendor.license_file()
    errors: list[BaseException] = []
    subscription = licensed.on_log(tessera.LogLevel.TRACE, lambda record: licensed.check())

    def work() -> None:
        try:
            for _ in range(20):
                assert licensed.check()
                assert licensed.import_bundle(bundle)
                assert licensed.refresh()
        except BaseException as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 60
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    assert not any(thread.is_alive() for thread in threads)
    assert errors == []
    subscription.cancel()


def test_closing_under_other_threads(config: dict[str, Any], vendor: Vendor) -> None:
    license = tessera.License.open(**config)
    license.import_bundle(vendor.license_file())
    started = threading.Barrier(5)
    outcomes: list[str] = []

    def work() -> None:
        started.wait()
        try:
            while True:
                license.refresh()
        except tessera.StateError:
            outcomes.append("closed")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    started.wait()
    license.close(timeout=10)
    for thread in threads:
        thread.join(30)
    assert outcomes == ["closed"] * 4
