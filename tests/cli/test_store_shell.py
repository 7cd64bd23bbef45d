"""`tessera store shell`, from a pipe and at a terminal."""

import json
import re
import time

import workplace
from storeplace import StoreFolder, Terminal
from workplace import USAGE

PROMPT = r"tessera> "
MORE = r"    \.\.\.> "


class ShellPipe(StoreFolder):
    def setUp(self):
        super().setUp()
        self.make_people()

    def shell(self, text, *options, **more):
        return self.store("shell", *options, stdin=text, **more)

    def test_runs_statements(self):
        shown = self.shell("insert into people(name)\n  values ('cy'); select name\nfrom people where id = 3;\n")
        self.assertEqual(shown, "1 row changed\nname\n----\ncy\n")

    def test_the_last_statement_needs_no_semicolon(self):
        self.assertEqual(self.shell("select 1 as one"), "one\n---\n  1\n")
        self.assertEqual(self.shell("-- nothing\n"), "")

    def test_semicolons_that_end_nothing(self):
        shown = self.shell("select 'a;b' as x, \"name\" -- ; no\n /* ; */ from people limit 1;\n", "--json")
        self.assertEqual(json.loads(shown), [{"x": "a;b", "name": "ana"}])
        trigger = (
            "create trigger grow after insert on people begin\n  update people set age = coalesce(age, 0) + 1;\n"
            "  update people set age = age + 1; end;\ninsert into people(name) values ('di');\n"
        )
        self.shell(trigger)
        self.assertEqual(self.rows("select age from people where name = 'di'"), [{"age": 2}])

    def test_commands(self):
        shown = self.shell(".tables\n.schema people\n.mode csv\nselect 1 as one;\n.mode json\nselect 2 as two;\n.stats\n.check\n.help\n.quit\nnonsense;\n")
        self.assertIn("people  table", shown)
        self.assertIn("create table people(".lower(), shown.lower())
        self.assertIn("one\n1\n", shown)
        self.assertIn('{"two":2}', shown)
        self.assertIn("file_bytes", shown)
        self.assertIn("sound", shown)
        self.assertIn(".schema [TABLE]", shown)
        self.assertNotIn("tsr_", shown)

    def test_names_that_begin_as_those_of_the_sdk_are_shown(self):
        shown = self.shell("create table tsrecords(id integer);\n.tables\n.schema\n")
        self.assertIn("tsrecords  table", shown)
        self.assertIn("create table tsrecords(", shown.lower())
        self.assertNotRegex(shown, "tsr_|sqlite_")

    def test_the_first_error_ends_a_script(self):
        failure = self.store_failure("shell", exit_code=USAGE, stdin="select missing;\ndelete from people;\n")
        self.assertIn("no such column", failure)
        self.assertEqual(self.rows("select count(*) as n from people"), [{"n": 2}])
        self.store_failure("shell", exit_code=USAGE, stdin=".nonsense\n")
        self.store_failure("shell", exit_code=USAGE, stdin=".mode xml\n")
        self.store_failure("shell", exit_code=USAGE, stdin=".schema nothing\n")

    def test_tenant(self):
        self.shell("create table orders(tenant text, item text);\n")
        self.assertEqual(self.shell("insert into orders values ('a', 'x');\nselect item from orders;\n", "--tenant", "acme"), "1 row changed\nitem\n----\nx\n")


class ShellTerminal(StoreFolder):
    def setUp(self):
        super().setUp()
        self.make_people()
        self.history = self.home / ".local/state/tessera/shell_history"

    def open_shell(self):
        shell = Terminal(self, "store", "shell", "app.tdb", *self.opening)
        shell.wait_for(PROMPT)
        return shell

    def test_asks_for_the_passphrase_and_does_not_show_it(self):
        shell = Terminal(self, "store", "shell", "app.tdb")
        shell.wait_for("Passphrase of app.tdb: ")
        shell.type("wrong\n")
        shell.wait_for("Passphrase of app.tdb: ")
        shell.type("correct horse\n")
        self.assertNotIn("horse", shell.wait_for(PROMPT))
        shell.type("select name from people where id = 1;\n")
        self.assertIn("ana", shell.wait_for(r"ana\s+" + PROMPT))
        shell.type("\x04")
        code, rest = shell.end()
        self.assertEqual((code, "horse" in rest), (0, False))

    def test_statements_of_several_lines(self):
        shell = self.open_shell()
        shell.type("select name\n")
        shell.wait_for(MORE)
        shell.type("from people\n")
        shell.wait_for(MORE)
        shell.type("where id = 2;\n")
        self.assertIn("bo", shell.wait_for(PROMPT))
        shell.type(".quit\n")
        self.assertEqual(shell.end()[0], 0)

    def test_an_error_is_told_and_the_shell_goes_on(self):
        shell = self.open_shell()
        shell.type("select missing;\n")
        self.assertIn("no such column", shell.wait_for(PROMPT))
        shell.type("select 40 + 2;\n")
        shell.wait_for(r"42\s+" + PROMPT)
        shell.type("\x04")
        self.assertEqual(shell.end()[0], 0)

    def test_control_c_at_the_prompt_throws_the_input_away(self):
        shell = self.open_shell()
        shell.type("select\n")
        shell.wait_for(MORE)
        shell.type("nonsense\x03")
        shell.wait_for(PROMPT)
        shell.type("select 40 + 2;\n")
        self.assertNotIn("error", shell.wait_for(r"42\s+" + PROMPT))
        shell.type("\x04")
        self.assertEqual(shell.end()[0], 0)

    def test_control_c_interrupts_a_statement(self):
        endless = "with recursive n(i) as (select 1 union all select i + 1 from n) "
        for sql in ("select count(*) from n;", "insert into people(name) select i from n;", "select max(i) from n;"):
            shell = self.open_shell()
            with self.subTest(sql):
                shell.type(endless + sql + "\n")
                shell.wait_for(re.escape(sql))
                time.sleep(0.5)  # no sign tells that it runs
                shell.type("\x03")
                self.assertIn("interrupted", shell.wait_for(PROMPT))
                shell.type("select count(*) + 40 as left_over from people;\n")
                shell.wait_for(r"42\s+" + PROMPT)
                shell.type("\x04")
                self.assertEqual(shell.end()[0], 0)

    def test_history_is_edited_and_kept(self):
        shell = self.open_shell()
        shell.type("select 40 + 1;\n")
        shell.wait_for(r"41\s+" + PROMPT)
        shell.type("\x1b[A\x7f\x7f2;\n")  # up, two characters less
        shell.wait_for(r"42\s+" + PROMPT)
        shell.type("\x04")
        self.assertEqual(shell.end()[0], 0)
        self.assertEqual(self.history.read_text(), "select 40 + 1;\nselect 40 + 2;\n")
        shell = self.open_shell()
        shell.type("\x1b[A\n")
        shell.wait_for(r"42\s+" + PROMPT)
        shell.type("\x04")
        self.assertEqual(shell.end()[0], 0)

    def test_history_holds_no_secrets(self):
        shell = self.open_shell()
        for number, sql in enumerate((
            "select 'canary text', {};", "select x'ca11', {};", "select {} /* canary */;", "select {} as passphrase;",
            "select {}\n as lines;", "select {};",
        )):  # fmt: skip
            answer = 4200 + number
            shell.type(sql.format(f"{answer - 1} + 1") + "\n")
            shell.wait_for(rf"{answer}\s+" + PROMPT)
        shell.type("\x04")
        self.assertEqual(shell.end()[0], 0)
        self.assertEqual(self.history.read_text(), "select 4203 + 1;\nselect 4204 + 1;\n".replace("select 4203 + 1;\n", "select 4203 + 1  as lines;\n"))
        self.assertEqual(self.history.stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.history.parent.stat().st_mode & 0o077, 0)

    def test_letters_beyond_ascii(self):
        shell = self.open_shell()
        shell.type("select 'olá, 世界' || '!' as greeting;\n")
        self.assertIn("olá, 世界!", shell.wait_for(r"!\s+" + PROMPT))
        shell.type("\x04")
        self.assertEqual(shell.end()[0], 0)


class TerminalQuestions(StoreFolder):
    def test_init_asks_twice(self):
        terminal = Terminal(self, "store", "init", "new.tdb", "--slot", "passphrase", "--kdf", "low")
        terminal.wait_for("New passphrase of new.tdb: ")
        terminal.type("open sesame\n")
        terminal.wait_for("The same again: ")
        terminal.type("open sesame\n")
        code, shown = terminal.end()
        self.assertEqual((code, "sesame" in shown), (0, False))
        self.secret("sesame.txt", "open sesame")
        self.run_tool("store", "unlock", "new.tdb", "--passphrase-file", "sesame.txt")

    def test_two_that_differ(self):
        terminal = Terminal(self, "store", "init", "new.tdb", "--slot", "passphrase")
        terminal.wait_for(": ")
        terminal.type("one\n")
        terminal.wait_for("again: ")
        terminal.type("two\n")
        code, shown = terminal.end()
        self.assertEqual((code, "not the same" in shown), (USAGE, True))
        self.assertFalse((self.folder / "new.tdb").exists())

    def test_control_c_at_a_question_leaves_the_terminal_as_it_was(self):
        self.make()
        terminal = Terminal(self, "store", "unlock", "app.tdb")
        terminal.wait_for("Passphrase of app.tdb: ")
        terminal.type("\x03")
        code, shown = terminal.end()
        self.assertEqual((code, "interrupted" in shown), (workplace.TRY_AGAIN, True))

    def test_erase_wants_the_name(self):
        self.make()
        for answer, expected in (("no", USAGE), ("app.tdb", 0)):
            terminal = Terminal(self, "store", "erase", "app.tdb")
            terminal.wait_for("Type app.tdb to go on: ")
            terminal.type(answer + "\n")
            self.assertEqual(terminal.end()[0], expected)
            self.assertEqual((self.folder / "app.tdb").exists(), expected != 0)


if __name__ == "__main__":
    workplace.main()
