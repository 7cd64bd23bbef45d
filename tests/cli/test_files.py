"""What the tool leaves on disk."""

import os
import pathlib
import re
import stat

import workplace
from workplace import FAILED, NOT_LICENSED, OK, USAGE, Workplace


class Files(Workplace):
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

    def test_a_private_key_goes_to_no_standard_stream(self):
        for options in ([], ["--force"], ["--rs256"]):
            self.assertIn("standard output", self.failure("keygen", "-", *options, exit_code=USAGE))
        self.assertFalse((self.folder / "-").exists())
        key = (self.folder / "root.key").read_text()
        self.assertEqual(self.json("keygen", "--show", "-", stdin=key)["public"], self.root["public"])

    def test_an_output_replaces_no_input(self):
        (self.folder / "license-key.txt").write_text("no key yet")
        (self.folder / "spec.json").write_text('{"sku": "pro"}')
        (self.folder / "link.jws").symlink_to("keys.jws")
        os.link(self.folder / "spec.json", self.folder / "twin.json")
        self.run_tool("request", "-o", "machine.req")
        issue = ("issue", "--key", "signing.key", "--unbound", "--sku", "pro")
        for arguments, output in (
            (["deactivate"], "tessera.json"),
            (["request", "--license-key-file", "license-key.txt"], "license-key.txt"),
            (["time", "--key", "signing.key", "--request", "machine.req"], "./machine.req"),
            ([*issue, "--spec", "spec.json"], "twin.json"),
            ([*issue, "--with", "machine.req", "--with", "keys.jws"], "link.jws"),
        ):
            with self.subTest(arguments):
                before = (self.folder / output).read_bytes()
                self.assertIn(f"{output} is ", self.failure(*arguments, "-o", output, exit_code=USAGE))
                self.assertEqual((self.folder / output).read_bytes(), before)

    def test_an_output_replaces_no_configuration_that_the_environment_names(self):
        (self.folder / "tessera.json").rename(self.folder / "other.json")
        text = self.failure("request", "-o", "other.json", TESSERA_CONFIG="other.json", exit_code=USAGE)
        self.assertIn("other.json is the file of --config", text)

    def test_an_output_replaces_no_private_key(self):
        foreign = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGbMFcGCSqGSIb3DQEFDTBK\n-----END ENCRYPTED PRIVATE KEY-----\n"
        (self.folder / "foreign.pem").write_text(foreign)
        self.run_tool("keygen", "rsa.key", "--rs256")
        for name in ("root.key", "signing.key", "rsa.key", "foreign.pem"):
            with self.subTest(name):
                before = (self.folder / name).read_bytes()
                for command in (
                    ["keyset", "--root-key-file", "root.key", "--seq", "2", "--key", self.signer["public"]],
                    ["request"],
                ):
                    self.assertIn("key", self.failure(*command, "-o", name, exit_code=USAGE))
                self.assertEqual((self.folder / name).read_bytes(), before)

    def test_a_refused_output_has_no_effect(self):
        self.activate()
        self.failure("deactivate", "-o", "root.key", exit_code=USAGE)
        self.assertTrue(self.json("explain")["usable"])

    def test_a_replaced_file_keeps_its_mode(self):
        for mode in (0o600, 0o640, 0o664):
            (self.folder / "machine.req").write_text("old")
            (self.folder / "machine.req").chmod(mode)
            self.run_tool("request", "-o", "machine.req")
            self.assertNotEqual((self.folder / "machine.req").read_text(), "old")
            self.assertEqual(self.mode("machine.req"), mode)

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


if __name__ == "__main__":
    workplace.main()
