"""What type checkers see; run by mypy --strict, which also finds every ignore that is not needed."""

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


async def check_async_types(license: tessera.aio.License) -> None:
    assert_type(await license.refresh(), tessera.Verdict)
    assert_type(await license.request(), str)
    assert_type(await tessera.aio.generate_key(), tessera.Key)
    async with await tessera.aio.App.open(product="p", data_dir="d") as app:
        assert_type(app, tessera.aio.App)


def test_the_package_tells_that_it_has_types() -> None:
    assert (pathlib.Path(tessera.__file__).parent / "py.typed").exists()
