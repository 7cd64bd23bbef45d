"""Machines of every strength, through the injection of a testing build."""

import workplace
from workplace import NOT_LICENSED, USAGE, Workplace, on_machine


class Machines(Workplace):
    def test_a_weak_machine_needs_consent(self):
        microvm = on_machine("microvm")
        self.assertEqual(self.json("hwid", **microvm)["strength"], "weak")
        self.run_tool("request", "-o", "machine.req", **microvm)
        issue = ("issue", "--key", "signing.key", "--request", "machine.req", "--sku", "pro", "--with", "keys.jws")
        self.assertIn("next: tessera issue --allow-weak", self.failure(*issue, exit_code=NOT_LICENSED))
        self.run_tool(*issue, "--allow-weak", "-o", "weak.lic")
        self.assertIn("\nHW WEAK", self.run_tool("activate", "weak.lic", **microvm))

    def test_a_strong_machine_needs_none(self):
        desktop = on_machine("desktop")
        self.assertRegex(self.run_tool("hwid", **desktop), "^strength STRONG ")
        self.run_tool("request", "-o", "machine.req", **desktop)
        self.run_tool(
            "issue", "--key", "signing.key", "--request", "machine.req", "--sku", "pro", "--with", "keys.jws", "-o", "app.lic"
        )
        self.assertIn("\nOK  player pro", self.run_tool("activate", "app.lic", **desktop))
        moved = self.run_tool("explain", exit_code=NOT_LICENSED, **on_machine("server"))
        self.assertTrue(moved.startswith("HW MISMATCH"), moved)
        self.assertIn("\n  next: tessera request > machine.req", moved)

    def test_another_installation_on_this_machine_has_to_rebind(self):
        self.run_tool("request", "-o", "machine.req")
        self.issue("player.lic")
        glance = self.run_tool("activate", "player.lic", "--data-dir", "elsewhere")
        self.assertIn("\nREBIND DUE", glance)
        self.assertIn("next: tessera request --renew", glance)

    def test_hwid_uses_the_factors_of_the_application(self):
        dongle = {"name": "dongle", "value": "D-417", "class": "unique", "weight": 7}
        self.configure(app_factors=[dongle])
        (self.folder / "bare").mkdir()

        def kinds(*options, **environment):
            return {factor["kind"]: factor for factor in self.json("hwid", *options, **environment)["factors"]}

        found = kinds()["app:dongle"]
        self.assertEqual((found["class"], found["weight"], found["state"]), ("U", 7, "readable"))
        self.assertIn("app:dongle", self.run_tool("hwid", "--explain"))
        self.run_tool("request", "-o", "machine.req")
        self.assertIn("app:dongle", self.run_tool("inspect", "machine.req"))

        (self.folder / "tessera.json").rename(self.folder / "other.json")
        self.assertNotIn("app:dongle", kinds())
        self.assertIn("app:dongle", kinds("--config", "other.json"))
        self.assertIn("app:dongle", kinds(TESSERA_CONFIG="other.json"))

    def test_hwid_refuses_what_request_refuses(self):
        good = {"name": "dongle", "value": "D-417"}
        for factors, exit_code in (
            ([good | {"name": "No Name"}], NOT_LICENSED),
            ([good | {"weight": 11}], NOT_LICENSED),
            ([good | {"weight": 2**32 + 7}], USAGE),
            ([good | {"weight": 7.5}], USAGE),
            ([good | {"class": "rare"}], USAGE),
            ([good | {"wieght": 7}], USAGE),
            ([{"name": "dongle"}], NOT_LICENSED),
            (["dongle"], USAGE),
            (good, USAGE),
        ):
            with self.subTest(factors):
                self.configure(app_factors=factors)
                self.failure("request", exit_code=exit_code)
                self.assertNotIn("D-417", self.failure("hwid", exit_code=exit_code))


if __name__ == "__main__":
    workplace.main()
