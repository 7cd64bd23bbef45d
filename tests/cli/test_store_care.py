"""`tessera store`: copies and care."""

import json
import sqlite3

import workplace
from storeplace import StoreFolder
from workplace import FAILED, USAGE


class StoreCare(StoreFolder):
    def setUp(self):
        super().setUp()
        self.make_people()

    def names(self, **options):
        return [row["name"] for row in self.rows("select name from people order by id", **options)]

    def test_backup(self):
        self.store("backup", "copy.tdb")
        self.write("delete from people")
        self.assertEqual(self.names(path="copy.tdb"), ["ana", "bo"])
        self.assertEqual(self.store_json("backup", "copy.tdb"), {"output": "copy.tdb"})
        self.assertEqual(self.names(path="copy.tdb"), [])
        self.store_failure("backup", "missing/copy.tdb", exit_code=FAILED)

    def test_export_under_another_key(self):
        self.secret("new.txt", "battery staple\n")
        self.store("export", "other.tdb", "--new-passphrase-file", "new.txt")
        self.store_failure("unlock", path="other.tdb", exit_code=FAILED)
        self.opening = ("--passphrase-file", "new.txt")
        self.assertEqual(self.names(path="other.tdb"), ["ana", "bo"])

    def test_export_needs_to_know_who_opens_it(self):
        self.assertIn("--new-passphrase-file", self.store_failure("export", "other.tdb", exit_code=USAGE))
        self.assertFalse((self.folder / "other.tdb").exists())

    def test_export_in_the_clear(self):
        self.assertIn("--reason", self.store_failure("export", "plain.db", "--plain", exit_code=USAGE))
        self.store("export", "plain.db", "--plain", "--reason", "asked for by ana")
        with sqlite3.connect(self.folder / "plain.db") as plain:
            self.assertEqual(plain.execute("select name from people order by id").fetchall(), [("ana",), ("bo",)])

    def test_import(self):
        with sqlite3.connect(self.folder / "plain.db") as plain:
            plain.execute("create table people(id integer primary key, name text)")
            plain.execute("insert into people(name) values ('eva')")
        self.store("import", "plain.db", "--kind", "plain")
        self.assertEqual(self.names(), ["eva"])
        self.store_failure("import", "missing.db", "--kind", "plain", exit_code=FAILED)
        self.assertEqual(self.names(), ["eva"])

    def test_import_of_a_backup(self):
        self.store("backup", "copy.tdb")
        self.write("delete from people")
        self.store("import", "copy.tdb", "--source-passphrase-file", "pass.txt")
        self.assertEqual(self.names(), ["ana", "bo"])

    def test_stats(self):
        stats = self.store_json("stats")
        self.assertGreater(stats["file_bytes"], 0)
        self.assertRegex(self.store("stats"), r"(?m)^outbox\.pending +0$")

    def test_compact(self):
        self.write("with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) insert into people(name, age) select hex(randomblob(50)), i from n")
        self.write("delete from people where id > 2")
        report = self.store_json("compact")
        self.assertLess(report["bytes_after"], report["bytes_before"] / 2)
        self.assertEqual(self.names(), ["ana", "bo"])

    def damage(self):
        self.write("with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000) insert into people(name, age) select 'guest ' || i, i from n")
        data = bytearray((self.folder / "app.tdb").read_bytes())
        page = 4096
        self.assertGreater(len(data), 20 * page)
        data[-page - 50] ^= 1
        (self.folder / "app.tdb").write_bytes(data)

    def test_check(self):
        self.assertEqual(self.store_json("check"), {"sound": True, "problems": []})
        self.assertTrue(self.store("check").startswith("sound"))
        self.damage()
        report = self.store_json("check", exit_code=FAILED)
        self.assertFalse(report["sound"])
        self.assertTrue(report["problems"])
        self.assertIn("salvage", self.store("check", exit_code=FAILED))

    def test_salvage(self):
        self.damage()
        report = self.store_json("salvage", "rescued.jsonl")
        self.assertEqual((report["pages_damaged"], type(report["damaged_tables"])), (1, list))
        lines = [json.loads(line) for line in (self.folder / "rescued.jsonl").read_text().splitlines()]
        self.assertGreater(len(lines), 1500)
        self.assertEqual(self.rows("select count(*) as n from sqlite_schema where name = 'people'"), [{"n": 0}])
        self.assertGreater(len(list(self.folder.glob("app*"))), 3)


if __name__ == "__main__":
    workplace.main()
