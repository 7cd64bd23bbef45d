"""Asyncio: completion without a thread per call, cancelling, errors."""

import asyncio
import threading
from typing import Any

import pytest
import tessera
import tessera.aio
from conftest import Vendor



def test_a_licence_from_opening_to_giving_back(config: dict[str, Any], vendor: Vendor) -> None:
    async def main() -> None:
        async with await tessera.aio.App.open(**config) as app:
            license = app.license
            assert app.license is license
            assert not license.check()
            request = await license.request(note="seat 7")
            assert vendor.issuer.read_request(request)["note"] == "seat 7"
            bundle = vendor.license_file(request, entitlements={"copies": {"value": 2, "per": "month"}})
            assert await license.verify_bundle(bundle)
            assert await license.import_bundle(bundle)
            assert await license.refresh()
            assert await license.meter_add("copies", 2) == (2, 2)
            with pytest.raises(tessera.LicenseError) as refused:
                await license.meter_add("copies", 1)
            assert refused.value.license_code is tessera.LicenseCode.METER_LIMIT
            assert await license.deactivate()
            assert license.check().code is tessera.LicenseCode.DEACTIVATED
        with pytest.raises(tessera.StateError):
            license.check()
        with pytest.raises(tessera.StateError):
            await license.refresh()

    asyncio.run(main())


def test_trial(config: dict[str, Any], vendor: Vendor) -> None:
    async def main() -> None:
        async with await tessera.aio.License.open(**config) as license:
            await license.import_bundle(vendor.keys)
            trial = vendor.issuer.trial(sku="pro", days=14, allow_weak=True)
            assert (await license.start_trial(trial)).code is tessera.LicenseCode.OK_TRIAL

    asyncio.run(main())


def test_hwid_and_keys() -> None:
    async def main() -> None:
        hwid, key = await asyncio.gather(tessera.aio.probe_hwid(), tessera.aio.generate_key(tessera.KeyType.RS256))
        assert hwid.legacy_digest == tessera.Hwid.probe().legacy_digest
        assert key.type is tessera.KeyType.RS256

    asyncio.run(main())


def test_errors_come_where_they_are_awaited(config: dict[str, Any]) -> None:
    async def main() -> None:
        with pytest.raises(tessera.ArgError, match="color"):
            await tessera.aio.License.open(**config | {"color": "red"})
        async with await tessera.aio.License.open(**config) as license:
            with pytest.raises(tessera.LicenseError):
                await license.import_bundle(b"no licence")

    asyncio.run(main())


def test_no_thread_per_call(config: dict[str, Any], vendor: Vendor) -> None:
    async def main() -> None:
        async with await tessera.aio.License.open(**config) as license:
            bundle = vendor.license_file()
            calls = [asyncio.create_task(license.verify_bundle(bundle)) for _ in range(300)]
            await asyncio.sleep(0)
            assert threading.active_count() == before
            assert all(await asyncio.gather(*calls))

    before = threading.active_count()
    asyncio.run(main())


def test_the_event_loop_turns_meanwhile(config: dict[str, Any], vendor: Vendor) -> None:
    async def main() -> int:
        turns = 0
        async with await tessera.aio.License.open(**config) as license:
            bundle = vendor.license_file()
            calls = [asyncio.create_task(license.import_bundle(bundle)) for _ in range(50)]
            while not all(call.done() for call in calls):
                turns += 1
                await asyncio.sleep(0)
            assert all(call.result() for call in calls)
        return turns

    assert asyncio.run(main()) > 50


def test_cancelling_a_task_cancels_its_operation(config: dict[str, Any], vendor: Vendor) -> None:
    async def main() -> None:
        async with await tessera.aio.License.open(**config) as license:
            await license.import_bundle(vendor.license_file(entitlements={"copies": {"value": 1000, "per": "total"}}))
            # Operations of one licence run one after another: most of these still wait when they are cancelled.
            uses = [asyncio.create_task(license.meter_add("copies", 1)) for _ in range(200)]
            await asyncio.sleep(0)
            for use in uses:
                use.cancel()
            assert all(isinstance(each, asyncio.CancelledError) for each in await asyncio.gather(*uses, return_exceptions=True))
            assert (await license.meter_add("copies", 0)).used < 100

    asyncio.run(main())


def test_time_out(config: dict[str, Any], vendor: Vendor) -> None:
    async def main() -> None:
        async with await tessera.aio.License.open(**config) as license:
            bundle = vendor.license_file()
            others = [asyncio.create_task(license.import_bundle(bundle)) for _ in range(50)]
            await asyncio.sleep(0)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0):
                    await license.refresh()
            await asyncio.gather(*others)

    asyncio.run(main())


def test_a_loop_that_is_closed_before_the_operation_ends(config: dict[str, Any], vendor: Vendor) -> None:
    loop = asyncio.new_event_loop()
    license = loop.run_until_complete(tessera.aio.License.open(**config))
    bundle = vendor.license_file()
    tasks = [loop.create_task(license.import_bundle(bundle)) for _ in range(20)]
    loop.run_until_complete(asyncio.sleep(0))
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.close()
    asyncio.run(license.close())


def test_two_loops_in_two_threads(config: dict[str, Any], vendor: Vendor) -> None:
    results: list[bool] = []

    async def main(number: int) -> None:
        own = config | {"data_dir": config["data_dir"] / str(number)}
        async with await tessera.aio.License.open(**own) as license:
            results.append(bool(await license.import_bundle(vendor.license_file())))

    threads = [threading.Thread(target=lambda n=n: asyncio.run(main(n))) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert results == [True, True]


def test_log_records_of_awaited_calls(config: dict[str, Any], vendor: Vendor, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with await tessera.aio.License.open(**config) as license:
            await license.import_bundle(vendor.license_file())

    caplog.set_level("INFO", logger="tessera")
    asyncio.run(main())
    assert [record.getMessage().split(":")[0] for record in caplog.records] == ["import_done"]


def test_collecting_an_open_handle_warns(config: dict[str, Any]) -> None:
    async def main() -> None:
        await tessera.aio.License.open(**config)

    with pytest.warns(ResourceWarning, match="License"):
        asyncio.run(main())
