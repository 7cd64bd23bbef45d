"""A server on loopback for the tests of the API client."""

import http.server
import json
import socket
import threading
import urllib.parse
from collections.abc import Iterator
from typing import Any

import pytest

TIME_LIMIT_S = 60


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def begin(self, **headers: str) -> None:
        """An answer that ends with its connection."""
        self.close_connection = True
        self.send_response(200)
        self.send_header("Connection", "close")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def wait_until_left(self) -> None:
        self.server.waiting.append(self.connection)
        self.server.is_asked.set()
        self.rfile.read(1)
        self.server.is_left.set()
        self.close_connection = True

    def do_GET(self) -> None:
        url = urllib.parse.urlsplit(self.path)
        body = self.body()
        first, *rest = url.path.strip("/").split("/")
        with self.server.lock:
            self.server.requests += 1
        getattr(self, f"on_{first}")(url, body, *rest)

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def on_echo(self, url: urllib.parse.SplitResult, body: bytes) -> None:
        """What came."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = urllib.parse.parse_qsl(url.query, keep_blank_values=True)
        echo = {"method": self.command, "query": query, "headers": headers, "body": body.decode("latin-1")}
        self.answer(200, json.dumps(echo).encode(), Content_Type="application/json")

    def on_status(self, url: urllib.parse.SplitResult, body: bytes, status: str) -> None:
        problem = {"type": "https://example.com/out", "title": "Out of stock", "status": int(status), "left": 0}
        self.answer(int(status), json.dumps(problem).encode(), Content_Type="application/problem+json")

    def on_flaky(self, url: urllib.parse.SplitResult, body: bytes, failures: str) -> None:
        """503 until so many requests have come."""
        is_failure = self.server.requests <= int(failures)
        self.answer(503 if is_failure else 200, b"")

    def on_bytes(self, url: urllib.parse.SplitResult, body: bytes, count: str) -> None:
        self.answer(200, b"x" * int(count))

    def on_latin(self, url: urllib.parse.SplitResult, body: bytes) -> None:
        self.answer(200, "ação".encode("latin-1"), Content_Type='text/plain; charset="ISO-8859-1"')

    def on_cached(self, url: urllib.parse.SplitResult, body: bytes) -> None:
        self.answer(200, b"kept", Cache_Control="max-age=600")

    def on_redirect(self, url: urllib.parse.SplitResult, body: bytes) -> None:
        self.answer(302, b"", Location="/echo")

    def on_cookies(self, url: urllib.parse.SplitResult, body: bytes) -> None:
        self.send_response(204)
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2")
        self.end_headers()

    def on_together(self, url: urllib.parse.SplitResult, body: bytes, count: str) -> None:
        """Answers once so many requests wait here at the same time."""
        with self.server.lock:
            if self.server.barrier is None:
                self.server.barrier = threading.Barrier(int(count))
        self.server.barrier.wait(TIME_LIMIT_S)
        self.answer(200, b"together")

    def on_never(self, url: urllib.parse.SplitResult, body: bytes) -> None:
        """Answers nothing until the client goes."""
        self.wait_until_left()

    def on_begun(self, url: urllib.parse.SplitResult, body: bytes) -> None:
        """A body that never ends."""
        self.begin()
        self.wfile.write(b"begun")
        self.wait_until_left()

    def on_ticks(self, url: urllib.parse.SplitResult, body: bytes, count: str) -> None:
        """So many events, and then nothing more or, with the query "open", no end."""
        self.begin(Content_Type="text/event-stream")
        for number in range(int(count)):
            self.wfile.write(f"id: {number}\nevent: tick\nretry: 20\ndata: {number}\ndata: ã\n\n".encode())
        if url.query == "open":
            self.wait_until_left()

    def on_list(self, url: urllib.parse.SplitResult, body: bytes, page: str) -> None:
        """One of three pages."""
        links = {"Link": f'</list/{int(page) + 1}>; rel="next"'} if page != "3" else {}
        self.answer(200, page.encode(), **links)

    def on_blob(self, url: urllib.parse.SplitResult, body: bytes, count: str) -> None:
        self.answer(200, b"x" * int(count), ETag='"blob"')

    def on_token(self, url: urllib.parse.SplitResult, body: bytes) -> None:
        """Grants access-1, access-2 and so on; refuses the refresh token "revoked"."""
        grant = dict(urllib.parse.parse_qsl(body.decode()))
        if grant.get("refresh_token") == "revoked":
            self.answer(400, b'{"error": "invalid_grant"}', Content_Type="application/json")
            return
        with self.server.lock:
            self.server.grants.append(grant)
            number = len(self.server.grants)
        given = {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}", "token_type": "Bearer"}
        self.answer(200, json.dumps(given | {"expires_in": 3600}).encode(), Content_Type="application/json")

    def on_sale(self, url: urllib.parse.SplitResult, body: bytes, status: str) -> None:
        with self.server.lock:
            self.server.sales.append(body)
        self.answer(int(status), b"")


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.lock = threading.Lock()
        self.requests = 0
        self.grants: list[dict[str, str]] = []
        self.sales: list[bytes] = []
        self.barrier: threading.Barrier | None = None
        self.waiting: list[socket.socket] = []
        self.is_asked = threading.Event()
        self.is_left = threading.Event()

    def drop_waiting(self) -> None:
        for connection in self.waiting:
            connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go are what the tests are about."""


def served() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


server = pytest.fixture(served)
