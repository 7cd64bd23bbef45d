"""Plays users of the command line: `test_cli.py [CLASS]`."""

import json
import os
import pathlib
import re
import stat
import subprocess
import unittest

from workplace import FAILED, NOT_LICENSED, OK, TOOL, USAGE, Workplace

SHARE = pathlib.Path(os.environ["TESSERA_SHARE"])
DOCS = pathlib.Path(os.environ["TESSERA_DOCS"])


class Session(Workplace):
    """Vendor and customer, from the first request to giving the licence back."""

    def test_a_licence_from_request_to_deactivation(self):
        self.assertIn("NO LICENSE", self.run_tool("explain", exit_code=NOT_LICENSED))
        self.run_tool("request", "--note", "seat 7", "-o", "machine.req")
        self.issue("player.lic", "--days", "30", "--entitlement", "copies=50/month", "--entitlement", "export=true",
                   "--entitlement", "region=south", "--entitlement", 'code="007"')  # fmt: skip

        self.assertRegex(self.run_tool("verify", "player.lic"), r"player pro for ana@example.com, \d+ days left")
        self.assertEqual(self.json("explain", exit_code=NOT_LICENSED)["name"], "NO_LICENSE")
        self.assertRegex(self.run_tool("activate", "player.lic"), "this machine matches 1000/1000")
        full = self.run_tool("explain")
        self.assertIn("copies", full)
        entitlements = self.json("explain")["license"]["entitlements"]
        self.assertEqual(entitlements["copies"]["value"], 50)
        self.assertEqual(entitlements["copies"]["per"], "month")
        self.assertIs(entitlements["export"]["value"], True)
        self.assertEqual(entitlements["region"]["value"], "south")
        self.assertEqual(entitlements["code"]["value"], "007")

        self.assertIn("give", self.run_tool("deactivate", "-o", "proof.jws"))
        proof = (self.folder / "proof.jws").read_text()
        self.assertEqual(self.run_tool("deactivate"), proof)
        self.assertIn("deact", self.run_tool("inspect", "proof.jws"))
        self.run_tool("explain", exit_code=NOT_LICENSED)
        self.failure("activate", "player.lic", exit_code=NOT_LICENSED)

    def test_renewal_at_a_glance(self):
        license_id = self.activate("--days", "3")["license"]["id"]
        glance = self.run_tool("verify", "player.lic")
        self.assertRegex(glance, r"^EXPIRES SOON  player pro for ana@example.com, \d+ (days|hours) left")
        self.assertIn("\n  next: tessera request --renew > renew.req\n", glance)
        (self.folder / "renew.req").write_text(self.run_tool("request", "--renew"))
        self.assertEqual(self.json("inspect", "renew.req")["documents"][0]["claims"]["renews"], license_id)
        self.issue("renewed.lic", "--days", "365", request="renew.req")
        self.assertTrue(self.run_tool("activate", "renewed.lic").startswith(("OK", "HW WEAK")))

    def test_documents_travel_through_pipes(self):
        request = self.run_tool("request")
        license_file = self.run_tool(
            "issue", "--key", "signing.key", "--request", "-", "--sku", "pro", "--allow-weak", "--with", "keys.jws",
            stdin=request,
        )  # fmt: skip
        self.assertEqual(len(license_file.splitlines()), 2)
        self.assertTrue(self.json("verify", "-", stdin=license_file)["usable"])
        self.assertTrue(self.json("activate", "-", stdin=license_file)["usable"])
        key = (self.folder / "signing.key").read_text()
        self.run_tool("issue", "--key", "-", "--unbound", "--sku", "pro", stdin=key)

    def test_revocation_and_suspension(self):
        license_id = self.activate()["license"]["id"]
        for seq, option, state in ((1, "--suspend", "SUSPENDED"), (2, "--revoke", "REVOKED")):
            self.run_tool("crl", "--key", "signing.key", "--seq", str(seq), option, license_id, "--days", "30", "-o", "list.jws")
            self.assertTrue(self.run_tool("activate", "list.jws", exit_code=NOT_LICENSED).startswith(state))
        self.run_tool("crl", "--key", "signing.key", "--seq", "1", "-o", "old.jws")
        self.assertIn("older", self.failure("activate", "old.jws", exit_code=NOT_LICENSED))

    def test_trial_runs_once(self):
        self.run_tool("activate", "keys.jws", exit_code=NOT_LICENSED)
        self.run_tool("issue", "--key", "signing.key", "--trial", "--sku", "pro", "--days", "14", "--allow-weak", "-o", "trial.jws")
        self.assertRegex(self.run_tool("trial", "trial.jws"), r"^OK TRIAL  player pro")

    def test_time_file_answers_a_request(self):
        self.activate()
        self.run_tool("request", "-o", "time.req")
        self.run_tool("time", "--key", "signing.key", "--request", "time.req", "-o", "time.jws")
        self.run_tool("activate", "time.jws")

    def test_configuration_by_options_alone(self):
        (self.folder / "tessera.json").unlink()
        client = ["--product", "player", "--root-key", self.root["public"], "--data-dir", str(self.folder / "elsewhere")]
        vendor = ["--product", "player", "--issuer", "acme"]
        self.run_tool("issue", "--key", "signing.key", "--unbound", "--sku", "pro", "--with", "keys.jws", "-o", "any.lic", *vendor)
        self.run_tool("activate", "any.lic", *client)
        self.assertTrue((self.folder / "elsewhere").is_dir())
        self.assertFalse((self.folder / "home/.local/share/tessera").exists())

    def test_configuration_by_environment(self):
        (self.folder / "tessera.json").rename(self.folder / "other.json")
        self.run_tool("request", TESSERA_CONFIG="other.json")
        self.assertTrue((self.folder / "home/.local/share/tessera/player").is_dir())
        self.run_tool("request", "--config", "other.json", XDG_DATA_HOME=str(self.folder / "data"))
        self.assertTrue((self.folder / "data/tessera/player").is_dir())

    def test_issue_starts_from_a_spec(self):
        spec = {"sku": "basic", "days": 30, "entitlements": {"copies": 5, "export": True}, "grace": {"expiry_s": 60}}
        (self.folder / "spec.json").write_text(json.dumps(spec))
        self.run_tool(
            "issue", "--key", "signing.key", "--unbound", "--spec", "spec.json", "--sku", "pro", "--entitlement",
            "copies=50", "--with", "keys.jws", "-o", "spec.lic",
        )  # fmt: skip
        license_ = self.json("verify", "spec.lic")["license"]
        self.assertEqual(license_["sku"], "pro")
        self.assertEqual(license_["entitlements"]["copies"]["value"], 50)
        self.assertIs(license_["entitlements"]["export"]["value"], True)


class Refusals(Workplace):
    """Every error says what happened and what to do next, with its exit code."""

    def test_usage(self):
        for arguments in ([], ["nonsense"], ["verify"], ["verify", "--nonsense", "x"], ["issue", "--key", "signing.key"],
                          ["crl", "--key", "signing.key", "--seq", "0"], ["completion", "tcsh"]):  # fmt: skip
            with self.subTest(arguments):
                self.assertIn("\n  next: ", self.failure(*arguments, exit_code=USAGE))

    def test_configuration_is_missing_or_wrong(self):
        cases = {
            "{}": "--product",
            '{"product": "player"}': "--root-key",
            '{"product": "player", "trusted_keys": ["short"]}': "trusted_keys",
            '{"product": "player", "trusted_keys": [7]}': "trusted_keys",
            '{"product": 7, "trusted_keys": ["k"]}': "product",
            '{"product": "player", "nonsense": 1}': "",
            "[]": "JSON object",
            "{": "JSON object",
        }
        for text, expected in cases.items():
            with self.subTest(text):
                (self.folder / "tessera.json").write_text(text)
                self.assertIn(expected, self.failure("explain", exit_code=USAGE))

    def test_changed_licence(self):
        self.run_tool("request", "-o", "machine.req")
        self.issue("player.lic")
        text = (self.folder / "player.lic").read_text()
        at = len(text) - 30
        (self.folder / "changed.lic").write_text(text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :])
        self.assertRegex(self.run_tool("verify", "changed.lic", exit_code=NOT_LICENSED), r"^SIGNATURE INVALID")
        self.assertIn("signature", self.failure("activate", "changed.lic", exit_code=NOT_LICENSED))
        report = json.loads(self.start("activate", "changed.lic", "--json").stderr)["error"]
        self.assertEqual(report["name"], "license")
        self.assertEqual(report["detail"]["license_code"], 48)
        self.assertEqual(report["exit_code"], NOT_LICENSED)
        self.assertEqual(self.json("verify", "changed.lic", exit_code=NOT_LICENSED)["code"], 48)

    def test_another_installation_on_this_machine_has_to_rebind(self):
        self.run_tool("request", "-o", "machine.req")
        self.issue("player.lic")
        glance = self.run_tool("activate", "player.lic", "--data-dir", "elsewhere")
        self.assertTrue(glance.startswith("REBIND DUE"))
        self.assertIn("next: tessera request --renew", glance)

    def test_response_is_used_once(self):
        self.activate()
        self.run_tool("deactivate")
        self.assertIn("next:", self.failure("activate", "player.lic", exit_code=NOT_LICENSED))

    def test_weak_machine_needs_consent(self):
        if self.json("hwid")["strength"].lower() not in ("weak", "none"):
            self.skipTest("this machine is not weak")
        self.run_tool("request", "-o", "machine.req")
        text = self.failure(
            "issue", "--key", "signing.key", "--request", "machine.req", "--sku", "pro", exit_code=NOT_LICENSED
        )
        self.assertIn("--allow-weak", text)

    def test_nothing_to_renew_or_give_back(self):
        self.assertIn("next: tessera request", self.failure("request", "--renew", exit_code=NOT_LICENSED))
        self.assertIn("next: tessera request", self.failure("deactivate", exit_code=NOT_LICENSED))

    def test_files_that_are_not_there(self):
        self.assertIn("missing.lic", self.failure("verify", "missing.lic", exit_code=FAILED))
        self.assertIn("missing.key", self.failure("issue", "--key", "missing.key", "--unbound", "--sku", "pro", exit_code=FAILED))
        self.failure("request", "-o", "missing/machine.req", exit_code=FAILED)

    def test_keys_that_are_none(self):
        (self.folder / "bad.key").write_text("no key")
        (self.folder / "bad.key").chmod(0o600)
        self.assertIn("bad.key", self.failure("issue", "--key", "bad.key", "--unbound", "--sku", "pro", exit_code=FAILED))
        self.failure("keyset", "--root-key-file", "root.key", "--seq", "1", "--key", "nonsense", exit_code=USAGE)
        self.failure("keyset", "--root-key-file", "root.key", "--seq", "1", "--key", self.signer["public"] + ":nonsense", exit_code=USAGE)

    def test_entitlement_without_value(self):
        self.assertIn(
            "NAME=VALUE",
            self.failure("issue", "--key", "signing.key", "--unbound", "--sku", "p", "--entitlement", "x", exit_code=USAGE),
        )

    def test_text_that_is_not_utf8(self):
        done = subprocess.run(
            [TOOL, "issue", "--key", "signing.key", "--unbound", "--sku", b"\xff"],
            cwd=self.folder, env=self.environment, capture_output=True, check=False,
        )  # fmt: skip
        self.assertEqual(done.returncode, USAGE, done.stderr)

    def test_error_as_json_before_parsing_is_done(self):
        done = self.start("verify", "--json")
        self.assertEqual(done.returncode, USAGE)
        self.assertEqual(json.loads(done.stderr)["error"]["exit_code"], USAGE)

    def test_full_standard_output(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [TOOL, "request"], cwd=self.folder, env=self.environment, stdout=full, stderr=subprocess.PIPE, check=False
            )
        self.assertEqual(done.returncode, FAILED, done.stderr)


class Files(Workplace):
    """What the tool leaves on disk."""

    def mode(self, name):
        return stat.S_IMODE((self.folder / name).stat().st_mode)

    def test_private_keys_are_for_their_owner_and_never_shown(self):
        for name, options in (("one.key", []), ("two.key", ["--rs256"])):
            shown = self.run_tool("keygen", name, *options)
            self.assertEqual(self.mode(name), 0o600)
            secret = (self.folder / name).read_text()
            lines = re.findall(r'"d":\s*"([^"]+)"', secret) or secret.splitlines()[1:-1]
            self.assertTrue(lines)
            for line in lines:
                self.assertNotIn(line, shown)

    def test_keygen_replaces_nothing_unasked(self):
        before = (self.folder / "root.key").read_text()
        self.assertIn("--force", self.failure("keygen", "root.key", exit_code=FAILED))
        self.assertEqual((self.folder / "root.key").read_text(), before)
        self.run_tool("keygen", "root.key", "--force")
        self.assertNotEqual((self.folder / "root.key").read_text(), before)
        self.assertEqual(self.mode("root.key"), 0o600)

    def test_keygen_shows_the_public_half_again(self):
        shown = self.json("keygen", "--show", "root.key")
        self.assertEqual(shown["public"], self.root["public"])
        self.assertEqual(shown["kid"], self.root["kid"])

    def test_a_key_that_others_can_read_is_warned_of(self):
        (self.folder / "root.key").chmod(0o644)
        done = self.start("keygen", "--show", "root.key")
        self.assertEqual(done.returncode, OK)
        self.assertIn("chmod 600 root.key", done.stderr)

    def test_outputs_are_replaced_as_a_whole(self):
        (self.folder / "machine.req").write_text("old")
        self.run_tool("request", "-o", "machine.req")
        self.assertRegex((self.folder / "machine.req").read_text(), r"^[\w.-]+\n$")
        self.assertEqual([p.name for p in self.folder.glob("machine.req.*")], [])

    def test_output_through_a_link_and_into_a_device(self):
        (self.folder / "target.req").write_text("old")
        (self.folder / "link.req").symlink_to("target.req")
        self.run_tool("request", "-o", "link.req")
        self.assertTrue((self.folder / "link.req").is_symlink())
        self.assertNotEqual((self.folder / "target.req").read_text(), "old")
        self.run_tool("request", "-o", "/dev/null")
        self.assertTrue(pathlib.Path("/dev/null").is_char_device())

    def test_verify_stores_no_licence(self):
        self.run_tool("request", "-o", "machine.req")
        self.issue("player.lic")
        self.run_tool("verify", "player.lic")
        self.assertEqual(self.json("explain", exit_code=NOT_LICENSED)["name"], "NO_LICENSE")


class Shapes(Workplace):
    """What --json gives, and what people see."""

    def test_hwid(self):
        report = self.json("hwid")
        self.assertIn("strength", report)
        self.assertTrue(report["factors"])
        self.assertEqual(len(self.run_tool("hwid").splitlines()), 1)
        self.assertGreater(len(self.run_tool("hwid", "--explain").splitlines()), 1)

    def test_version(self):
        report = self.json("version")
        self.assertEqual(self.run_tool("version"), f"tessera {report['version']}\n")
        self.assertEqual(self.run_tool("--version"), f"tessera {report['version']}\n")
        self.assertIn("license", report["areas"])

    def test_documents(self):
        report = self.json("request")
        self.assertEqual(report["bundle"].strip().count("."), 2)
        self.assertEqual(report["documents"][0]["header"]["typ"], "tessera-act-req+jwt")
        written = self.json("request", "-o", "machine.req")
        self.assertEqual(written["output"], "machine.req")
        issued = self.issue("player.lic")
        self.assertEqual([d["header"]["typ"] for d in issued["documents"]], ["tessera-keys+jwt", "tessera-lic+jwt"])

    def test_verdict(self):
        verdict = self.activate()
        self.assertTrue(verdict["usable"])
        self.assertLess(verdict["code"], 20)
        self.assertEqual(verdict["license"]["subject"], "ana@example.com")

    def test_inspect_is_marked_as_unverified(self):
        self.issue("player.lic", request=None)
        text = self.run_tool("inspect", "player.lic")
        self.assertIn("tessera-lic+jwt, NOT VERIFIED", text)
        self.assertRegex(text, r"iat +\d{4}-\d\d-\d\d \d\d:\d\d UTC")

    def test_no_colour_outside_a_terminal(self):
        self.assertNotIn("\033", self.run_tool("explain", exit_code=NOT_LICENSED))

    def test_a_document_can_not_drive_the_terminal(self):
        self.issue("player.lic", "--edition", "\033[31mred\u009b", request=None)
        for command in ("inspect", "verify"):
            text = self.start(command, "player.lic").stdout
            self.assertNotIn("\033", text)
            self.assertNotIn("\u009b", text)


class Descriptions(unittest.TestCase):
    """Help, manual, completion and reference are about the same tool."""

    def show(self, *arguments):
        return subprocess.run([TOOL, *arguments], capture_output=True, text=True, check=True).stdout

    def commands(self):
        listed = self.show("--help").split("Subcommands:")[1].split("Exit codes:")[0]
        return re.findall(r"^  (\w+) ", listed, flags=re.MULTILINE)

    def options(self, command):
        return set(re.findall(r"(?<![\w-])--[a-z0-9][a-z0-9-]*", self.show(command, "--help")))

    def test_every_command_offers_json(self):
        commands = self.commands()
        self.assertGreaterEqual(len(commands), 15)
        for command in commands:
            self.assertIn("--json", self.options(command), command)

    def test_reference_names_every_command_and_option(self):
        reference = (DOCS / "reference/cli.md").read_text()
        for command in self.commands():
            self.assertIn(f"tessera {command}", reference)
            for option in self.options(command):
                self.assertIn(f"`{option}", reference, command)

    def test_manual_names_every_command_and_option(self):
        manual = (SHARE / "man/man1/tessera.1").read_text()
        for command in self.commands():
            section = manual.split(f".It Nm Cm {command}")[1].split(".It Nm")[0]
            for option in self.options(command) - {"--help"}:
                self.assertIn(f"Fl {option[1:]}", section, command)

    def test_manual_is_clean(self):
        done = subprocess.run(["mandoc", "-Tlint", SHARE / "man/man1/tessera.1"], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_bash_completes(self):
        script = SHARE / "bash-completion/completions/tessera"
        subprocess.run(["bash", "-n", script], check=True)

        def complete(*words):
            line = " ".join(f"'{word}'" for word in words)
            code = f'source "{script}"; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _tessera; printf "%s\\n" "${{COMPREPLY[@]}}"'
            return subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True).stdout.split()

        self.assertEqual(complete("tessera", "ver"), ["verify", "version"])
        self.assertIn("--allow-weak", complete("tessera", "issue", "--allow"))
        self.assertEqual(complete("tessera", "completion", "z"), ["zsh"])

    def test_other_shells_get_every_option(self):
        zsh = (SHARE / "zsh/site-functions/_tessera").read_text()
        fish = (SHARE / "fish/vendor_completions.d/tessera.fish").read_text()
        for command in self.commands():
            for option in self.options(command):
                self.assertIn(f"*{option}[", zsh)
                self.assertRegex(fish, f"from {command}'.* -l {option[2:]} ")


if __name__ == "__main__":
    unittest.main()
