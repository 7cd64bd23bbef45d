"""Writes the reference pages of the C functions and of the code lists; --check compares instead."""

import ast
import pathlib
import re
import sys

import api_json
import generated
import public_headers

ROOT = generated.ROOT
REFERENCE = ROOT / "docs/reference"
STRING = r'"((?:[^"\\]|\\.)*)"'
ERROR = re.compile(rf"^TSR_ERROR\((\w+), (\d+), (true|false), (\w+), {STRING}\)$", re.MULTILINE)
LICENSE_CODE = re.compile(rf"^TSR_LICENSE_CODE\((\w+), (\d+), {STRING}, {STRING}\)$", re.MULTILINE)

# First code of each band and what the band is about.
LICENSE_BANDS = (
    (0, "The licence may be used"),
    (20, "The licence itself"),
    (40, "The document"),
    (60, "Hardware and installation"),
    (70, "Clock and state"),
    (80, "Activation, leases and meters"),
    (100, "Network"),
    (120, "Storage"),
)


def entries(path: pathlib.Path, pattern: re.Pattern[str], macro: str) -> list[tuple[str, ...]]:
    text = path.read_text(encoding="utf-8")
    found = pattern.findall(text)
    # An entry that the pattern can't read must not vanish from the page.
    if not found or len(found) != len(re.findall(rf"^{macro}\(", text, re.MULTILINE)):
        raise ValueError(f"{path.name}: an entry can't be read")
    return found


def unquote(text: str) -> str:
    return ast.literal_eval(f'"{text}"').replace("|", "\\|")


def errors_page() -> str:
    lines = [
        "# Status codes",
        "",
        "Every function that can fail returns a `tsr_status`. The constants stand in `tessera/error.h`; their numbers",
        "never change and are never used again. A retryable error may go away without a change by the caller.",
        "",
        "| Constant | Value | Meaning | Retryable |",
        "|---|---|---|---|",
        "| `TSR_OK` | 0 | the call worked | |",
    ]
    for name, value, retryable, _, text in entries(ROOT / "sdk/base/errors.def", ERROR, "TSR_ERROR"):
        lines.append(f"| `TSR_E_{name}` | {value} | {unquote(text)} | {'yes' if retryable == 'true' else 'no'} |")
    return "\n".join(lines) + "\n"


def license_codes_page() -> str:
    lines = [
        "# Licence codes",
        "",
        "A `tsr_license_code` says what a licence is; it is not a status. Codes below 20 leave the licence usable.",
        "The constants stand in `tessera/license.h`; their numbers never change and are never used again.",
    ]
    codes = entries(ROOT / "sdk/license/license_codes.def", LICENSE_CODE, "TSR_LICENSE_CODE")
    ends = [start for start, _ in LICENSE_BANDS[1:]] + [sys.maxsize]
    for (start, title), end in zip(LICENSE_BANDS, ends):
        lines += ["", f"## {title}", "", "| Code | Value | Meaning | What to do |", "|---|---|---|---|"]
        for name, value, text, todo in codes:
            if start <= int(value) < end:
                lines.append(f"| `{name}` | {value} | {unquote(text)} | {unquote(todo)} |")
    return "\n".join(lines) + "\n"


def as_code(text: str) -> str:
    """Escapes a cell and sets names of the C API in code; what is code already stays as it is."""
    marked = re.sub(r"`[^`]*`|\bTSR_[A-Z_]+\*?|\btsr_\w+(?:\(\))?", lambda match: f"`{match[0].strip('`')}`", text)
    return marked.replace("|", "\\|")


def c_api_page() -> str:
    lines = [
        "# Functions of the C API",
        "",
        "What each function does, how it can fail and what it may wait for. Parameters, units and who owns what stand in the",
        "headers; the conventions that hold for all of them, in `tessera/types.h`. An empty cell: it cannot fail, or never",
        "waits. For programs, the same as JSON: `capi/abi/api.json`.",
    ]
    header = ""
    for function in api_json.document()["functions"]:
        if function["header"] != header:
            header = function["header"]
            summary = as_code(public_headers.header_summary(ROOT / "include" / header))
            lines += ["", f"## `{header}`", "", summary, ""]
            lines += ["| Function | What it does | Errors | Threads | Blocks | Since |", "|---|---|---|---|---|---|"]
        tags = (as_code(function.get(tag, "")) for tag in ("summary", "errors", "threads", "blocks", "since"))
        lines.append(f"| `{function['name']}` | {' | '.join(tags)} |".replace("  ", " "))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(
        generated.write_or_compare(
            {
                REFERENCE / "c-api.md": c_api_page(),
                REFERENCE / "errors.md": errors_page(),
                REFERENCE / "license-codes.md": license_codes_page(),
            }
        )
    )
