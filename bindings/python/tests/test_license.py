"""What the application's side gives, and in which types."""

import datetime
import gc
import logging
import pathlib
import pickle
from typing import Any

import pytest
import tessera
from conftest import Vendor



def test_verdict_of_a_licence(licensed: tessera.License) -> None:
    verdict = licensed.check()
    assert verdict
    assert verdict.usable
    assert verdict.code in (tessera.LicenseCode.OK, tessera.LicenseCode.WARN_HW_WEAK)
    assert verdict.state == "ACTIVE"
    assert (verdict.product, verdict.sku, verdict.subject, verdict.kind) == ("player", "pro", "ana@example.com", "node")
    assert verdict.license_id
    assert verdict.expires_at is not None
    assert verdict.expires_at.tzinfo is datetime.UTC
    left = verdict.expires_at - datetime.datetime.now(datetime.UTC)
    assert datetime.timedelta(days=364) < left <= datetime.timedelta(days=365)
    assert verdict.usable_until is not None
    assert verdict.usable_until >= verdict.expires_at
    assert verdict.next_check is not None
    assert verdict.hardware_score == 1000
    assert "ana@example.com" in verdict.explain()
    as_dict = verdict.to_dict()
    assert as_dict["usable"] is True
    assert as_dict["license"]["id"] == verdict.license_id
    assert verdict.license_id in repr(verdict)


def test_entitlements_are_values_of_their_type(licensed: tessera.License) -> None:
    verdict = licensed.check()
    assert list(verdict.entitlements) == ["copies", "export"]
    assert verdict.entitlements["copies"] == verdict.entitlement("copies")
    assert verdict.entitlement("copies").value == 50
    assert verdict.entitlement("export").value is True
    missing = verdict.entitlement("absent")
    assert not missing
    assert missing.value is None
    assert missing.code is tessera.LicenseCode.FEATURE_MISSING


def test_verdict_without_licence(license: tessera.License) -> None:
    verdict = license.check()
    assert not verdict
    assert verdict.code is tessera.LicenseCode.NO_LICENSE
    assert verdict.expires_at is None
    assert verdict.hardware_score is None
    assert verdict.entitlements == {}
    assert [reason.code for reason in verdict.reasons] == [tessera.LicenseCode.NO_LICENSE]
    assert verdict.reasons[0].text
    assert "request" in verdict.code.next_step
    assert verdict.code.meaning


def test_check_gives_the_same_object_until_something_changes(license: tessera.License, vendor: Vendor) -> None:
    before = license.check()
    assert license.check() is before
    imported = license.import_bundle(vendor.license_file())
    after = license.check()
    assert after is not before
    assert after.code is imported.code
    assert before.code is tessera.LicenseCode.NO_LICENSE


def test_another_handle_sees_the_change(license: tessera.License, config: dict[str, Any], vendor: Vendor) -> None:
    with tessera.License.open(**config) as other:
        assert not other.check()
        license.import_bundle(vendor.license_file())
        assert other.check()


def test_times_after_what_python_has(license: tessera.License, vendor: Vendor) -> None:
    verdict = license.import_bundle(vendor.license_file(expires_at=2**53 // 1000))
    assert verdict.expires_at == datetime.datetime.max.replace(tzinfo=datetime.UTC)


@pytest.mark.parametrize("convert", [str, str.encode, lambda text: bytearray(text.encode()), lambda text: memoryview(text.encode())])
def test_documents_come_as_text_or_in_any_buffer(license: tessera.License, vendor: Vendor, convert: Any) -> None:
    assert license.verify_bundle(convert(vendor.license_file()))


def test_arguments_of_another_type(license: tessera.License) -> None:
    untyped: Any = license
    for wrong in (None, 7, ["x"]):
        with pytest.raises(TypeError):
            untyped.import_bundle(wrong)
    with pytest.raises(TypeError):
        untyped.meter_add("copies", "many")
    with pytest.raises(TypeError):
        untyped.meter_add("copies", 2**70)
    with pytest.raises(UnicodeEncodeError):
        license.import_bundle("\ud800")
    with pytest.raises(BufferError):
        license.import_bundle(memoryview(b"abcd")[::2])
    with pytest.raises(ValueError, match="timeout"):
        license.close(timeout=-1)
    with pytest.raises(ValueError, match="timeout"):
        license.close(timeout=float("nan"))


def test_configuration_takes_python_values(config: dict[str, Any], vendor: Vendor) -> None:
    with tessera.License.open(**config | {"build_date": datetime.datetime(2026, 5, 4, tzinfo=datetime.UTC)}) as license:
        until = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)
        verdict = license.verify_bundle(vendor.license_file(maintenance_until=until))
        assert verdict.code is tessera.LicenseCode.MAINTENANCE_ENDED
    with pytest.raises(ValueError, match="time zone"):
        tessera.License.open(**config | {"build_date": datetime.datetime(2026, 5, 4)})
    with pytest.raises(TypeError, match="object"):
        tessera.License.open(**config | {"user": object()})


def test_errors_say_what_to_catch(license: tessera.License, config: dict[str, Any]) -> None:
    with pytest.raises(tessera.ArgError) as wrong:
        tessera.License.open(**config | {"color": "red"})
    assert isinstance(wrong.value, ValueError)
    assert wrong.value.code is tessera.ErrorCode.ARG
    assert not wrong.value.retryable
    assert wrong.value.license_code is None
    assert "color" in str(wrong.value)

    with pytest.raises(tessera.LicenseError) as refused:
        license.import_bundle("no licence")
    assert isinstance(refused.value, PermissionError)
    assert refused.value.domain == "license"
    assert refused.value.license_code is tessera.LicenseCode.TOKEN_MALFORMED
    assert refused.value.detail["license_name"] == "TOKEN_MALFORMED"
    assert str(refused.value) == refused.value.args[0]
    again = pickle.loads(pickle.dumps(refused.value))
    assert type(again) is tessera.LicenseError
    assert (str(again), again.code, again.detail) == (str(refused.value), refused.value.code, refused.value.detail)


def test_errors_of_the_operating_system(tmp_path: pathlib.Path, config: dict[str, Any]) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError) as failed:  # noqa: PT011
        tessera.License.open(**config | {"data_dir": tmp_path / "file" / "below"})
    assert isinstance(failed.value, tessera.Error)


def test_every_error_class_can_be_made_and_shown() -> None:
    from tessera import _errors

    for code in tessera.ErrorCode:
        error = _errors.from_status(code, "one sentence", "base", True, '{"x": 1}')
        assert str(error) == "one sentence"
        assert type(error).__name__ in tessera.__all__
        assert error.detail == {"x": 1}
    newer = _errors.from_status(4711, "one sentence", "base", False, "{}")
    assert type(newer) is tessera.Error
    assert newer.code == 4711
    assert tessera.LicenseCode(4711).name == "UNKNOWN_4711"


def test_app_and_its_licence(config: dict[str, Any], vendor: Vendor) -> None:
    with tessera.App.open(**config) as app:
        license = app.license
        assert app.license is license
        assert license.import_bundle(vendor.license_file())
    with pytest.raises(tessera.StateError):
        license.check()
    app.close()


def test_closing(config: dict[str, Any]) -> None:
    license = tessera.License.open(**config)
    license.close()
    license.close(timeout=0.5)
    with pytest.raises(tessera.StateError):
        license.check()


def test_collecting_an_open_handle_warns(config: dict[str, Any]) -> None:
    for kind in (tessera.License, tessera.App):
        with pytest.warns(ResourceWarning, match=kind.__name__):
            kind.open(**config)


def test_collecting_an_open_handle_in_a_cycle_warns(config: dict[str, Any]) -> None:
    cycle: list[Any] = [tessera.License.open(**config)]
    cycle.append(cycle)
    del cycle
    with pytest.warns(ResourceWarning, match="License"):
        gc.collect()


def test_an_exception_survives_what_collecting_delivers(config: dict[str, Any]) -> None:
    def fail() -> None:
        license = tessera.License.open(**config)
        license.on_log(tessera.LogLevel.TRACE, lambda record: None)
        license.close()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()


def test_an_instance_that_was_not_initialized(licensed: tessera.License) -> None:
    for kind in (tessera.License, tessera.Verdict):
        raw = kind.__new__(kind)
        with pytest.raises(TypeError):
            raw.check() if isinstance(raw, tessera.License) else bool(raw)


def test_log_records_reach_the_logging_module(
    license: tessera.License, vendor: Vendor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="tessera")
    license.import_bundle(vendor.license_file())
    with pytest.raises(tessera.LicenseError):
        license.import_bundle("no licence")
    done, refused = caplog.records
    assert (done.name, done.levelno) == ("tessera.license", logging.INFO)
    assert done.getMessage().startswith("import_done: ")
    assert refused.levelno == logging.WARNING
    assert refused.tessera.event == "import_refused"  # type: ignore[attr-defined]


def test_own_log_sink(license: tessera.License, vendor: Vendor) -> None:
    records: list[tessera.LogRecord] = []
    subscription = license.on_log(tessera.LogLevel.WARN, records.append)
    license.import_bundle(vendor.license_file())
    assert records == []
    with pytest.raises(tessera.LicenseError):
        license.import_bundle("no licence")
    assert [(record.level, record.area, record.event) for record in records] == [
        (tessera.LogLevel.WARN, "license", "import_refused")
    ]
    assert records[0].message
    subscription.cancel()
    subscription.cancel()
    with pytest.raises(tessera.LicenseError):
        license.import_bundle("no licence")
    assert len(records) == 1
    with pytest.raises(tessera.ArgError):
        license.on_log(99, records.append)


def test_a_sink_may_use_the_licence(license: tessera.License, vendor: Vendor) -> None:
    seen: list[tessera.LicenseCode] = []
    subscription = license.on_log(tessera.LogLevel.INFO, lambda record: seen.append(license.refresh().code))
    license.import_bundle(vendor.license_file())
    assert seen == [tessera.LicenseCode.OK]
    subscription.cancel()


def test_an_exception_in_a_sink_goes_to_the_unraisable_hook(
    license: tessera.License, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    unraisable: list[Any] = []
    monkeypatch.setattr("sys.unraisablehook", lambda what: unraisable.append(what.exc_type))

    def fail(record: tessera.LogRecord) -> None:
        raise ZeroDivisionError

    subscription = license.on_log(tessera.LogLevel.INFO, fail)
    assert license.import_bundle(vendor.license_file())
    assert unraisable == [ZeroDivisionError]
    subscription.cancel()
