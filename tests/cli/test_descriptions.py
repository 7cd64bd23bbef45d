"""Help, manual, completion and reference are about the same tool."""

import os
import pathlib
import re
import subprocess
import unittest

import workplace
from workplace import TOOL

SHARE = pathlib.Path(os.environ["TESSERA_SHARE"])
DOCS = pathlib.Path(os.environ["TESSERA_DOCS"])


class Descriptions(unittest.TestCase):
    def show(self, *arguments):
        return subprocess.run([TOOL, *arguments], capture_output=True, text=True, check=True).stdout

    def inside(self, *group):
        """The commands of the tool, or of a group of them."""
        _, _, listed = self.show(*group, "--help").partition("Subcommands:\n")
        return re.findall(r"^  (\w+) ", listed.split("\n\n")[0], flags=re.MULTILINE)

    def groups(self):
        return [name for name in self.inside() if self.inside(name)]

    def commands(self):
        """Those that do something: "verify", "store init"."""
        groups = self.groups()
        return [name for name in self.inside() if name not in groups] + [f"{group} {name}" for group in groups for name in self.inside(group)]

    def options(self, command):
        usage, _, options = self.show(*command.split(), "--help").partition("Options:")
        return set(re.findall(r"^  (?:-\w, )?(--[a-z0-9][a-z0-9-]*)", options, flags=re.MULTILINE))

    def test_every_command_offers_json(self):
        commands = self.commands()
        self.assertGreaterEqual(len(commands), 30)
        for command in commands:
            self.assertIn("--json", self.options(command), command)

    def test_reference_lists_the_commands_that_there_are(self):
        reference = (DOCS / "reference/cli.md").read_text()
        name = f"tessera ((?:(?:{'|'.join(self.groups())}) )?[a-z0-9]+)"
        listed = re.findall(f"^(?:\\| )?`{name}", reference, flags=re.MULTILINE)
        self.assertEqual(sorted(listed), sorted(self.commands()))
        self.assertLessEqual(set(re.findall(name, reference)), set(listed))

    def test_reference_names_every_option(self):
        reference = (DOCS / "reference/cli.md").read_text()
        for command in self.commands():
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
        self.assertEqual(complete("tessera", "sto"), ["store"])
        self.assertEqual(complete("tessera", "store", "s"), ["shell", "slots", "salvage", "stats"])
        self.assertEqual(complete("tessera", "store", "query", "--para"), ["--param"])
        self.assertEqual(complete("tessera", "store", "slots", "app.tdb", "rem"), ["remove"])
        self.assertEqual(complete("tessera", "store", "init", "app.tdb", "--kdf", ""), ["low", "default", "high"])
        self.assertEqual(complete("tessera", "store", "init", "app.tdb", "--kdf", "=", "h"), ["high"])
        self.assertEqual(complete("tessera", "store", "init", "app.tdb", "--kdf", "="), ["low", "default", "high"])
        self.assertEqual(complete("tessera", "store", "init", "app.tdb", "--kdf", "low", "--recovery-key"), ["--recovery-key-file", "--recovery-key"])
        self.assertEqual(complete("tessera", "store", "query", "app.tdb", "--tenant", ""), [])
        self.assertIn(str(script), complete("tessera", "store", "unlock", "app.tdb", "--passphrase-file", str(script)[:-1]))

    def test_other_shells_get_every_option(self):
        zsh = (SHARE / "zsh/site-functions/_tessera").read_text()
        fish = (SHARE / "fish/vendor_completions.d/tessera.fish").read_text()
        for command in self.commands():
            for option in self.options(command):
                self.assertIn(f"*{option}[", zsh)
                seen = "; and ".join(f"__fish_seen_subcommand_from {word}" for word in command.split())
                self.assertRegex(fish, f"-n '{seen}'.* -l {option[2:]} ")


if __name__ == "__main__":
    workplace.main()
