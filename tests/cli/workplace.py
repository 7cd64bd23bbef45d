"""A vendor and a customer in a folder of their own, with the tool that TESSERA_TOOL names."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

TOOL = os.environ["TESSERA_TOOL"]

OK, FAILED, USAGE, NOT_LICENSED, TRY_AGAIN = range(5)


class Workplace(unittest.TestCase):
    """Starts with root and signing key, key set and tessera.json in the current folder of every run."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="tessera-cli-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.environment = {
            name: value for name, value in os.environ.items()
            if name.endswith("SAN_OPTIONS") or name.endswith("SYMBOLIZER_PATH") or name == "PATH"
        }  # fmt: skip
        self.environment["HOME"] = str(self.folder / "home")
        (self.folder / "home").mkdir()
        self.root = self.json("keygen", "root.key")
        self.signer = self.json("keygen", "signing.key")
        self.configure(issuer="acme", product="player", trusted_keys=[self.root["public"]])
        self.run_tool("keyset", "--root-key-file", "root.key", "--seq", "1", "--key", self.signer["public"], "-o", "keys.jws")

    def configure(self, **members):
        (self.folder / "tessera.json").write_text(json.dumps(members))

    def start(self, *arguments, stdin=None, **overrides):
        return subprocess.run(
            [TOOL, *arguments], cwd=self.folder, env=self.environment | overrides, input=stdin, capture_output=True,
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
        return done.stderr

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
