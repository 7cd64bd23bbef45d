"""Does what docs/how-to/offline-activation.md says, word for word, and sees what it promises."""

import json
import os
import pathlib
import re
import shutil

import workplace
from workplace import NOT_LICENSED, OK, TOOL, Folder, on_machine

DOCS = pathlib.Path(os.environ["TESSERA_DOCS"])
PAGE = (DOCS / "how-to/offline-activation.md").read_text()
CODES = (DOCS / "reference/license-codes.md").read_text()
ISSUE, MOVE, REVOKE = "2. The vendor answers it", "Move to another machine", "Revoke"
TO_REQUEST = ("Once, at the vendor", "1. The customer makes a request")
TO_LICENCE = (*TO_REQUEST, ISSUE, "3. The customer imports it")


def blocks(heading):
    """(language, text) of a section's fenced blocks."""
    section = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", PAGE, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^```(\w*)\n(.*?)^```$", section[1], flags=re.MULTILINE | re.DOTALL)


class Guide(Folder):
    def setUp(self):
        super().setUp()
        self.known = {}  # what stands for the page's <placeholders>
        machine = on_machine("desktop")
        tool = self.folder / "bin/tessera"
        tool.parent.mkdir()
        tool.write_text(f'#!/bin/sh\nexec env LD_PRELOAD="{machine["LD_PRELOAD"]}" "{TOOL}" "$@"\n')  # not into the shells
        tool.chmod(0o755)
        self.program = (tool,)
        self.environment["PATH"] = f"{tool.parent}:{self.environment['PATH']}"
        self.be_at("desktop")

    def be_at(self, machine):
        self.environment["TESSERA_FAKE_ROOT"] = on_machine(machine)["TESSERA_FAKE_ROOT"]

    def filled(self, text):
        return re.sub(r"<(\w[^<>]*)>", lambda match: self.known[match[1]], text)

    def follow(self, *headings, exit_code=OK, more=""):
        shown = ""
        for language, text in (block for heading in headings for block in blocks(heading)):
            if language == "json":
                (self.folder / "tessera.json").write_text(self.filled(text))
                continue
            self.assertEqual(language, "sh")
            for command in filter(str.strip, text.replace("\\\n", " ").splitlines()):
                shown = self.run_tool("-ec", self.filled(command) + more, program=("bash",), exit_code=exit_code)
                self.known |= {f"public half of {key}": half for key, half in re.findall(r"key in (\S+):.*\n  public  (\S+)", shown)}
                self.known |= {"licence id": name for name in re.findall(r"^licence (\S+) for", shown)}
        return shown

    def refusal(self, file, **environment):
        done = self.start("activate", file, "--json", **environment)
        self.assertEqual(done.returncode, NOT_LICENSED, done.stdout)
        return json.loads(done.stderr)["error"]["detail"]["license_name"]

    def answer_anew(self):
        """The rest is steps 2 and 3."""
        self.follow(TO_LICENCE[1])
        self.follow(ISSUE, more=" --license-id " + self.known["licence id"])

    def test_every_block_is_followed(self):
        every = re.findall(r"^## (.*)$", PAGE, flags=re.MULTILINE)
        self.assertLessEqual({*TO_LICENCE, MOVE, REVOKE}, set(every))
        self.follow(*every)
        for name in ("root.key", "signing.key", "keys.lic", "machine.req", "app.lic", "goodbye.proof", "revoked.lic"):
            self.assertIn(name, PAGE)
            self.assertGreater((self.folder / name).stat().st_size, 0, name)

    def test_the_page_knows_the_codes(self):
        named = set(re.findall(r"\b([A-Z]+(?:_[A-Z]+)*) \((\d+)\)", PAGE))
        listed = set(re.findall(r"^\| `(\w+)` \| (\d+) \|", CODES, flags=re.MULTILINE))
        self.assertGreater(len(named), 4)
        self.assertLessEqual(named, listed)

    def test_an_answer_is_good_for_one_import_on_one_machine(self):
        shown = self.follow(*TO_LICENCE)
        self.assertRegex(shown, r"^OK  demo-player pro for ana@example.com, 365 days left")
        self.assertIn("copies.monthly", shown)
        self.assertEqual(self.refusal("app.lic"), "REQ_NONCE_MISMATCH")
        self.be_at("server")
        self.environment["HOME"] = str(self.folder / "other-home")
        self.assertIn(self.refusal("app.lic"), ("HW_MISMATCH", "INSTALL_KEY_MISMATCH"))

    def test_a_weak_machine_is_refused_unless_allowed(self):
        self.be_at("microvm")
        self.follow(*TO_REQUEST)
        self.follow(ISSUE, exit_code=NOT_LICENSED)
        self.follow(ISSUE, more=" --allow-weak")
        self.assertIn("HW WEAK", self.follow(TO_LICENCE[3]))

    def test_a_request_for_renewal_names_the_licence(self):
        self.follow(*TO_LICENCE)
        self.run_tool("request", "--renew", "-o", "machine.req")
        self.assertIn(self.known["licence id"], self.run_tool("inspect", "machine.req"))
        self.follow(ISSUE, "3. The customer imports it")

    def test_after_a_reinstallation_the_old_file_works_for_a_while(self):
        self.follow(*TO_LICENCE)
        shutil.rmtree(self.home)
        verdict = self.json("activate", "app.lic")
        self.assertEqual((verdict["code"], verdict["name"]), (11, "WARN_REBIND_DUE"))
        days = (verdict["usable_until_ms"] - verdict["effective_time_ms"]) / 86_400_000
        self.assertAlmostEqual(days, 14, delta=0.01)
        self.answer_anew()
        self.assertEqual(self.json("activate", "app.lic")["name"], "OK")

    def test_what_was_given_back_is_remembered_in_two_places(self):
        self.follow(*TO_LICENCE)
        self.assertIn(self.known["licence id"], self.follow(MOVE))
        for lost in ("share", "state"):
            half = shutil.copytree(self.home, self.folder / lost)
            shutil.rmtree(half / ".local" / lost)
            self.assertEqual(self.refusal("app.lic", HOME=str(half)), "DEACTIVATED")
        shutil.rmtree(self.home)
        self.assertEqual(self.json("activate", "app.lic")["name"], "WARN_REBIND_DUE")

    def test_a_revocation_list_works_alone_and_in_front_of_a_licence(self):
        self.follow(*TO_LICENCE)
        self.follow(REVOKE)
        self.follow(ISSUE, more=" --with revoked.lic --license-id " + self.known["licence id"])
        self.assertEqual(self.json("verify", "app.lic", exit_code=NOT_LICENSED)["name"], "REVOKED")
        self.assertRegex(self.run_tool("activate", "revoked.lic", exit_code=NOT_LICENSED), r"^stored: revocation list 1\nREVOKED")
        self.assertEqual(self.json("explain", exit_code=NOT_LICENSED)["code"], 26)
        self.run_tool("crl", "--key", "signing.key", "--seq", "2", "-o", "newer.lic")
        self.json("activate", "newer.lic")
        self.assertEqual(self.refusal("revoked.lic"), "CRL_ROLLBACK")


if __name__ == "__main__":
    workplace.main()
