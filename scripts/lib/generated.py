"""Writes generated files, or with --check compares them with what stands in the tree."""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def write_or_compare(files: dict[pathlib.Path, str]) -> int:
    """The exit status of the script: 1 when --check found a file that is out of date."""
    stale = 0
    for path, text in files.items():
        if sys.argv[1:] != ["--check"]:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale += 1
            print(f"{path.relative_to(ROOT)} is out of date: scripts/check --update-docs")
    return 1 if stale else 0
