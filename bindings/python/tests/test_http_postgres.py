"""Processes that share an OAuth account in a row of PostgreSQL."""

import json
import pathlib
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Iterator

import psycopg
import pytest
import tessera
from http_server import TIME_LIMIT_S, Handler, Server, server
from pages import Page
from postgres import database

__all__ = ["database", "server"]

REQUESTS = 50
ACTOR = pathlib.Path(__file__).parent / "shared_account.py"


class Issuer:
    """Its refresh tokens serve once: the second use of one ends the account."""

    def __init__(self, database: str) -> None:
        self.database = database
        self.lock = threading.Lock()
        self.refreshes: list[str] = []
        self.good: set[str] = set()
        self.is_ended = False

    def another_is_here(self) -> bool:
        """Another process waits for the row, or has asked too."""
        with psycopg.connect(self.database) as connection:
            waiting = connection.execute("select count(*) from pg_stat_activity where wait_event_type = 'Lock'").fetchone()
        return waiting != (0,)

    def turn(self, refresh: str) -> str | None:
        """The next pair is "a1" and "r1", for "r0"; it takes until another process would like to have one."""
        with self.lock:
            self.refreshes.append(refresh)
            number = len(self.refreshes)
            self.is_ended |= refresh != f"r{number - 1}"
        deadline = time.monotonic() + 5
        while not self.another_is_here() and len(self.refreshes) == number and time.monotonic() < deadline:
            time.sleep(0.01)
        with self.lock:
            self.good = set() if self.is_ended else {f"Bearer a{number}"}
            if self.is_ended:
                return None
        return json.dumps({"access_token": f"a{number}", "refresh_token": f"r{number}", "token_type": "bearer", "expires_in": 3600})


@pytest.fixture
def issuer(database: str, monkeypatch: pytest.MonkeyPatch) -> Issuer:
    made = Issuer(database)

    def on_token(handler: Handler, url: urllib.parse.SplitResult, body: bytes) -> None:
        grant = dict(urllib.parse.parse_qsl(body.decode()))
        answer = made.turn(grant["refresh_token"])
        status, text = (400, '{"error": "invalid_grant"}') if answer is None else (200, answer)
        handler.answer(status, text.encode(), Content_Type="application/json")

    def on_account(handler: Handler, url: urllib.parse.SplitResult, body: bytes) -> None:
        with made.lock:
            is_good = handler.headers["Authorization"] in made.good
        handler.answer(200 if is_good else 401, b"")

    monkeypatch.setattr(Handler, "on_token", on_token)
    monkeypatch.setattr(Handler, "on_account", on_account, raising=False)
    return made


class Process:
    """See shared_account.py."""

    def __init__(self, server: Server, database: str) -> None:
        command = [sys.executable, "-X", "dev", "-W", "error", str(ACTOR), server.url, database, str(REQUESTS)]
        self.program: subprocess.Popen[str] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def start(self) -> None:
        assert self.program.stdin is not None
        self.program.stdin.write("\n")
        self.program.stdin.flush()

    def line(self) -> str:
        assert self.program.stdout is not None
        return self.program.stdout.readline()

    def end(self) -> int:
        try:
            self.program.communicate(timeout=120)
        finally:
            self.program.kill()
        return self.program.wait()


@pytest.fixture
def processes(server: Server, issuer: Issuer, database: str) -> Iterator[list[Process]]:
    """Two, whose account has a token that has ended."""
    with tessera.HttpClient(base_url=server.url) as client:
        names = {"tessera": tessera, "client": client, "database": database, "secret": "secret"}
        Page("http-python.md").follow("One account, several processes", {"https://api.example.com": server.url}, names)
        client.auth.set_oauth_tokens("a0", refresh_token="r0", expires_at=1)
    names.clear()  # The client has what is defined there, and that has the client.
    del client
    made: list[Process] = []
    try:
        for _ in range(2):
            made.append(Process(server, database))
        assert [process.line() for process in made] == ["ready\n"] * 2
        yield made
    finally:
        assert [process.end() for process in made] == [0] * len(made)


def ask(processes: list[Process]) -> list[str]:
    for process in processes:
        process.start()
    return [process.line() for process in processes]


def test_processes_renew_once(processes: list[Process], issuer: Issuer) -> None:
    all_well = [f"{REQUESTS}\n"] * 2
    assert ask(processes) == all_well
    assert issuer.refreshes == ["r0"]
    with issuer.lock:
        issuer.good.clear()  # The next requests are answered with 401.
    assert ask(processes) == all_well
    assert issuer.refreshes == ["r0", "r1"]


def test_processes_wait_for_who_has_the_row(processes: list[Process], issuer: Issuer, database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("select from tokens for update")
        for process in processes:
            process.start()
        deadline = time.monotonic() + TIME_LIMIT_S
        while not issuer.another_is_here():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert issuer.refreshes == []
    assert [process.line() for process in processes] == [f"{REQUESTS}\n"] * 2
    assert issuer.refreshes == ["r0"]
