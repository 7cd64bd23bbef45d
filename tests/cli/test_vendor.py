"""The vendor's mistakes: each refusal names the member or file, and never sends the vendor to the vendor."""

import json
import subprocess

import workplace
from workplace import FAILED, TOOL, USAGE, Workplace


class Vendor(Workplace):
    def test_specs_without_what_they_need(self):
        issue = ("issue", "--key", "signing.key")
        keyset = ("keyset", "--root-key-file", "root.key")
        for arguments, member, option in (
            ([*issue, "--unbound"], "sku", "--sku"),
            ([*issue, "--trial", "--days", "3"], "sku", "--sku"),
            ([*issue, "--trial", "--sku", "pro"], "days", "--days"),
            ([*keyset, "--key", self.signer["public"]], "seq", "--seq"),
            ([*keyset, "--seq", "2"], "keys", "--key"),
        ):
            with self.subTest(arguments):
                text = self.failure(*arguments, exit_code=USAGE)
                self.assertIn(f"{member} is required", text)
                self.assertIn(f"pass {option}", text)
                (self.folder / "spec.json").write_text(json.dumps({"edition": "studio"} if "issue" in arguments else {}))
                self.assertIn(f"{member} is required", self.failure(*arguments, "--spec", "spec.json", exit_code=USAGE))

    def test_spec_gives_what_options_do_not(self):
        (self.folder / "keys.json").write_text(json.dumps({"seq": 2, "keys": [{"public": self.signer["public"], "use": "sign"}]}))
        self.run_tool("keyset", "--root-key-file", "root.key", "--spec", "keys.json")
        (self.folder / "trial.json").write_text(json.dumps({"sku": "pro", "days": 3}))
        self.run_tool("issue", "--key", "signing.key", "--trial", "--spec", "trial.json")

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


if __name__ == "__main__":
    workplace.main()
