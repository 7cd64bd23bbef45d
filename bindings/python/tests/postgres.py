"""A PostgreSQL server of the tests' own, on a socket in a folder of its own."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator

import psycopg
import pytest

TIME_LIMIT_S = 120


def newest_programs() -> pathlib.Path:
    """Where Debian puts them, for the newest of its versions."""
    return max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


def wait_until_up(server: subprocess.Popen[bytes], name: str, log: pathlib.Path) -> None:
    deadline = time.monotonic() + TIME_LIMIT_S
    while True:
        try:
            psycopg.connect(name).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL does not start: {log.read_text()}") from None
            time.sleep(0.05)


@pytest.fixture
def database() -> Iterator[str]:
    """How to connect to an empty database."""
    # pytest's own folder is closed to the user that the server runs as, and too long for the name of a socket.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tessera-pg-"))
    as_user: list[str] = []
    if os.geteuid() == 0:  # It refuses to be root.
        shutil.chown(folder, "postgres", "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    programs, data, log = newest_programs(), folder / "data", folder / "log"
    name = f"host={folder} dbname=postgres user=tests"
    environment = {key: value for key, value in os.environ.items() if key != "LD_PRELOAD"}  # It is not what is instrumented.
    try:
        options = ["-U", "tests", "--auth=trust", "--locale=C", "--encoding=UTF8", "--no-sync"]
        command = [*as_user, str(programs / "initdb"), "-D", str(data), *options]
        subprocess.run(command, check=True, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
        options = ["-k", str(folder), "-c", "listen_addresses=", "-c", "fsync=off"]
        with open(log, "wb") as output:
            command = [*as_user, str(programs / "postgres"), "-D", str(data), *options]
            server = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
        try:
            wait_until_up(server, name, log)
            yield name
        finally:
            server.send_signal(signal.SIGINT)  # Ends its connections, and then itself.
            server.wait(TIME_LIMIT_S)
    finally:
        shutil.rmtree(folder)
