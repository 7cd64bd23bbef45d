"""Vendor and customer, from the first request to giving the licence back."""

import json

import workplace
from workplace import NOT_LICENSED, Workplace


class Session(Workplace):
    def test_a_licence_from_request_to_deactivation(self):
        self.assertIn("NO LICENSE", self.run_tool("explain", exit_code=NOT_LICENSED))
        self.run_tool("request", "--note", "seat 7", "-o", "machine.req")
        self.issue("player.lic", "--days", "30", "--entitlement", "copies=50/month", "--entitlement", "export=true",
                   "--entitlement", "region=south", "--entitlement", 'code="007"')  # fmt: skip

        self.assertRegex(self.run_tool("verify", "player.lic"), r"player pro for ana@example.com, \d+ days left")
        self.assertEqual(self.json("explain", exit_code=NOT_LICENSED)["name"], "NO_LICENSE")
        shown = self.run_tool("activate", "player.lic").splitlines()
        license_id = self.json("explain")["license"]["id"]
        self.assertEqual(shown[0], f"stored: key set 1, licence {license_id}")
        self.assertIn("this machine matches 1000/1000", shown[1])
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
        self.assertRegex(self.run_tool("activate", "renewed.lic"), r"\n(OK|HW WEAK)  player pro")

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
            shown = self.run_tool("activate", "list.jws", exit_code=NOT_LICENSED)
            self.assertRegex(shown, rf"^stored: revocation list {seq}\n{state}")
        self.run_tool("crl", "--key", "signing.key", "--seq", "1", "-o", "old.jws")
        self.assertIn("older", self.failure("activate", "old.jws", exit_code=NOT_LICENSED))

    def test_trial_runs_once(self):
        self.assertRegex(self.run_tool("activate", "keys.jws", exit_code=NOT_LICENSED), r"^stored: key set 1\nNO LICENSE")
        stored = self.json("activate", "keys.jws", exit_code=NOT_LICENSED)
        self.assertEqual(next(iter(stored.items())), ("stored", [{"typ": "tessera-keys+jwt", "seq": 1}]))
        self.assertEqual(stored["name"], "NO_LICENSE")
        self.run_tool("issue", "--key", "signing.key", "--trial", "--sku", "pro", "--days", "14", "--allow-weak", "-o", "trial.jws")
        self.assertRegex(self.run_tool("trial", "trial.jws"), r"^stored: trial \S+\nOK TRIAL  player pro")

    def test_time_file_answers_a_request(self):
        self.activate()
        self.run_tool("request", "-o", "time.req")
        self.run_tool("time", "--key", "signing.key", "--request", "time.req", "-o", "time.jws")
        self.assertTrue(self.run_tool("activate", "time.jws").startswith("stored: time file\n"))

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


if __name__ == "__main__":
    workplace.main()
