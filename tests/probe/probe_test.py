"""`tessera hwid` on this machine's own hardware, watched by strace."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

TOOL = pathlib.Path(os.environ["TESSERA_TOOL"])
READ_LIMIT = 4096
NEW_PROCESS = re.compile(r"^(?:\d+ +)?(fork|vfork|clone3?|execve|execveat)\(")
READ = re.compile(r"\b(?:read|pread64|readv|preadv)\((\d+)<([^>]*)>.* = (\d+)$")


def trace() -> list[str]:
    with tempfile.NamedTemporaryFile(mode="r", suffix=".strace") as log:
        subprocess.run(
            ["strace", "-f", "-y", "-e", "trace=process,openat,read,pread64,readv,preadv", "-e", "signal=none", "-o", log.name,
             TOOL, "hwid", "--json"],
            check=True, stdout=subprocess.DEVNULL, timeout=30,
        )  # fmt: skip
        return log.read().splitlines()


class Traced(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.lines = trace()

    def test_starts_no_process(self) -> None:
        started = [line for line in self.lines if NEW_PROCESS.match(line)]
        self.assertEqual(len(started), 1, started)  # the tool itself
        self.assertIn("execve(", started[0])

    def test_reads_hardware_and_at_most_4_kib_of_each_file(self) -> None:
        total: dict[str, int] = {}
        for line in self.lines:
            if match := READ.search(line):
                total[match[2]] = total.get(match[2], 0) + int(match[3])
        hardware = {name: size for name, size in total.items() if name.startswith(("/sys/", "/proc/", "/etc/", "/run/"))}
        self.assertTrue(any(name.startswith("/sys/") for name in hardware), total)
        for name, size in hardware.items():
            self.assertLessEqual(size, READ_LIMIT, name)


class Unprivileged(unittest.TestCase):
    def test_an_ordinary_user_gets_a_report(self) -> None:
        command = [str(TOOL), "hwid", "--json"]
        with tempfile.TemporaryDirectory() as folder:
            if os.geteuid() == 0:
                # The build folder may be closed to others.
                os.chmod(folder, 0o755)
                copy = pathlib.Path(folder, "bin", TOOL.name)
                copy.parent.mkdir()
                shutil.copy2(TOOL, copy)
                for library in (TOOL.parent.parent / "lib").glob("libtessera.so.?"):
                    shutil.copy2(library, copy.parent)
                command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "HOME=/nonexistent",
                           f"LD_LIBRARY_PATH={copy.parent}", str(copy), "hwid", "--json"]  # fmt: skip
            done = subprocess.run(command, capture_output=True, text=True, timeout=30, cwd=folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)
        self.assertIn(report["strength"], ("none", "weak", "medium", "strong"))
        self.assertTrue(report["factors"])


if __name__ == "__main__":
    unittest.main()
