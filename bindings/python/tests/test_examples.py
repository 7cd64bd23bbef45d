"""The programs that the documentation shows, against the installed wheel."""

import os
import pathlib
import runpy
import subprocess
import sys
from typing import Any

import pytest
import tessera
from conftest import Vendor

EXAMPLES = pathlib.Path(os.environ["TESSERA_EXAMPLES"])


def test_quickstart(tmp_path: pathlib.Path, vendor: Vendor) -> None:
    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-W", "error", EXAMPLES / "quickstart/python/main.py", tmp_path / "state", *arguments]
        environment = os.environ | {"HOME": str(tmp_path)}
        return subprocess.run([str(part) for part in command], env=environment, capture_output=True, text=True, check=False)

    unlicensed = run(vendor.root.public_key)
    assert (unlicensed.returncode, unlicensed.stderr) == (2, "")
    assert "NO LICENSE" in unlicensed.stdout

    (tmp_path / "player.lic").write_text(vendor.license_file(entitlements={"copies.monthly": 50}))
    licensed = run(vendor.root.public_key, tmp_path / "player.lic")
    assert (licensed.returncode, licensed.stderr) == (0, "")
    assert "copies a month: 50" in licensed.stdout

    mistaken = run("no key")
    assert mistaken.returncode == 1
    assert "trusted_keys" in mistaken.stderr
    assert "Traceback" not in mistaken.stderr


def test_issuing_server(license: tessera.License, vendor: Vendor) -> None:
    testclient = pytest.importorskip("fastapi.testclient")
    server: Any = runpy.run_path(str(EXAMPLES / "issuing_server/python/server.py"))
    with testclient.TestClient(server["issuing_server"](vendor.issuer, vendor.keys)) as client:
        sold = client.post("/licenses", json={"request": license.request(), "sku": "pro", "days": 30})
        assert sold.status_code == 201
        verdict = license.import_bundle(sold.json()["file"])
        assert verdict
        assert (verdict.license_id, verdict.sku) == (sold.json()["id"], "pro")
        assert verdict.entitlement("copies.monthly").value == 50

        route = f"/licenses/{verdict.license_id}"
        renewed = client.post(f"{route}/renew", json={"request": license.request(), "days": 365})
        later = license.import_bundle(renewed.json()["file"])
        assert later.license_id == verdict.license_id
        assert later.expires_at and verdict.expires_at
        assert (later.expires_at - verdict.expires_at).days == 335

        revoked = client.post(f"{route}/revoke")
        assert license.import_bundle(revoked.json()["file"]).code is tessera.LicenseCode.REVOKED
        assert client.post(f"{route}/revoke").status_code == 404
        assert client.post(f"{route}/renew", json={"request": license.request(), "days": 1}).status_code == 404

        forged = license.request()[:-4] + "AAAA"
        refused = client.post("/licenses", json={"request": forged, "sku": "pro", "days": 30})
        assert (refused.status_code, refused.json()["code"]) == (422, "SIGNATURE_INVALID")
        mistaken = client.post("/licenses", json={"request": license.request(), "sku": "pro", "days": 0})
        assert (mistaken.status_code, mistaken.json()["code"]) == (422, "ARG")


def test_the_page_shows_the_server_as_it_is() -> None:
    page = (EXAMPLES.parent / "docs/how-to/issuing-server-python.md").read_text(encoding="utf-8")
    assert (EXAMPLES / "issuing_server/python/server.py").read_text(encoding="utf-8") in page
