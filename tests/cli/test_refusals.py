"""Every error says what happened and what to do next, with its exit code."""

import json

import workplace
from workplace import NOT_LICENSED, USAGE, Workplace


class Refusals(Workplace):
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

    def test_response_is_used_once(self):
        self.activate()
        self.run_tool("deactivate")
        self.assertIn("next:", self.failure("activate", "player.lic", exit_code=NOT_LICENSED))

    def test_nothing_to_renew_or_give_back(self):
        self.assertIn("next: tessera request", self.failure("request", "--renew", exit_code=NOT_LICENSED))
        self.assertIn("next: tessera request", self.failure("deactivate", exit_code=NOT_LICENSED))

    def test_error_as_json_before_parsing_is_done(self):
        done = self.start("verify", "--json")
        self.assertEqual(done.returncode, USAGE)
        self.assertEqual(json.loads(done.stderr)["error"]["exit_code"], USAGE)

    def test_standard_input_is_read_once(self):
        key = (self.folder / "signing.key").read_text()
        self.run_tool("request", "-o", "machine.req")
        issue = ("issue", "--sku", "pro", "--allow-weak")
        for arguments in (
            [*issue, "--key", "-", "--request", "-"],
            [*issue, "--key", "signing.key", "--unbound", "--with", "-", "--with", "-"],
            ["time", "--key", "-", "--request", "-"],
            ["verify", "-", "--config", "-"],
        ):
            with self.subTest(arguments):
                self.assertIn("standard input", self.failure(*arguments, stdin=key, exit_code=USAGE))
        self.run_tool(*issue, "--key", "-", "--request", "machine.req", "-o", "-", stdin=key)


if __name__ == "__main__":
    workplace.main()
