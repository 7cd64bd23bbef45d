"""Reads the functions that the public C headers declare, with their documentation comments."""

import dataclasses
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADERS = ROOT / "include/tessera"

_DECLARATION = re.compile(
    r"(?:/\*\*(?P<comment>(?:(?!\*/).)*)\*/\s*)?"
    r"\bTSR_API\b(?P<attributes>(?:\s+TSR_[A-Z_]+(?:\(\"[^\"]*\"\))?)*)\s+(?P<returns>[a-z][\w\s*]*?)\s*"
    r"\b(?P<name>tsr_\w+)\s*\((?P<parameters>[^;{]*)\)\s*TSR_NOEXCEPT\s*;",
    re.DOTALL,
)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*$", re.MULTILINE)


@dataclasses.dataclass
class Function:
    name: str
    returns: str
    parameters: dict[str, str]  # name to type, in order
    comment: str
    attributes: str
    where: str  # "file.h:line"


def functions(header: pathlib.Path) -> list[Function]:
    text = _DIRECTIVE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), header.read_text(encoding="utf-8"))
    found = []
    for match in _DECLARATION.finditer(text):
        line = text.count("\n", 0, match.start("returns")) + 1
        found.append(
            Function(
                match["name"],
                " ".join(match["returns"].split()),
                _parameters(match["parameters"]),
                re.sub(r"^[ \t]*\* ?", "", match["comment"] or "", flags=re.MULTILINE),
                match["attributes"],
                f"{header.name}:{line}",
            )
        )
    # A declaration that the pattern can't read must not escape the gates.
    marks = len(re.findall(r"\bTSR_API\b", text))
    if marks != len(found):
        raise ValueError(f"{header.name}: {marks} uses of TSR_API but {len(found)} declarations understood")
    return found


def all_functions() -> list[Function]:
    return [function for header in sorted(HEADERS.glob("*.h")) for function in functions(header)]


def _parameters(text: str) -> dict[str, str]:
    parameters = {}
    depth = start = 0
    text = " ".join(text.split()) + ","
    for index, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            part = text[start:index].strip()
            start = index + 1
            if part and part != "void":
                pointer = re.search(r"\(\*(\w+)\)", part)
                name = pointer[1] if pointer else re.search(r"(\w+)(?:\[\d*\])?$", part)[1]
                parameters[name] = part if pointer else part[: part.rindex(name)].strip()
    return parameters
