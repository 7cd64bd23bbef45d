"""Tells the stories of tests/data/scenarios, which every language tells alike, through both faces of the package."""

import asyncio
import base64
import datetime
import inspect
import json
import os
import pathlib
import shutil
import time
from collections.abc import Callable
from typing import Any

import pytest
import tessera
import tessera.aio

SCENARIOS = json.loads(
    (pathlib.Path(os.environ["TESSERA_TEST_DATA"]) / "scenarios/licensing.json").read_text(encoding="utf-8")
)["scenarios"]
KEY_TYPES = {"ed25519": tessera.KeyType.ED25519, "rs256": tessera.KeyType.RS256}


def encode(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def decode(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


class Teller:
    """One scenario on its way. `open_license` and `call` make the face of the package that is under test."""

    def __init__(self, scenario: dict[str, Any], folder: pathlib.Path, is_async: bool) -> None:
        self.folder = folder
        self.is_async = is_async
        self.keys = {"root": tessera.Key.generate(), "signing": tessera.Key.generate()}
        self.documents: dict[str, str] = {}
        self.typed_key = tessera.generate_license_key()
        self.documents["keys"] = self.issuer({"key": "root"}).keyset(seq=1, keys=[{"public": self.keys["signing"].public_key}])
        self.config = {
            "product": "player", "trusted_keys": [self.keys["root"].public_key], "data_dir": folder / "state",
            "memory_dir": folder / "memory", "keystore": "file", **self.value(scenario.get("config", {})),
        }  # fmt: skip
        self.license: Any = None

    async def tell(self, scenario: dict[str, Any]) -> None:
        await self.open({})
        try:
            for number, step in enumerate(scenario["steps"]):
                try:
                    await self.take(step)
                except AssertionError as error:
                    raise AssertionError(f"step {number}, {step}: {error}") from error
        finally:
            await self.close({})

    async def take(self, step: dict[str, Any]) -> None:
        action: Callable[[dict[str, Any]], Any] = getattr(self, step["do"])
        expected = step.get("error")
        try:
            made = action({name: self.value(value) for name, value in step.items()})
            made = await made if inspect.isawaitable(made) else made
        except tessera.Error as error:
            assert expected is not None, f"{error.code.name}: {error}"
            assert error.code.name == expected["code"].upper(), error
            assert error.license_code is None or error.license_code.name == expected.get("license_code", error.license_code.name)
            assert expected.get("text", "") in str(error)
            return
        assert expected is None, "the step must fail"
        if "save" in step:
            self.documents[step["save"]] = made
        if "verdict" in step:
            self.judge(self.license.check() if made is None else made, step["verdict"])
        equals = self.value(step.get("equals", {}))
        if isinstance(equals, dict):
            assert {name: made[name] for name in equals} == equals
        else:
            assert made == equals

    def judge(self, verdict: tessera.Verdict, expected: dict[str, Any]) -> None:
        for name, value in expected.items():
            if name in ("code", "state"):
                actual = verdict.code.name if name == "code" else verdict.state
                assert actual in ([value] if isinstance(value, str) else value), verdict.explain()
            elif name == "reasons":
                assert set(value) <= {reason.code.name for reason in verdict.reasons}
            elif name == "expires_in_days":
                left = verdict.expires_at and verdict.expires_at - datetime.datetime.now(datetime.UTC)
                assert (round(left / datetime.timedelta(days=1)) if left else None) == value
            elif name == "entitlements":
                for feature, says in value.items():
                    entitlement = verdict.entitlement(feature)
                    assert (entitlement.code.name, entitlement.value) == (says["code"], says["value"]), feature
                    assert type(entitlement.value) is type(says["value"])
            else:
                assert getattr(verdict, name) == value, name
        assert bool(verdict) == verdict.usable == verdict.code.usable

    def value(self, template: Any) -> Any:
        """Fills in what is known only now."""
        if isinstance(template, list):
            return [self.value(each) for each in template]
        if not isinstance(template, dict):
            return template
        if len(template) == 1:
            (name, argument), = template.items()
            match name:
                case "$now":
                    return int(time.time()) + argument
                case "$public":
                    return self.keys[argument].public_key
                case "$legacy_digest":
                    return tessera.Hwid.probe().legacy_digest
                case "$license_key":
                    return self.typed_key
                case "$repeat":
                    return argument[0] * argument[1]
                case "$document":
                    return self.documents[argument]
        return {name: self.value(each) for name, each in template.items()}

    # The actions. Those of the licence give what the face under test gives: a value or an awaitable.

    def bundle(self, step: dict[str, Any]) -> str:
        text: str = step["text"] if "text" in step else "\n".join(self.documents[name] for name in step["documents"])
        return text

    def issuer(self, step: dict[str, Any]) -> tessera.Issuer:
        names = {"issuer": "acme", "product": "player"} | step.get("as", {})
        return tessera.Issuer(self.keys[step.get("key", "root" if step.get("do") == "keyset" else "signing")], **names)

    async def open(self, step: dict[str, Any]) -> None:
        if self.license is not None:
            await self.close({})
        config = self.config | step.get("config", {})
        self.license = await tessera.aio.License.open(**config) if self.is_async else tessera.License.open(**config)

    async def close(self, step: dict[str, Any]) -> None:
        closed = self.license.close()
        if closed is not None:
            await closed

    def check(self, step: dict[str, Any]) -> Any:
        return self.license.check()

    def refresh(self, step: dict[str, Any]) -> Any:
        return self.license.refresh()

    def request(self, step: dict[str, Any]) -> Any:
        return self.license.request(**step.get("options", {}))

    def deactivate(self, step: dict[str, Any]) -> Any:
        return self.license.deactivate()

    def verify(self, step: dict[str, Any]) -> Any:
        return self.license.verify_bundle(self.bundle(step))

    def start_trial(self, step: dict[str, Any]) -> Any:
        return self.license.start_trial(self.bundle(step).encode())

    async def meter(self, step: dict[str, Any]) -> dict[str, int]:
        reading = self.license.meter_add(step["name"], step["amount"])
        reading = await reading if inspect.isawaitable(reading) else reading
        return {"used": reading.used, "limit": reading.limit}

    def remove(self, step: dict[str, Any]) -> None:
        shutil.rmtree(self.folder / step["path"])

    def key(self, step: dict[str, Any]) -> Any:
        self.keys[step["name"]] = tessera.Key.generate(KEY_TYPES[step["type"]])

    def key_import(self, step: dict[str, Any]) -> None:
        tessera.Key.import_text(step["text"])

    def key_round_trip(self, step: dict[str, Any]) -> None:
        key = self.keys[step["name"]]
        again = tessera.Key.import_text(key.export_text())
        assert (again.id, again.type, again.public_key) == (key.id, key.type, key.public_key)

    def issue(self, step: dict[str, Any]) -> str:
        request = step.get("request")
        return self.issuer(step).issue(self.documents[request] if request else None, **step["spec"])

    def lease(self, step: dict[str, Any]) -> str:
        return self.issuer(step).lease(self.documents[step["request"]], **step["spec"])

    def time(self, step: dict[str, Any]) -> str:
        return self.issuer(step).time(self.documents[step["request"]])

    def trial(self, step: dict[str, Any]) -> str:
        return self.issuer(step).trial(**step["spec"])

    def keyset(self, step: dict[str, Any]) -> str:
        return self.issuer(step).keyset(**step["spec"])

    def crl(self, step: dict[str, Any]) -> str:
        return self.issuer(step).crl(**step["spec"])

    def rs256(self, step: dict[str, Any]) -> str:
        return self.issuer(step).rs256(**step["spec"])

    def read_request(self, step: dict[str, Any]) -> Any:
        return self.issuer(step).read_request(self.documents[step["document"]])

    def read_deactivation(self, step: dict[str, Any]) -> Any:
        return self.issuer(step).read_deactivation(self.documents[step["document"]])

    def inspect(self, step: dict[str, Any]) -> Any:
        return tessera.inspect(self.documents[step["document"]])["header"]

    def license_key(self, step: dict[str, Any]) -> str:
        return tessera.check_license_key(step["text"])

    def forge(self, step: dict[str, Any]) -> str:
        header, claims, signature = self.documents[step["document"]].split(".")
        return ".".join(
            (encode(decode(header) | step.get("header", {})), encode(decode(claims) | step.get("claims", {})), signature)
        )

    def break_signature(self, step: dict[str, Any]) -> str:
        signed, _, signature = self.documents[step["document"]].rpartition(".")
        return f"{signed}.{'B' if signature.startswith('A') else 'A'}{signature[1:]}"


# Names that Python or this class use otherwise.
setattr(Teller, "import", lambda self, step: self.license.import_bundle(self.bundle(step)))


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "aio"])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["name"])
def test_scenario(scenario: dict[str, Any], is_async: bool, tmp_path: pathlib.Path) -> None:
    asyncio.run(Teller(scenario, tmp_path, is_async).tell(scenario))
