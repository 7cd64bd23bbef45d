"""What the operating system denies: exit code 1 with a next step; 4 only where waiting helps."""

import fcntl
import os
import struct
import subprocess

import workplace
from workplace import FAILED, TOOL, TRY_AGAIN, Workplace


class FileErrors(Workplace):
    def test_files_that_are_not_there(self):
        self.assertIn("missing.lic", self.failure("verify", "missing.lic", exit_code=FAILED))
        self.assertIn("missing.key", self.failure("issue", "--key", "missing.key", "--unbound", "--sku", "pro", exit_code=FAILED))
        self.failure("request", "-o", "missing/machine.req", exit_code=FAILED)

    def test_full_standard_output(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [TOOL, "request"], cwd=self.folder, env=self.environment, stdout=full, stderr=subprocess.PIPE, check=False
            )
        self.assertEqual(done.returncode, FAILED, done.stderr)

    def test_data_folders_that_can_not_be(self):
        for command, folder in (
            ("explain", "/dev/null/x"), ("request", "/dev/null/x"), ("request", "/sys/tessera"), ("request", "/proc/tessera"),
        ):  # fmt: skip
            with self.subTest(f"{command} {folder}"):
                text = self.failure(command, "--data-dir", folder, exit_code=FAILED)
                self.assertIn(folder, text)
                self.assertIn("--data-dir", text)

    def test_state_that_is_no_file(self):
        (self.folder / "data").mkdir()
        os.mkfifo(self.folder / "data/license.state")
        self.assertIn("license.state", self.failure("request", "--data-dir", "data", exit_code=FAILED))

    def test_file_system_that_takes_no_more(self):
        limited = ("bash", "-c", 'ulimit -f 0; trap "" XFSZ; exec "$@"', "bash", TOOL)
        self.assertIn("license.", self.failure("request", program=limited, exit_code=FAILED))
        self.assertIn("next: free space", self.failure("request", "-o", "/dev/full", exit_code=FAILED))

    def test_another_process_holds_the_state(self):
        self.run_tool("request", "--data-dir", "data")
        with open(self.folder / "data/license.lock", "r+b") as lock:
            fcntl.fcntl(lock, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
            self.assertIn("try again", self.failure("request", "--data-dir", "data", exit_code=TRY_AGAIN))
        self.run_tool("request", "--data-dir", "data")


if __name__ == "__main__":
    workplace.main()
