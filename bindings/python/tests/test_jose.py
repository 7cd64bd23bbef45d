"""Tokens verify in an independent JOSE stack (joserfc on pyca/cryptography), and the reverse."""

import json
import time
from typing import Any

import pytest
import tessera
from conftest import Vendor
from joserfc import jws, jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import OKPKey, RSAKey



def okp_key(key: tessera.Key) -> OKPKey:
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": key.public_key})


def test_our_ed25519_verifies_elsewhere(vendor: Vendor) -> None:
    token = vendor.issuer.issue(sku="pro", license_id="L-1")
    read = jws.deserialize_compact(token, okp_key(vendor.signing), algorithms=["Ed25519"])
    assert read.headers() == {"alg": "Ed25519", "typ": "tessera-lic+jwt", "kid": vendor.signing.id}
    assert json.loads(read.payload)["jti"] == "L-1"
    with pytest.raises(BadSignatureError):
        jws.deserialize_compact(token, okp_key(vendor.root), algorithms=["Ed25519"])


def test_our_key_is_a_jwk_and_its_id_the_thumbprint(vendor: Vendor) -> None:
    theirs = OKPKey.import_key(json.loads(vendor.signing.export_text()))
    assert theirs.thumbprint() == vendor.signing.id
    assert theirs.as_dict(private=False)["x"] == vendor.signing.public_key


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("alg", ["Ed25519", "EdDSA"])
def test_their_ed25519_verifies_here(license: tessera.License, vendor: Vendor, alg: str) -> None:
    theirs = OKPKey.import_key(json.loads(vendor.signing.export_text()))
    claims = tessera.inspect(vendor.issuer.issue(sku="pro", license_id="L-2"))["claims"]
    header = {"alg": alg, "typ": "tessera-lic+jwt", "kid": theirs.thumbprint()}
    token = jws.serialize_compact(header, json.dumps(claims).encode(), theirs, algorithms=[alg])
    assert license.import_bundle(vendor.keys + "\n" + token).license_id == "L-2"


def test_their_key_signs_here(vendor: Vendor) -> None:
    theirs = OKPKey.generate_key("Ed25519")
    ours = tessera.Key.import_text(json.dumps(theirs.as_dict(private=True)))
    assert ours.id == theirs.thumbprint()
    token = tessera.Issuer(ours, issuer="acme", product="player").issue(sku="pro")
    assert jws.deserialize_compact(token, theirs, algorithms=["Ed25519"]).payload


def test_our_rs256_verifies_elsewhere() -> None:
    key = tessera.Key.generate(tessera.KeyType.RS256)
    issuer = tessera.Issuer(key, issuer="acme", product="player")
    token = issuer.rs256(sub="ana@example.com", hwid="0" * 64, plan="pro", ttl_s=600)
    read = jwt.decode(token, RSAKey.import_key(key.public_key), algorithms=["RS256"])
    assert read.claims["plan"] == "pro"
    assert read.claims["exp"] - read.claims["iat"] == 600
    with pytest.raises(BadSignatureError):
        jwt.decode(token, RSAKey.generate_key(2048), algorithms=["RS256"])


def test_their_rs256_verifies_here(config: dict[str, Any]) -> None:
    theirs = RSAKey.generate_key(2048)
    now = int(time.time())
    claims = {
        "iss": "service", "sub": "ana@example.com", "hwid": tessera.Hwid.probe().legacy_digest, "plan": "pro",
        "iat": now, "exp": now + 3600,
    }  # fmt: skip
    token = jwt.encode({"alg": "RS256", "typ": "JWT"}, claims, theirs, algorithms=["RS256"])
    rsa = {"issuer": "service", "public_key": theirs.as_pem(private=False).decode()}
    with tessera.License.open(**config | {"rsa_keys": [rsa]}) as license:
        verdict = license.import_bundle(token)
        assert verdict
        assert (verdict.sku, verdict.subject) == ("pro", "ana@example.com")


def test_their_rsa_key_signs_here() -> None:
    theirs = RSAKey.generate_key(2048)
    ours = tessera.Key.import_text(theirs.as_pem(private=True))
    token = tessera.Issuer(ours, issuer="acme", product="player").rs256(sub="a", hwid="b", plan="c")
    assert jwt.decode(token, theirs, algorithms=["RS256"]).claims["plan"] == "c"
