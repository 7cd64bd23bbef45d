"""Bodies in steps, files, server-sent events and pages."""

import asyncio
import os
import pathlib
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import tessera
import tessera.aio
from http_server import TIME_LIMIT_S, Server, server

__all__ = ["server"]

LARGE = 3_000_000
DIGEST_OF_X = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
ONCE: tessera.HttpEventsConfig = {"reconnects": False}


@pytest.fixture
def client(server: Server) -> Iterator[tessera.HttpClient]:
    with tessera.HttpClient(base_url=server.url, retry={"transient_base_ms": 1}, breaker={"enabled": False}) as opened:
        yield opened


def interrupted(server: Server) -> threading.Thread:
    """Presses Ctrl+C once the server has been asked."""

    def interrupt() -> None:
        assert server.is_asked.wait(TIME_LIMIT_S)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    return thread


def test_stream(client: tessera.HttpClient) -> None:
    with client.stream("GET", f"/bytes/{LARGE}") as stream:
        assert (stream.head.status, stream.head.headers["content-length"], stream.head.content) == (200, str(LARGE), b"")
        assert 0 < len(stream.read(10)) <= 10
        pieces = list(stream)
        assert len(pieces) > 1 and set(map(type, pieces)) == {bytes}
        assert stream.read() == b"" and list(stream) == []
    with client.stream("GET", f"/bytes/{LARGE}") as stream:
        assert b"".join(stream) == b"x" * LARGE
    with pytest.raises(tessera.CancelledError):
        stream.read()
    with client.stream("GET", "/status/404") as stream:
        assert stream.head.status == 404
    with pytest.raises(ValueError), client.stream("GET", "/echo", timeout=-1):
        pass
    with pytest.raises(tessera.ArgError), client.stream("GET", "/echo") as stream:
        stream.read(0)


def test_a_stream_outlives_its_client_s_object(server: Server) -> None:
    client = tessera.HttpClient(base_url=server.url)
    stream = client.stream("GET", f"/bytes/{LARGE}")
    client._closed()  # Its object goes, and what it was for goes on.
    del client
    assert sum(map(len, stream)) == LARGE
    stream.close()


def test_a_stream_on_another_thread(client: tessera.HttpClient) -> None:
    def read() -> int:
        with client.stream("GET", f"/bytes/{LARGE}") as stream:
            return sum(map(len, stream))

    with ThreadPoolExecutor() as pool:
        assert list(pool.map(lambda _: read(), range(4))) == [LARGE] * 4


def test_closing_a_stream_ends_a_read(client: tessera.HttpClient, server: Server) -> None:
    with ThreadPoolExecutor() as pool, client.stream("GET", "/begun") as stream:
        assert stream.read() == b"begun"
        reading = pool.submit(stream.read)
        stream.close()
        with pytest.raises(tessera.CancelledError):
            reading.result(TIME_LIMIT_S)
    assert server.is_left.wait(TIME_LIMIT_S)


def test_interrupting_a_read(client: tessera.HttpClient, server: Server) -> None:
    thread = interrupted(server)
    with pytest.raises(KeyboardInterrupt), client.stream("GET", "/begun") as stream:
        for piece in stream:
            assert piece == b"begun"
    thread.join()
    assert server.is_left.wait(TIME_LIMIT_S)


def test_upload(client: tessera.HttpClient) -> None:
    with ThreadPoolExecutor() as pool:
        for size in (None, LARGE + 1):
            upload = tessera.HttpUpload(size)
            sent = pool.submit(client.post, "/echo", upload=upload)
            with upload:
                assert upload.write(b"x" * LARGE) == LARGE  # more than may be on its way
                assert upload.write("!") == 1
            echo = sent.result(TIME_LIMIT_S).json()
            assert len(echo["body"]) == LARGE + 1 and echo["body"][-1] == "!"
        with pytest.raises(tessera.StateError):
            upload.write(b"x")


def test_an_upload_that_fails(client: tessera.HttpClient) -> None:
    with ThreadPoolExecutor() as pool:
        upload = tessera.HttpUpload()
        sent = pool.submit(client.post, "/echo", upload=upload)
        with pytest.raises(ZeroDivisionError), upload:
            upload.write(b"x")
            raise ZeroDivisionError
        with pytest.raises(tessera.CallbackError):
            sent.result(TIME_LIMIT_S)
    with pytest.raises(tessera.ArgError):
        tessera.HttpUpload(3).write(b"four")
    with pytest.raises(tessera.ArgError):
        tessera.HttpUpload(-2)
    with pytest.raises(TypeError, match="HttpUpload"):
        client.post("/echo", upload=b"x")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="only one"):
        client.post("/echo", data=b"x", upload=tessera.HttpUpload())


def test_form(client: tessera.HttpClient, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(b"of the file")
    form = tessera.HttpForm()
    form.add_field("user", "ana")
    form.add_bytes("note", b"of the note", file_name="note.txt", content_type="text/plain")
    form.add_file("photo", file, content_type="image/jpeg")
    for _ in range(2):
        echo = client.post("/echo", form=form).json()
        assert echo["headers"]["content-type"].startswith("multipart/form-data; boundary=")
        for part in ('name="user"', "ana", 'filename="note.txt"', "of the note", 'filename="photo.jpg"', "image/jpeg"):
            assert part in echo["body"]
        assert "of the file" in echo["body"]
    with pytest.raises(tessera.NotFoundError):
        form.add_file("photo", tmp_path / "missing")
    with pytest.raises(TypeError, match="HttpForm"):
        client.post("/echo", form={"a": "b"})  # type: ignore[arg-type]


def test_download(client: tessera.HttpClient, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "file"
    seen: list[int] = []
    done = client.download("/blob/100000", path, size=100_000, progress=lambda here, total: seen.append(here))
    assert done == tessera.HttpDownloaded(bytes=100_000, resumed_from=0, resumes=0)
    assert path.read_bytes() == b"x" * 100_000 and seen[-1] == 100_000
    assert client.download("/blob/1", str(path), sha256=DIGEST_OF_X).bytes == 1
    with pytest.raises(tessera.ProtocolError):
        client.download("/blob/2", path, sha256=DIGEST_OF_X)
    with pytest.raises(tessera.LimitError):
        client.download("/blob/2", path, max_bytes=1)
    with pytest.raises(tessera.NotFoundError):
        client.download("/status/404", path)
    assert path.read_bytes() == b"x"  # as long as nothing better is there
    with ThreadPoolExecutor() as pool:
        assert pool.submit(client.download, "/blob/10", tmp_path / "other").result(TIME_LIMIT_S).bytes == 10


def test_a_progress_that_raises(client: tessera.HttpClient, tmp_path: pathlib.Path) -> None:
    def give_up(done: int, total: int) -> None:
        raise ZeroDivisionError

    def fail() -> None:
        with pytest.raises(ZeroDivisionError):
            client.download("/blob/100000", tmp_path / "file", progress=give_up)

    fail()
    with ThreadPoolExecutor() as pool:
        pool.submit(fail).result(TIME_LIMIT_S)
    assert not (tmp_path / "file").exists()


def test_events(client: tessera.HttpClient) -> None:
    with client.events("/ticks/3", config=ONCE) as events:
        seen = list(events)
    assert [event.data for event in seen] == ["0\nã", "1\nã", "2\nã"]
    assert seen[0] == tessera.HttpEvent("0", "tick", "0\nã", 0.02)
    with pytest.raises(tessera.StateError):
        next(events)
    with client.events("/echo", config=ONCE) as events, pytest.raises(tessera.ProtocolError):
        next(events)
    with client.events("/status/404", config=ONCE) as events, pytest.raises(tessera.NotFoundError):
        next(events)
    with pytest.raises(tessera.ArgError):
        client.events("/ticks/1", config={"colour": "red"})  # type: ignore[arg-type]


def test_closing_events_ends_who_waits(client: tessera.HttpClient, server: Server) -> None:
    with ThreadPoolExecutor() as pool, client.events("/ticks/1?open") as events:
        assert next(events).id == "0"
        waiting = pool.submit(next, events)
        events.close()
        with pytest.raises((tessera.CancelledError, tessera.StateError)):
            waiting.result(TIME_LIMIT_S)
    assert server.is_left.wait(TIME_LIMIT_S)


def test_interrupting_events(client: tessera.HttpClient, server: Server) -> None:
    thread = interrupted(server)
    with pytest.raises(KeyboardInterrupt), client.events("/ticks/1?open") as events:
        for event in events:
            assert event.id == "0"
    thread.join()
    assert server.is_left.wait(TIME_LIMIT_S)


def test_pages(client: tessera.HttpClient, server: Server) -> None:
    pages = client.paginate("/list/1")
    assert server.requests == 0
    assert [page.text for page in pages] == ["1", "2", "3"]
    assert [page.text for page in pages] == []
    with ThreadPoolExecutor() as pool:
        assert len(pool.submit(list, client.paginate("/list/2")).result(TIME_LIMIT_S)) == 2
    with pytest.raises(tessera.NotFoundError):
        next(client.paginate("/status/404"))
    with pytest.raises(tessera.LimitError):
        list(client.paginate("/list/1", config={"max_pages": 2}))
    with client.paginate("/list/1") as closed:
        pass
    with pytest.raises(tessera.StateError):
        next(closed)


def test_stream_awaited(server: Server) -> None:
    async def main() -> None:
        async with tessera.aio.HttpClient(base_url=server.url) as client:
            async with client.stream("GET", f"/bytes/{LARGE}") as stream:
                assert stream.head.status == 200
                assert 0 < len(await stream.read(10)) <= 10
                rest = [piece async for piece in stream]
                assert len(rest) > 1 and await stream.read() == b""
            opened = await client.stream("GET", "/begun")
            assert await opened.read() == b"begun"
            reading = asyncio.create_task(opened.read())
            await asyncio.sleep(0)
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
            with pytest.raises(tessera.CancelledError):
                await opened.read()
            assert await asyncio.to_thread(server.is_left.wait, TIME_LIMIT_S)

    asyncio.run(main())


def test_upload_awaited(server: Server) -> None:
    async def main() -> None:
        async with tessera.aio.HttpClient(base_url=server.url) as client:
            upload = tessera.aio.HttpUpload()
            sent = asyncio.create_task(client.post("/echo", upload=upload))
            async with upload:
                assert await upload.write(b"x" * LARGE) == LARGE
                assert await upload.write(b"!") == 1
            assert len((await sent).json()["body"]) == LARGE + 1

    asyncio.run(main())


def test_download_awaited(server: Server, tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        seen: list[tuple[int, threading.Thread]] = []

        def note(done: int, total: int) -> None:
            seen.append((done, threading.current_thread()))

        async with tessera.aio.HttpClient(base_url=server.url) as client:
            done = await client.download("/blob/100000", tmp_path / "file", progress=note)
            assert done.bytes == 100_000
            await asyncio.sleep(0)
            assert seen and {thread for _, thread in seen} == {threading.current_thread()}
            waiting = asyncio.create_task(client.download("/never", tmp_path / "other", max_attempts=1))
            while not server.is_asked.is_set():
                await asyncio.sleep(0.001)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert await asyncio.to_thread(server.is_left.wait, TIME_LIMIT_S)

    asyncio.run(main())


def test_events_awaited(server: Server) -> None:
    async def main() -> None:
        async with tessera.aio.HttpClient(base_url=server.url) as client:
            async with client.events("/ticks/3", config=ONCE) as events:
                assert [event.id async for event in events] == ["0", "1", "2"]
            async with client.events("/ticks/1", config={"retry_ms": 1}) as events:
                waiting = asyncio.create_task(anext(events))
                await asyncio.sleep(0)
                waiting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await waiting
                assert (await anext(events)).id == "0"  # which the task would have got
            async with client.events("/ticks/0?open") as events:
                waiting = asyncio.create_task(anext(events))
                await asyncio.sleep(0)
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)

    asyncio.run(main())


def test_pages_awaited(server: Server) -> None:
    async def main() -> None:
        async with tessera.aio.HttpClient(base_url=server.url) as client:
            assert [page.text async for page in client.paginate("/list/1")] == ["1", "2", "3"]
            async with client.paginate("/status/404") as pages:
                with pytest.raises(tessera.NotFoundError):
                    await anext(pages)

    asyncio.run(main())
