"""The API client."""

import builtins
import os
import pickle
import signal
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import tessera
from conftest import Vendor
from http_server import TIME_LIMIT_S, Server, server

__all__ = ["server"]

SECRET = "hunter2-hunter2"


@pytest.fixture
def client(server: Server) -> Iterator[tessera.HttpClient]:
    # Refused and unanswered requests are part of these tests.
    with tessera.HttpClient(base_url=server.url, retry={"transient_base_ms": 1}, breaker={"enabled": False}) as opened:
        yield opened


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_methods(client: tessera.HttpClient, method: str) -> None:
    response = getattr(client, method)("/echo")
    assert response.json()["method"] == method.upper()
    assert client.request(method.upper(), "/echo").json()["method"] == method.upper()


def test_head(client: tessera.HttpClient) -> None:
    response = client.head("/echo")
    assert response.ok and response.content == b"" and int(response.headers["Content-Length"]) > 0


def test_response(client: tessera.HttpClient, server: Server) -> None:
    response = client.get("echo", query={"a": "b"})
    assert (response.status, response.ok, response.http_version, response.attempts) == (200, True, "HTTP/1.1", 1)
    assert response.url == f"{server.url}/echo?a=b"
    assert not response.from_cache
    assert response.headers["CONTENT-TYPE"] == "application/json" and "content-type" in response.headers
    assert response.headers is response.headers
    assert response.content is response.content
    assert bytes(memoryview(response)) == response.content == response.text.encode()
    assert response.timings.ended and response.timings.first_byte and response.timings.secured is None
    assert response.timings.first_byte <= response.timings.ended
    assert response.trace == [] and response.problem is None
    assert response.raise_for_status() is response
    assert repr(response) == "<tessera.HttpResponse 200>"


def test_a_response_outlives_its_client(server: Server) -> None:
    with tessera.HttpClient() as client:
        response = client.get(f"{server.url}/bytes/100000")
    view = memoryview(response)
    del client, response
    assert bytes(view) == b"x" * 100_000


def test_query(client: tessera.HttpClient) -> None:
    query: dict[str, Any] = {"q": "a&b ã", "page": 2, "ratio": 0.5, "all": True, "none": None, "tag": ["x", "y"]}
    expected = [["q", "a&b ã"], ["page", "2"], ["ratio", "0.5"], ["all", "true"], ["tag", "x"], ["tag", "y"]]
    assert client.get("/echo", query=query).json()["query"] == expected
    assert client.get("/echo?z=1", query=[("q", "1"), ("q", "2")]).json()["query"] == [["z", "1"], ["q", "1"], ["q", "2"]]
    for wrong in ({"q": object()}, {"q": [["x"]]}, {7: "x"}, 7):
        with pytest.raises(TypeError):
            client.get("/echo", query=wrong)  # type: ignore[arg-type]


def test_headers(server: Server) -> None:
    with tessera.HttpClient(base_url=server.url, headers={"X-One": "1", "X-Two": "2"}) as client:
        sent = client.get("/echo", headers={"x-two": "other"}).json()["headers"]
        assert (sent["x-one"], sent["x-two"]) == ("1", "other")
        assert client.get("/echo", headers=[("X-Three", "3")]).json()["headers"]["x-three"] == "3"
        cookies = client.get("/cookies").headers
        assert cookies.get_list("set-cookie") == ["a=1", "b=2"] and cookies["Set-Cookie"] == "a=1, b=2"
        assert cookies.get("missing") is None
        with pytest.raises(TypeError):
            client.get("/echo", headers={"X": 1})  # type: ignore[dict-item]
        with pytest.raises(tessera.ArgError, match="X-Bad") as refused:
            client.get("/echo", headers={"X-Bad": SECRET + "\r\nX: y"})
        assert SECRET not in str(refused.value)


def test_bodies(client: tessera.HttpClient) -> None:
    echo = client.post("/echo", json={"item": "café", "n": None}).json()
    assert echo["headers"]["content-type"] == "application/json"
    assert echo["body"].encode("latin-1").decode() == '{"item":"café","n":null}'
    assert client.post("/echo", json=None).json()["body"] == ""
    echo = client.post("/echo", data={"a": "x y", "b": ["1", "2"]}).json()
    assert (echo["headers"]["content-type"], echo["body"]) == ("application/x-www-form-urlencoded", "a=x+y&b=1&b=2")
    echo = client.post("/echo", data=b"\x00\xff", headers={"content-type": "image/x"}).json()
    assert (echo["headers"]["content-type"], echo["body"]) == ("image/x", "\x00\xff")
    assert client.put("/echo", data=bytearray(b"text")).json()["body"] == "text"
    assert client.post("/echo", json=[], headers={"CONTENT-type": "a/b"}).json()["headers"]["content-type"] == "a/b"
    with pytest.raises(TypeError, match="json or data, form, upload"):
        client.post("/echo", json=1, data="x")
    with pytest.raises(TypeError, match="mapping"):
        client.post("/echo", data=7)  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        client.post("/echo", json=float("nan"))


def test_options(client: tessera.HttpClient) -> None:
    echo = client.post("/echo", idempotency_key="key-7", background=True, skip_auth=True, skip_breaker=True).json()
    assert "key-7" in echo["headers"].values()
    response = client.get("/echo", trace=True, max_attempts=1, attempt_timeout=30, timeout=60)
    assert "attempt" in {event.stage for event in response.trace} and response.trace[-1].at >= 0
    assert client.get("/echo", timeout=None, cache=None, follow_redirects=None).ok
    for wrong in ({"timeout": -1}, {"cache": "maybe"}, {"max_age": 0}, {"max_attempts": 0}, {"max_body_bytes": -1}):
        with pytest.raises(ValueError):
            client.get("/echo", **wrong)
    with pytest.raises(TypeError, match="colour"):
        client.get("/echo", colour="red")  # type: ignore[call-arg]


def test_text(client: tessera.HttpClient) -> None:
    assert client.get("/latin").text == "ação"
    with pytest.raises(ValueError):
        client.get("/latin").json()


def test_redirects(client: tessera.HttpClient) -> None:
    assert client.get("/redirect").url.endswith("/echo")
    response = client.get("/redirect", follow_redirects=False)
    assert response.status == 302 and response.ok and response.headers["location"] == "/echo"
    assert client.get("/redirect", follow_redirects=1).status == 200


def test_cache(client: tessera.HttpClient, server: Server) -> None:
    assert not client.get("/cached").from_cache
    response = client.get("/cached")
    assert response.from_cache and response.content == b"kept" and response.attempts == 0
    assert not client.get("/cached", cache="no_store").from_cache
    assert not client.get("/cached", cache="refresh").from_cache
    assert not client.get("/cached", partition="ana").from_cache
    assert client.get("/cached", max_age=300).from_cache
    assert client.get("/cached", cache="only_if_cached").from_cache
    assert client.get("/echo", cache="only_if_cached").status == 504
    assert server.requests == 4


def test_status_is_an_answer(client: tessera.HttpClient) -> None:
    response = client.get("/status/404", query={"token": SECRET})
    assert (response.status, response.ok) == (404, False)
    assert response.problem == ("https://example.com/out", "Out of stock", None, None, 404, {"left": 0})
    with pytest.raises(tessera.HttpStatusError, match="404.*Out of stock") as missing:
        response.raise_for_status()
    assert missing.value.response is response and isinstance(missing.value, OSError)
    assert (missing.value.code, missing.value.retryable) == (tessera.ErrorCode.ARG, False)
    assert SECRET not in str(missing.value)
    assert isinstance(pickle.loads(pickle.dumps(missing.value)), tessera.Error)
    busy = client.get("/status/503", max_attempts=1)
    with pytest.raises(tessera.HttpStatusError) as failed:
        busy.raise_for_status()
    assert failed.value.retryable and failed.value.detail == {"status": 503}


def test_retries(client: tessera.HttpClient) -> None:
    assert client.get("/flaky/2").attempts == 3


def test_refused(client: tessera.HttpClient) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/?token={SECRET}"
        with pytest.raises(tessera.NetworkError) as refused:
            client.get(url, max_attempts=1, headers={"Authorization": f"Bearer {SECRET}"})
    assert isinstance(refused.value, ConnectionError) and refused.value.detail["attempts"] == 1
    assert SECRET not in f"{refused.value} {refused.value.detail} {refused.value!r}"


def test_time_out(client: tessera.HttpClient) -> None:
    with pytest.raises(tessera.TimeoutError) as late:
        client.get("/never", timeout=0.1)
    assert isinstance(late.value, builtins.TimeoutError)


def test_too_large(client: tessera.HttpClient) -> None:
    assert len(client.get("/bytes/1000", max_body_bytes=1000).content) == 1000
    with pytest.raises(tessera.LimitError):
        client.get("/bytes/1001", max_body_bytes=1000)


def test_configuration() -> None:
    for wrong in ({"colour": "red"}, {"base_url": "x"}, {"retry": {"max_attempts": 99}}, {"secrets": {"private_key": SECRET}}):
        with pytest.raises(tessera.ArgError) as refused:
            tessera.HttpClient(**wrong)
        assert SECRET not in str(refused.value)
    with pytest.raises(tessera.ArgError, match="Authorization") as refused:
        tessera.HttpClient(headers={"Authorization": SECRET})
    assert SECRET not in str(refused.value)
    with pytest.raises(TypeError):
        tessera.HttpClient(secrets={"private_key": 7})  # type: ignore[dict-item]


def test_secrets_stay_out_of_sight(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="tessera")
    secrets = {"proxy:127.0.0.1:3128": f"ana:{SECRET}"}
    proxies: Any = {"urls": ["http://127.0.0.1:3128"], "no_proxy": ["127.0.0.1"]}
    with tessera.HttpClient(base_url=server.url, proxies=proxies, secrets=secrets) as client:
        response = client.get("/echo", headers={"Authorization": SECRET}, trace=True)
    seen = f"{client!r} {response!r} {response.headers!r} {response.trace} {client.metrics()} {caplog.text}"
    assert response.json()["headers"]["authorization"] == SECRET and SECRET not in seen


def test_close(server: Server) -> None:
    client = tessera.HttpClient(base_url=server.url)
    with client:
        assert client.get("/echo").ok
    client.close()
    with pytest.raises(tessera.StateError):
        client.get("/echo")
    assert client.metrics() and "# TYPE" in client.metrics_text()


def test_collecting_an_open_client_warns() -> None:
    with pytest.warns(ResourceWarning, match="HttpClient"):
        tessera.HttpClient()


def test_log(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    records: list[tessera.LogRecord] = []
    with tessera.HttpClient(base_url=server.url) as client:
        client.get("/echo")
        assert not caplog.records
        subscription = client.on_log(tessera.LogLevel.DEBUG, records.append)
        client.get("/echo")
        client.metrics()
        subscription.cancel()
    assert [(record.area, record.event, record.fields["path"]) for record in records] == [("http", "call", "/echo")]
    caplog.set_level("DEBUG", logger="tessera")
    with tessera.HttpClient(base_url=server.url) as client:
        client.get("/echo")
    assert [record.name for record in caplog.records] == ["tessera.http"]


def test_application(config: dict[str, Any], vendor: Vendor, server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="tessera")
    with tessera.App.open(**config, gateway=server.url, http={"headers": {"X-App": "player"}}) as app:
        assert app.http is app.http is app.open_http()
        assert app.http.get("/echo").json()["headers"]["x-app"] == "player"
        app.license.import_bundle(vendor.license_file())
        app.http.get("/echo")
        client = app.http
    with pytest.raises(tessera.StateError):
        client.get("/echo")
    assert sorted(record.name for record in caplog.records) == ["tessera.http", "tessera.http", "tessera.license"]


def test_threads(client: tessera.HttpClient) -> None:
    answers: list[bool] = []

    def work(number: int) -> None:
        for i in range(50):
            answer = client.post("/echo", data=f"{number} {i}").json()
            answers.append(answer["body"] == f"{number} {i}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIME_LIMIT_S)
    assert answers == [True] * 400


def test_interrupt(client: tessera.HttpClient, server: Server) -> None:
    def interrupt() -> None:
        assert server.is_asked.wait(TIME_LIMIT_S)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        client.get("/never", timeout=TIME_LIMIT_S)
    thread.join()
    assert server.is_left.wait(TIME_LIMIT_S)
    assert client.get("/echo").ok


def test_a_signal_that_raises_nothing(client: tessera.HttpClient, server: Server) -> None:
    handled = threading.Event()
    before = signal.signal(signal.SIGUSR1, lambda *_: handled.set())
    try:

        def send() -> None:
            assert server.is_asked.wait(TIME_LIMIT_S)
            os.kill(os.getpid(), signal.SIGUSR1)
            assert handled.wait(TIME_LIMIT_S)
            server.drop_waiting()

        thread = threading.Thread(target=send)
        thread.start()
        with pytest.raises(tessera.NetworkError):
            client.get("/never", max_attempts=1)
        thread.join()
    finally:
        signal.signal(signal.SIGUSR1, before)
