"""Pages of docs/ as programs: what they say is run, block after block."""

import ast
import asyncio
import inspect
import os
import pathlib
import re
from typing import Any

BLOCK = re.compile(r"^```python\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)


class Page:
    def __init__(self, name: str) -> None:
        text = (pathlib.Path(os.environ["TESSERA_DOCS"]) / "how-to" / name).read_text(encoding="utf-8")
        self.sections: dict[str, str] = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", text, flags=re.MULTILINE | re.DOTALL))

    def follow(self, heading: str, instead: dict[str, str], names: dict[str, Any]) -> dict[str, Any]:
        """Runs the blocks of a section, with the names that they leave to the reader; gives all names."""
        text = self.sections[heading]
        for old, new in instead.items():
            text = text.replace(old, new)
        for block in BLOCK.findall(text):
            made = eval(compile(block, heading, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
            if inspect.iscoroutine(made):
                asyncio.run(made)
        return names

    def tests(self) -> set[str]:
        """The names of the tests that follow it, one for each section with code."""
        return {"test_" + re.sub(r"\W+", "_", heading.lower()) for heading, text in self.sections.items() if BLOCK.search(text)}
