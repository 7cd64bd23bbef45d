"""Folders in which tests use the tool that TESSERA_TOOL names, as people do."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = os.environ["TESSERA_TOOL"]
MACHINES = pathlib.Path(os.environ["TESSERA_TEST_DATA"]) / "roots"

OK, FAILED, USAGE, NOT_LICENSED, TRY_AGAIN = range(5)
SKIPPED = 77


def on_machine(name):
    """Environment in which the tool's testing build reads the hardware of one of tests/data/roots."""
    return {"LD_PRELOAD": os.environ["TESSERA_FAKE_MACHINE"], "TESSERA_FAKE_ROOT": str(MACHINES / name)}


class Folder(unittest.TestCase):
    """The current folder and the home of every run."""

    program = (TOOL,)

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="tessera-cli-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.home = self.folder / "home"
        self.home.mkdir()
        self.environment = {
            name: value for name, value in os.environ.items()
            if name.endswith("SAN_OPTIONS") or name.endswith("SYMBOLIZER_PATH") or name == "PATH"
        }  # fmt: skip
        self.environment["HOME"] = str(self.home)

    def start(self, *arguments, program=None, stdin=None, **overrides):
        return subprocess.run(
            [*(program or self.program), *arguments], cwd=self.folder, env=self.environment | overrides, input=stdin, capture_output=True,
            text=True, timeout=60, check=False,
        )  # fmt: skip

    def run_tool(self, *arguments, exit_code=OK, **options):
        done = self.start(*arguments, **options)
        self.assertEqual(done.returncode, exit_code, f"{arguments}\n{done.stdout}\n{done.stderr}")
        if exit_code == OK:
            self.assertEqual(done.stderr, "")
        return done.stdout

    def json(self, *arguments, **options):
        return json.loads(self.run_tool(*arguments, "--json", **options))

    def failure(self, *arguments, exit_code, **options):
        """The error text of a run that has to fail; it must say what to do next."""
        done = self.start(*arguments, **options)
        self.assertEqual(done.returncode, exit_code, f"{arguments}\n{done.stdout}\n{done.stderr}")
        self.assertTrue(done.stderr.startswith("tessera: "), done.stderr)
        advice = r"; |\n  next: " if exit_code == NOT_LICENSED else r"\n  next: \S"
        self.assertRegex(done.stderr, advice)
        return done.stderr


class Workplace(Folder):
    """A vendor and a customer, with root and signing key, key set and tessera.json."""

    def setUp(self):
        super().setUp()
        self.root = self.json("keygen", "root.key")
        self.signer = self.json("keygen", "signing.key")
        self.configure()
        self.run_tool("keyset", "--root-key-file", "root.key", "--seq", "1", "--key", self.signer["public"], "-o", "keys.jws")

    def configure(self, **members):
        config = {"issuer": "acme", "product": "player", "trusted_keys": [self.root["public"]]} | members
        (self.folder / "tessera.json").write_text(json.dumps(config))

    def issue(self, output, *options, request="machine.req"):
        """A licence file with key set; `request` None binds to no machine."""
        machine = ["--request", request] if request else ["--unbound"]
        return self.json(
            "issue", "--key", "signing.key", *machine, "--sku", "pro", "--subject", "ana@example.com", "--allow-weak",
            "--with", "keys.jws", "-o", output, *options,
        )  # fmt: skip

    def activate(self, *options):
        self.run_tool("request", "-o", "machine.req")
        self.issue("player.lic", *options)
        return self.json("activate", "player.lic")


def main():
    """Runs `FILE [CLASS[.METHOD]]...`. Ends with SKIPPED where a case was, so that none passes unseen."""
    result = unittest.main(module="__main__", exit=False).result
    if not result.wasSuccessful() or result.testsRun == 0:
        sys.exit(1)
    sys.exit(SKIPPED if result.skipped else 0)
