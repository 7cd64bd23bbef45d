"""The identity of the machine that runs the tests."""

import json

import pytest
import tessera



def test_report() -> None:
    hwid = tessera.Hwid.probe()
    assert isinstance(hwid.strength, tessera.Strength)
    assert hwid.factors
    for factor in hwid.factors:
        assert factor.kind
        assert 1 <= factor.weight <= 10
        assert factor.factor_class in tessera.FactorClass
        assert factor.state in tessera.FactorState
    assert len(bytes.fromhex(hwid.legacy_digest)) == 32
    assert hwid.strength.name in hwid.explain()
    assert hwid.to_dict()["vm"] == hwid.vm
    assert hwid.to_dict()["container"] == hwid.container
    assert {factor["kind"] for factor in hwid.to_dict()["factors"]} == {factor.kind for factor in hwid.factors}


def test_app_factors_and_their_secrecy() -> None:
    hwid = tessera.Hwid.probe(app_factors=[{"name": "dongle", "value": "serial-4711", "class": "unique", "weight": 3}])
    kinds = {factor.kind: factor for factor in hwid.factors}
    assert kinds["app:dongle"].weight == 3
    assert "serial-4711" not in json.dumps(hwid.to_dict()) + hwid.explain()
    with pytest.raises(tessera.LicenseError) as refused:
        tessera.Hwid.probe(app_factors=[{"name": "dongle", "value": ""}])
    assert refused.value.license_code is tessera.LicenseCode.HW_CUSTOM_INVALID
