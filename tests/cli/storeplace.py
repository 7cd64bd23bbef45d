"""A folder with an encrypted store, and a terminal to type into."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

from workplace import TOOL, Folder

PEOPLE = "create table people(id integer primary key, name text, age integer) strict"


class StoreFolder(Folder):
    """app.tdb opens with the passphrase in pass.txt."""

    def setUp(self):
        super().setUp()
        self.secret("pass.txt", "correct horse\n")
        self.opening = ("--passphrase-file", "pass.txt")

    def secret(self, name, text):
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)

    def make(self, *options):
        return self.json("store", "init", "app.tdb", *self.opening, "--kdf", "low", *options)

    def make_people(self):
        self.make()
        self.write(PEOPLE)
        self.write("insert into people(name, age) values ('ana', 31), ('bo', null)")

    def write(self, sql, *options):
        return self.store("query", sql, "--write", *options)

    def store(self, command, *arguments, path="app.tdb", **options):
        return self.run_tool("store", command, path, *arguments, *self.opening, **options)

    def store_json(self, command, *arguments, path="app.tdb", **options):
        return self.json("store", command, path, *arguments, *self.opening, **options)

    def rows(self, sql, *arguments, **options):
        return self.store_json("query", sql, *arguments, **options)

    def store_failure(self, command, *arguments, path="app.tdb", **options):
        return self.failure("store", command, path, *arguments, *self.opening, **options)


class Terminal:
    """The tool at a terminal of its own."""

    def __init__(self, test, *arguments):
        pid, self.screen = pty.fork()
        if pid == 0:
            os.chdir(test.folder)
            os.execve(TOOL, [TOOL, *arguments], test.environment | {"TERM": "xterm", "LC_ALL": "C.UTF-8"})
        self.pid = pid
        self.shown = ""
        self.exit_code = None
        fcntl.ioctl(self.screen, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        test.addCleanup(self.stop)

    def stop(self):
        if self.exit_code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.exit_code = -1
            os.close(self.screen)

    def type(self, text):
        os.write(self.screen, text.encode())

    def _read(self, timeout):
        if not select.select([self.screen], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self.screen, 65536)
        except OSError:  # the other side is closed
            data = b""
        self.shown += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]", "", data.decode(errors="replace"))
        return bool(data)

    def wait_for(self, pattern, timeout=60):
        """What was shown up to the pattern; forgets it."""
        end = time.monotonic() + timeout
        while not (found := re.search(pattern, self.shown)):
            if time.monotonic() > end or not self._read(end - time.monotonic()):
                raise AssertionError(f"{pattern!r} did not come: {self.shown!r}")
        before, self.shown = self.shown[: found.end()], self.shown[found.end() :]
        return before

    def end(self, timeout=60):
        """(exit code, the rest of what was shown)"""
        end = time.monotonic() + timeout
        while time.monotonic() < end and self._read(end - time.monotonic()):
            pass
        if time.monotonic() >= end:
            raise AssertionError(f"it does not end: {self.shown!r}")
        _, status = os.waitpid(self.pid, 0)
        self.exit_code = os.waitstatus_to_exitcode(status)
        os.close(self.screen)
        return self.exit_code, self.shown


def background(test, *arguments):
    """The tool as a process that goes on."""
    return subprocess.Popen(
        [TOOL, *arguments], cwd=test.folder, env=test.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
