"""The API client for asyncio."""

import asyncio
import gc
import socket
import threading
from typing import Any

import pytest
import tessera
import tessera.aio
from http_server import TIME_LIMIT_S, Server, server

__all__ = ["server"]


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_methods(server: Server, method: str) -> None:
    async def main() -> None:
        async with tessera.aio.HttpClient(base_url=server.url) as client:
            response = await getattr(client, method)("/echo", query={"a": 1})
            echo = response.json()
            assert (echo["method"], echo["query"]) == (method.upper(), [["a", "1"]])
            assert (await client.request(method.upper(), "/echo")).json()["method"] == method.upper()
            assert (await client.head("/echo")).status == 200
        with pytest.raises(tessera.StateError):
            await client.get("/echo")

    asyncio.run(main())


def test_errors_come_where_they_are_awaited(server: Server) -> None:
    async def main() -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            async with tessera.aio.HttpClient(base_url=server.url) as client:
                with pytest.raises(tessera.TimeoutError):
                    await client.get("/never", timeout=0.1)
                with pytest.raises(tessera.LimitError):
                    await client.get("/bytes/100", max_body_bytes=10)
                with pytest.raises(tessera.NetworkError):
                    await client.get(f"http://127.0.0.1:{closed.getsockname()[1]}", max_attempts=1)
                with pytest.raises(TypeError, match="colour"):
                    await client.get("/echo", colour="red")  # type: ignore[call-arg]
                with pytest.raises(tessera.HttpStatusError):
                    (await client.get("/status/404")).raise_for_status()

    asyncio.run(main())


def test_64_at_a_time_and_no_thread_each(server: Server) -> None:
    async def main() -> None:
        async with tessera.aio.HttpClient(base_url=server.url, pool={"per_host": 64}) as client:
            calls = [asyncio.create_task(client.get("/together/64")) for _ in range(64)]
            assert {(await call).text for call in calls} == {"together"}
            before = threading.active_count()
            many = [asyncio.create_task(client.post("/echo", data=str(i))) for i in range(1000)]
            await asyncio.sleep(0)
            assert threading.active_count() <= before
            assert [(await call).json()["body"] for call in many] == [str(i) for i in range(1000)]

    asyncio.run(main())


def test_the_event_loop_turns_meanwhile(server: Server) -> None:
    async def main() -> None:
        turns = 0
        async with tessera.aio.HttpClient(base_url=server.url) as client:
            call = asyncio.create_task(client.get("/never", max_attempts=1))
            while not server.is_asked.is_set() or turns < 100:
                turns += 1
                await asyncio.sleep(0)
            assert not call.done()
            server.drop_waiting()
            with pytest.raises(tessera.NetworkError):
                await call

    asyncio.run(main())


def test_cancelling_a_task_cancels_its_request(server: Server) -> None:
    async def main() -> None:
        async with tessera.aio.HttpClient(base_url=server.url) as client:
            call = asyncio.create_task(client.get("/never", timeout=600))
            while not server.is_asked.is_set():
                await asyncio.sleep(0.001)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert await asyncio.to_thread(server.is_left.wait, TIME_LIMIT_S)
            assert (await client.get("/echo")).ok
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await client.get("/never", timeout=600)

    asyncio.run(main())


def test_cancelling_many_at_random(server: Server) -> None:
    async def main() -> None:
        async with tessera.aio.HttpClient(base_url=server.url) as client:
            calls = [asyncio.create_task(client.get("/echo")) for _ in range(300)]
            for number, call in enumerate(calls):
                if number % 3 == 0:
                    await asyncio.sleep(0)
                    call.cancel()
            answers = await asyncio.gather(*calls, return_exceptions=True)
            assert all(isinstance(each, tessera.HttpResponse | asyncio.CancelledError) for each in answers)
            assert sum(isinstance(each, tessera.HttpResponse) for each in answers) >= 200

    asyncio.run(main())


def test_a_loop_that_is_closed_before_the_response_comes(server: Server) -> None:
    loop = asyncio.new_event_loop()
    client = tessera.aio.HttpClient(base_url=server.url)
    call = loop.create_task(client.get("/never", max_attempts=1))
    late = loop.create_task(client.get("/echo"))
    loop.run_until_complete(asyncio.sleep(0))
    for task in (call, late):
        task.cancel()
    loop.run_until_complete(asyncio.gather(call, late, return_exceptions=True))
    loop.close()
    del loop, call, late
    gc.collect()

    async def main() -> None:  # The same client serves another loop.
        async with client:
            assert (await client.get("/echo")).ok

    asyncio.run(main())


def test_a_loop_that_is_closed_while_requests_run(server: Server) -> None:
    loop = asyncio.new_event_loop()
    client = tessera.aio.HttpClient(base_url=server.url)
    calls = [loop.create_task(client.get("/echo"), name=str(i)) for i in range(20)]
    loop.run_until_complete(asyncio.sleep(0))
    loop.call_exception_handler = lambda context: None  # type: ignore[method-assign]  # of tasks that never end
    loop.close()
    del loop, calls
    gc.collect()
    asyncio.run(client.close())


def test_two_loops_share_a_client(server: Server) -> None:
    client = tessera.aio.HttpClient(base_url=server.url)
    answers: list[bool] = []

    async def main(number: int) -> None:
        for i in range(50):
            response = await client.post("/echo", data=f"{number} {i}")
            answers.append(response.json()["body"] == f"{number} {i}")

    threads = [threading.Thread(target=lambda n=n: asyncio.run(main(n))) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIME_LIMIT_S)
    assert answers == [True] * 200
    asyncio.run(client.close())


def test_application(config: dict[str, Any], server: Server) -> None:
    async def main() -> None:
        async with tessera.aio.App.open(**config, gateway=server.url) as app:
            assert app.http is app.http
            assert (await app.http.get("/echo")).ok
            records: list[tessera.LogRecord] = []
            subscription = app.http.on_log(tessera.LogLevel.DEBUG, records.append)
            await app.http.get("/echo")
            subscription.cancel()
            assert [record.event for record in records] == ["call"]
            assert app.http.metrics() and app.http.metrics_text()

    asyncio.run(main())
