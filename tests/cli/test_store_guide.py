"""Does what docs/tutorials/first-store.md says, word for word, and sees what it promises."""

import os
import pathlib
import re

import workplace
from workplace import TOOL, Folder

DOCS = pathlib.Path(os.environ["TESSERA_DOCS"])
PAGE = (DOCS / "tutorials/first-store.md").read_text()


class StoreGuide(Folder):
    def setUp(self):
        super().setUp()
        for name, target in (("bin/tessera", TOOL), ("build/notes", os.environ["TESSERA_NOTES"])):
            link = self.folder / name
            link.parent.mkdir()
            link.symlink_to(target)
        self.environment["PATH"] = f"{self.folder / 'bin'}:{self.environment['PATH']}"
        self.known = {}  # what stands for the page's <placeholders>

    def filled(self, text):
        return re.sub(r"<(recovery key)>", lambda match: self.known[match[1]], text)

    def expect(self, shown, promised):
        pattern = re.escape(promised).replace(re.escape("<recovery key>"), r"([A-Z0-9-]+)")
        found = re.search(pattern, shown)
        self.assertTrue(found, f"\n{promised}\n--- was promised, and this came:\n{shown}")
        if found.groups():
            self.known["recovery key"] = found[1]

    def test_the_page_is_followed(self):
        blocks = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
        shown, followed = None, 0
        for language, text in blocks:
            if language == "sh":
                shown = self.run_tool("-ec", self.filled(text), program=("bash",))
                followed += 1
            elif language == "" and not text.startswith("cmake"):
                self.expect(shown, self.filled(text) if self.known else text)
        self.assertGreaterEqual(followed, 7)

    def test_the_program_is_the_example(self):
        program = (DOCS.parent / "examples/first_store/cpp/main.cpp").read_text()
        self.assertIn(f"```cpp\n{program}```\n", PAGE)


if __name__ == "__main__":
    workplace.main()
