"""What --json gives, and what people see."""

import workplace
from workplace import NOT_LICENSED, Workplace


class Shapes(Workplace):
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


if __name__ == "__main__":
    workplace.main()
