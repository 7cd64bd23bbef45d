"""`tessera store`: making, opening, querying, keys."""

import json
import os
import pathlib
import signal

import workplace
from storeplace import PEOPLE, StoreFolder, background
from workplace import FAILED, TRY_AGAIN, USAGE, on_machine


class StoreInit(StoreFolder):
    def test_makes_a_store_that_opens_again(self):
        made = self.make("--recovery-key")
        self.assertEqual([slot["type"] for slot in made["slots"]], ["passphrase", "recovery"])
        self.assertEqual(made["protection"], "passphrase")
        self.assertGreaterEqual(len(made["recovery_key"]), 34)
        opened = self.store_json("unlock")
        self.assertEqual((opened["opened_by"]["type"], opened["has_recovery_key"]), ("passphrase", True))
        self.assertIn("opens by slot 0, passphrase", self.store("unlock"))

    def test_looking_changes_no_slot(self):
        kdf = self.make()["slots"][0]["kdf"]
        before = (self.folder / "app.tks").read_bytes()
        self.write(PEOPLE)
        self.store("check")
        self.assertEqual(self.store_json("slots")["slots"][0]["kdf"], kdf)
        self.assertEqual((self.folder / "app.tks").read_bytes(), before)
        self.assertNotEqual(self.store_json("slots", "add", "recovery")["slots"][0]["kdf"], kdf)  # the default cost by the way

    def test_does_not_touch_what_is_there(self):
        self.make()
        before = (self.folder / "app.tdb").read_bytes()
        self.assertIn("already", self.store_failure("init", exit_code=USAGE))
        self.assertEqual((self.folder / "app.tdb").read_bytes(), before)

    def test_binds_to_the_machine(self):
        desktop, server = on_machine("desktop"), on_machine("server")
        made = json.loads(self.start("store", "init", "app.tdb", "--slot", "device", "--json", **desktop).stdout)
        self.assertEqual(made["protection"], "device")
        opened = json.loads(self.start("store", "unlock", "app.tdb", "--json", **desktop).stdout)
        self.assertEqual(opened["opened_by"]["type"], "device")
        self.assertIn("hardware", self.failure("store", "unlock", "app.tdb", exit_code=FAILED, **server))

    def test_several_ways_in(self):
        (self.folder / "app.key").write_bytes(bytes(range(32)))
        (self.folder / "app.key").chmod(0o600)
        made = self.make("--app-key-file", "app.key")
        self.assertEqual({slot["type"] for slot in made["slots"]}, {"passphrase", "app_key"})
        opened = self.json("store", "unlock", "app.tdb", "--app-key-file", "app.key")
        self.assertEqual(opened["opened_by"]["type"], "app_key")


class StoreOpen(StoreFolder):
    def test_wrong_and_missing_secrets(self):
        self.make()
        self.secret("wrong.txt", "wrong\n")
        for options in ((), ("--passphrase-file", "wrong.txt")):
            with self.subTest(options):
                self.assertIn("--passphrase-file", self.failure("store", "unlock", "app.tdb", *options, exit_code=FAILED))
        report = json.loads(self.start("store", "unlock", "app.tdb", "--json").stderr)["error"]
        self.assertEqual(report["detail"]["reason"], "WRONG_KEY")
        self.secret("empty.txt", "")
        self.assertIn("empty.txt", self.failure("store", "unlock", "app.tdb", "--passphrase-file", "empty.txt", exit_code=USAGE))

    def test_secrets_from_standard_input(self):
        self.make()
        opened = self.json("store", "unlock", "app.tdb", "--passphrase-file", "-", stdin="correct horse\n")
        self.assertEqual(opened["opened_by"]["type"], "passphrase")

    def test_warns_of_secrets_that_others_can_read(self):
        self.make()
        (self.folder / "pass.txt").chmod(0o644)
        done = self.start("store", "unlock", "app.tdb", *self.opening)
        self.assertEqual(done.returncode, 0)
        self.assertIn("chmod 600 pass.txt", done.stderr)

    def test_no_store(self):
        self.assertIn("missing.tdb", self.store_failure("unlock", path="missing.tdb", exit_code=FAILED))
        self.assertFalse((self.folder / "missing.tdb").exists())
        self.store_failure("unlock", path="app.db", exit_code=USAGE)

    def test_open_elsewhere(self):
        self.make()
        other = background(self, "store", "shell", "app.tdb", *self.opening)
        other.stdin.write("select 7 as opened;\n")
        other.stdin.flush()
        while other.stdout.readline().strip() != "7":
            self.assertIsNone(other.poll())
        self.assertIn("has the store open", self.store_failure("unlock", exit_code=TRY_AGAIN))
        other.communicate(timeout=60)
        self.store("unlock")

    def test_missing_files_have_their_own_words(self):
        self.make()
        slots = (self.folder / "app.tks").read_bytes()
        (self.folder / "app.tks").unlink()
        self.assertIn(".tks", self.store_failure("unlock", exit_code=FAILED))
        (self.folder / "app.tks").write_bytes(slots)
        data = (self.folder / "app.tdb").read_bytes()
        (self.folder / "app.tdb").unlink()
        self.assertIn("backup", self.store_failure("unlock", exit_code=FAILED))
        (self.folder / "app.tdb").write_bytes(data)
        self.store("unlock")


class StoreQuery(StoreFolder):
    def setUp(self):
        super().setUp()
        self.make_people()

    def test_table(self):
        self.assertEqual(
            self.store("query", "select name, age from people order by id"), "name  age\n----  ----\nana     31\nbo    NULL\n"
        )

    def test_json(self):
        self.assertEqual(self.rows("select name, age from people order by id"), [{"name": "ana", "age": 31}, {"name": "bo", "age": None}])
        self.assertEqual(self.rows("select name from people where id = 9"), [])
        self.assertEqual(self.rows("select 1.0 as r, x'00ff' as b, 1 as n, 2 as n"), [{"r": 1.0, "b": {"$blob": "AP8="}, "n": 1, "n:2": 2}])

    def test_csv(self):
        shown = self.store("query", "select 'a,b' as one, 'say \"x\"' as two, null as three", "--csv")
        self.assertEqual(shown, 'one,two,three\n"a,b","say ""x""",\n')

    def test_parameters(self):
        by_type = "select typeof(?1) as a, typeof(?2) as b, typeof(?3) as c, typeof(?4) as d, typeof(?5) as e, typeof(?6) as f"
        given = [part for value in ("7", "1.5", "null", "x'0aff'", "seven", '"7"') for part in ("--param", value)]
        self.assertEqual(list(self.rows(by_type, *given)[0].values()), ["integer", "real", "null", "blob", "text", "text"])
        self.assertEqual(self.rows("select name from people where age = :age", "--named", "age=31"), [{"name": "ana"}])
        self.assertIn("--named", self.store_failure("query", "select :a", "--named", "a", exit_code=USAGE))
        self.store_failure("query", "select ?", "--param", "1", "--named", "a=1", exit_code=USAGE)
        self.store_failure("query", "select ?", exit_code=USAGE)

    def test_parameters_are_values_and_no_sql(self):
        name = "x'); drop table people; --"
        self.write("insert into people(name) values (?)", "--param", name)
        self.assertEqual(self.rows("select name from people where id = 3"), [{"name": name}])

    def test_writes_only_when_allowed(self):
        for sql in (
            "delete from people", "insert into people(name) values ('x') returning id", "drop table people",
            "with old as (select 1 as id) delete from people where id in (select id from old)", "pragma user_version = 7",
            "/* select */ update people set age = 1",
        ):  # fmt: skip
            with self.subTest(sql):
                self.assertIn("--write", self.store_failure("query", sql, exit_code=USAGE))
        self.assertEqual(self.rows("select count(*) as n from people"), [{"n": 2}])
        self.assertEqual(self.rows("with w as (select 1 as delete_me) select * from w"), [{"delete_me": 1}])
        self.assertTrue(self.rows("explain delete from people"))
        changed = self.store_json("query", "insert into people(name) values ('cy')", "--write")
        self.assertEqual(changed, {"changes": 1, "row_id": 3})
        self.assertEqual(self.write("delete from people where id > 1"), "2 rows changed\n")
        self.assertEqual(self.rows("insert into people(name) values ('di') returning name", "--write"), [{"name": "di"}])

    def test_errors_say_what_to_do(self):
        self.assertIn("no such table", self.store_failure("query", "select * from missing", exit_code=USAGE))
        self.store_failure("query", "select", exit_code=USAGE)
        failure = self.store_failure("query", "insert into people(id) values (1)", "--write", exit_code=FAILED)
        self.assertIn("correct the data", failure)
        self.store_failure("query", "select * from tsr_meta", exit_code=USAGE)

    def test_a_cell_can_not_drive_the_terminal(self):
        shown = self.store("query", "select char(27) || '[31mred' || char(10) || 'next' as cell")
        self.assertNotIn("\033", shown)
        self.assertEqual(len(shown.splitlines()), 3)

    def test_many_rows_stream(self):
        numbers = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) select i from n"
        self.assertEqual(len(self.rows(numbers)), 20000)
        lines = self.store("query", numbers).splitlines()
        self.assertEqual((len(lines), lines[-1].strip()), (20002, "20000"))
        self.assertEqual(self.store("query", numbers, "--csv").splitlines()[-1], "20000")

    def test_interrupt(self):
        endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select {} from n"
        for columns in ("i", "count(*)"):
            with self.subTest(columns):
                process = background(self, "store", "query", "app.tdb", endless.format(columns), "--csv", *self.opening)
                if columns == "i":
                    self.assertEqual(process.stdout.readline(), "i\n")
                else:
                    self.wait_until_open(process)
                process.send_signal(signal.SIGINT)
                _, errors = process.communicate(timeout=60)
                self.assertEqual(process.returncode, TRY_AGAIN, errors)
                self.assertIn("interrupted", errors)
        self.assertTrue(self.store_json("check")["sound"])

    def wait_until_open(self, process):
        """Until the process has the store open and caught Ctrl-C."""
        while True:
            self.assertIsNone(process.poll())
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
            if int(caught.split()[1], 16) & 1 << (signal.SIGINT - 1):
                return
            os.sched_yield()


class StoreKeys(StoreFolder):
    def types(self, report):
        return [slot["type"] for slot in report["slots"]]

    def test_slots(self):
        self.make()
        (self.folder / "app.key").write_bytes(os.urandom(32))
        (self.folder / "app.key").chmod(0o600)
        added = self.store_json("slots", "add", "app_key", "--new-app-key-file", "app.key")
        self.assertEqual(self.types(added), ["passphrase", "app_key"])
        recovery = self.store_json("slots", "add", "recovery")
        self.assertIn("recovery_key", recovery)
        number = str(added["slots"][1]["slot"])
        self.assertEqual(self.types(self.store_json("slots", "remove", number)), ["passphrase", "recovery"])
        self.failure("store", "unlock", "app.tdb", "--app-key-file", "app.key", exit_code=FAILED)
        self.assertRegex(self.store("slots"), r"(?m)^0 +passphrase .* UTC +opened the store$")
        self.assertIn("no kind of slot", self.store_failure("slots", "add", "fingerprint", exit_code=USAGE))
        self.assertIn("add needs", self.store_failure("slots", "add", exit_code=USAGE))
        self.store_failure("slots", "remove", "first", exit_code=USAGE)
        self.store_failure("slots", "remove", "99", exit_code=FAILED)

    def test_the_last_way_in_stays(self):
        self.make()
        self.store_failure("slots", "remove", "0", exit_code=FAILED)
        self.store("unlock")

    def test_change_passphrase(self):
        self.make()
        self.secret("new.txt", "battery staple")
        self.store("slots", "passphrase", "--new-passphrase-file", "new.txt")
        self.store_failure("unlock", exit_code=FAILED)
        self.opening = ("--passphrase-file", "new.txt")
        self.store("unlock")

    def test_recover_after_a_forgotten_passphrase(self):
        self.secret("recovery.txt", self.make("--recovery-key")["recovery_key"] + "\n")
        self.write(PEOPLE)
        self.secret("new.txt", "battery staple\n")
        recover = ("store", "recover", "app.tdb", "--recovery-key-file", "recovery.txt")
        self.assertIn("--new-passphrase-file", self.failure(*recover, exit_code=USAGE))
        self.run_tool(*recover, "--new-passphrase-file", "new.txt")
        self.store_failure("unlock", exit_code=FAILED)  # the forgotten one
        self.opening = ("--passphrase-file", "new.txt")
        self.assertEqual(self.rows("select * from people"), [])
        self.failure("store", "recover", "app.tdb", exit_code=USAGE)

    def test_recover_on_another_machine(self):
        desktop, server = on_machine("desktop"), on_machine("server")
        made = json.loads(self.start("store", "init", "app.tdb", "--slot", "device", "--recovery-key", "--json", **desktop).stdout)
        self.secret("recovery.txt", made["recovery_key"])
        self.assertIn("recover", self.failure("store", "unlock", "app.tdb", exit_code=FAILED, **server))
        done = self.start("store", "recover", "app.tdb", "--recovery-key-file", "recovery.txt", "--device", **server)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.start("store", "unlock", "app.tdb", **server).returncode, 0)
        self.assertEqual(self.start("store", "unlock", "app.tdb", **desktop).returncode, FAILED)

    def test_rotate(self):
        self.make_people()
        self.store_json("slots", "add", "recovery")
        old = (self.folder / "app.tks").read_bytes()
        self.store_failure("rotate", exit_code=FAILED)  # the recovery key is not at hand
        rotated = self.store_json("rotate", "--drop-slots")
        self.assertEqual(self.types(rotated), ["passphrase"])
        self.assertEqual(len(self.rows("select * from people")), 2)
        (self.folder / "app.tks").write_bytes(old)
        self.store_failure("unlock", exit_code=FAILED)

    def test_erase(self):
        self.make()
        self.assertIn("--yes", self.failure("store", "erase", "app.tdb", exit_code=USAGE))
        self.store("unlock")
        self.assertEqual(self.json("store", "erase", "app.tdb", "--yes"), {"erased": "app.tdb"})
        self.assertEqual([path.name for path in self.folder.glob("app.*")], [])
        self.failure("store", "erase", "app.tdb", "--yes", exit_code=FAILED)


if __name__ == "__main__":
    workplace.main()
