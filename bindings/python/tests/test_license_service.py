"""Licences over the network, against the service of examples/license_service in a process of its own."""

import asyncio
import dataclasses
import os
import pathlib
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
import tessera
import tessera.aio

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

ADMIN = pathlib.Path(os.environ["TESSERA_EXAMPLES"]) / "license_service/admin.py"


@dataclasses.dataclass
class Service:
    """The vendor's desk and the server, which start() and stop() as they like."""

    folder: pathlib.Path
    root: str = ""
    gateway: str = ""
    process: subprocess.Popen[str] | None = None

    def desk(self, *arguments: str) -> str:
        done = subprocess.run(self._command(*arguments), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, str(ADMIN), str(self.folder), *arguments]

    def start(self, per_minute: int = 1000) -> None:
        # Warnings of what the server is made of are not ours.
        environment = os.environ | {"PYTHONWARNINGS": "ignore", "PYTHONDONTWRITEBYTECODE": "1"}
        self.process = subprocess.Popen(
            self._command("serve", "--per-minute", str(per_minute)), stdout=subprocess.PIPE, text=True, env=environment
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("listening"), line
        self.gateway = line.split()[1]

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.communicate(timeout=60)
            self.process = None

    def sell(self, *options: str, plan: str = "pro") -> str:
        return self.desk("key", plan, "--subject", "ana@example.com", *options).split()[0]


@pytest.fixture
def service(tmp_path: pathlib.Path) -> Iterator[Service]:
    service = Service(tmp_path / "service")
    service.root = service.desk("init", "--issuer", "acme", "--product", "player").split()[-1]
    service.desk("plan", "pro", "--sku", "pro", "--sync-every-s", "86400", "--allow-weak", "--entitlement", "copies=50")
    service.desk("plan", "team", "--sku", "team", "--kind", "floating", "--lease-s", "600", "--allow-weak")
    service.start()
    yield service
    service.stop()


def config_of(service: Service, folder: pathlib.Path) -> Any:
    return {
        "product": "player",
        "trusted_keys": [service.root],
        "data_dir": folder / "state",
        "memory_dir": folder / "memory",
        "keystore": "file",
        "gateway": service.gateway,
        "license_service": {"background": False, "timeout_s": 60},
    }


def refusal(call: Any, *arguments: Any) -> tessera.LicenseCode | None:
    with pytest.raises(tessera.Error) as refused:
        call(*arguments)
    return refused.value.license_code


def test_every_path_of_the_contract_is_there(service: Service) -> None:
    contract = (pathlib.Path(os.environ["TESSERA_DOCS"]) / "reference/license-service.openapi.yaml").read_text()
    calls = re.findall(r"^  /(\w+):\n    (get|post):", contract, re.MULTILINE)
    assert len(calls) == 8
    for path, method in calls:
        asked = urllib.request.Request(f"{service.gateway}/license/{path}", method=method.upper(), data=b"" if method == "post" else None)
        try:
            status, body = 200, urllib.request.urlopen(asked).read().decode()
        except urllib.error.HTTPError as refused:
            status, body = refused.code, refused.read().decode()
            refused.close()
        # What is no request is refused as that; the service without an RSA key has no tokens to give.
        expected = (200, "ey") if path == "lists" else (404, "SERVER_REJECTED") if path == "validate" else (422, "MALFORMED")
        assert status == expected[0] and expected[1] in body, (path, status, body)


def test_a_life(service: Service, tmp_path: pathlib.Path) -> None:
    key = service.sell("--days", "30")
    with tessera.License.open(**config_of(service, tmp_path / "one")) as license:
        assert refusal(license.sync) is tessera.LicenseCode.NO_LICENSE
        assert refusal(license.activate, tessera.generate_license_key()) is tessera.LicenseCode.LICENSE_KEY_INVALID
        verdict = license.activate(key, note="desk 4")
        assert verdict
        assert (verdict.sku, verdict.entitlement("copies").value) == ("pro", 50)
        assert license.activate(key).license_id == verdict.license_id  # again takes no second seat
        assert license.sync()
        assert license.fetch_lists()
        assert license.confirm_clock()
        assert "desk 4" in service.desk("list")

        with tessera.License.open(**config_of(service, tmp_path / "two")) as other:
            assert refusal(other.activate, key) is tessera.LicenseCode.SEAT_LIMIT
            assert license.deactivate_online().code is tessera.LicenseCode.DEACTIVATED
            assert license.deactivate_online().code is tessera.LicenseCode.DEACTIVATED  # told again
            assert other.activate(key)


def test_terms_change(service: Service, tmp_path: pathlib.Path) -> None:
    key = service.sell("--days", "30")
    with tessera.License.open(**config_of(service, tmp_path)) as license:
        first = license.activate(key)
        service.desk("extend", key, "--days", "60")
        later = license.sync()
        assert first.expires_at and later.expires_at
        assert (later.expires_at - first.expires_at).days == 30

        service.desk("unpaid", key)
        assert refusal(license.sync) is tessera.LicenseCode.EXPIRED
        warned = license.check()
        assert warned.code is later.code  # nobody signed that
        assert tessera.LicenseCode.EXPIRED in [reason.code for reason in warned.reasons]

        service.desk("suspend", key)
        assert license.sync().code is tessera.LicenseCode.SUSPENDED
        service.desk("activate", key)
        assert license.sync()
        service.desk("revoke", key)
        assert license.sync().code is tessera.LicenseCode.REVOKED


def test_without_the_service(service: Service, tmp_path: pathlib.Path) -> None:
    with tessera.License.open(**config_of(service, tmp_path)) as license:
        license.activate(service.sell())
        service.stop()
        with pytest.raises(tessera.NetworkError) as offline:
            license.sync()
        assert offline.value.retryable
        assert offline.value.license_code is tessera.LicenseCode.NET_OFFLINE
        assert license.check()
    with tessera.License.open(**config_of(service, tmp_path)) as again:
        assert again.check()


def test_too_many_requests(service: Service, tmp_path: pathlib.Path) -> None:
    service.stop()
    service.start(per_minute=2)
    with tessera.License.open(**config_of(service, tmp_path)) as license:
        license.activate(service.sell())
        license.sync()
        with pytest.raises(tessera.UnavailableError) as limited:
            license.sync()
        assert limited.value.license_code is tessera.LicenseCode.RATE_LIMITED
        assert license.check()


def test_seats_of_a_floating_licence(service: Service, tmp_path: pathlib.Path) -> None:
    key = service.sell("--seats", "1", plan="team")
    with (
        tessera.License.open(**config_of(service, tmp_path / "one")) as one,
        tessera.License.open(**config_of(service, tmp_path / "two")) as two,
    ):
        assert one.activate(key)
        assert one.heartbeat()
        assert refusal(two.activate, key) is tessera.LicenseCode.LEASE_UNAVAILABLE
        one.deactivate_online()
        assert two.activate(key)


def test_an_account(service: Service, tmp_path: pathlib.Path) -> None:
    sold = service.desk("key", "pro", "--subject", "ana@example.com", "--account")
    token = re.search(r"account token +(\S+)", sold)
    assert token
    with tessera.License.open(**config_of(service, tmp_path)) as license:
        with pytest.raises(tessera.LicenseError) as unknown:
            license.activate(account_token="unknown")
        assert unknown.value.license_code is tessera.LicenseCode.AUTH_REQUIRED
        assert license.activate(account_token=token[1])


def test_awaited(service: Service, tmp_path: pathlib.Path) -> None:
    async def life() -> None:
        async with tessera.aio.License.open(**config_of(service, tmp_path)) as license:
            assert await license.activate(service.sell())
            verdicts = await asyncio.gather(license.sync(), license.sync(), license.renew())
            assert all(verdicts)
            assert await license.fetch_lists()
            assert await license.confirm_clock()
            assert (await license.deactivate_online()).code is tessera.LicenseCode.DEACTIVATED

    asyncio.run(life())
