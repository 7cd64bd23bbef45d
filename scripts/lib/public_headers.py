"""Reads the functions and constants that the public C headers declare, with what their comments say."""

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
_TAG = re.compile(r"(?<!\S)@(\w+)(?:\[[\w,]+\])?\s*")
_SENTENCE = re.compile(r"(?P<first>.+?\.)(?=\s+[\"A-Z{`]|$)")
_FILE = re.compile(r"/\*\* @file \S+\s+(?P<summary>.+?)(?:\n \*\n|\s*\*/)", re.DOTALL)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*$", re.MULTILINE)


@dataclasses.dataclass
class Comment:
    text: str = ""  # before the first tag
    tags: dict[str, str] = dataclasses.field(default_factory=dict)  # without @, such as "threads" to "any"
    parameters: dict[str, str] = dataclasses.field(default_factory=dict)  # those that have a text
    owned: dict[str, str] = dataclasses.field(default_factory=dict)  # parameter to what follows its @owned

    @property
    def summary(self) -> str:
        """The first sentence."""
        sentence = _SENTENCE.match(self.text)
        return sentence["first"] if sentence else self.text


@dataclasses.dataclass
class Function:
    name: str
    returns: str
    parameters: dict[str, str]  # name to type, in order
    comment: Comment
    attributes: str
    header: str  # "tessera/file.h"
    line: int


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
                _comment(match["comment"] or ""),
                match["attributes"],
                f"tessera/{header.name}",
                line,
            )
        )
    # A declaration that the pattern can't read must not escape the gates.
    marks = len(re.findall(r"\bTSR_API\b", text))
    if marks != len(found):
        raise ValueError(f"{header.name}: {marks} uses of TSR_API but {len(found)} declarations understood")
    return found


def all_functions() -> list[Function]:
    return [function for header in sorted(HEADERS.glob("*.h")) for function in functions(header)]


def constants() -> list[str]:
    """Names of every enumerator."""
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(HEADERS.glob("*.h")))
    return re.findall(r"\b(TSR_[A-Z0-9_]+) = ", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))


def header_summary(header: pathlib.Path) -> str:
    """What the @file comment says before its first empty line."""
    return _join(re.sub(r"^ \*", "", _FILE.match(header.read_text(encoding="utf-8"))["summary"], flags=re.MULTILINE))


def _comment(raw: str) -> Comment:
    text, *parts = _TAG.split(re.sub(r"^[ \t]*\* ?", "", raw, flags=re.MULTILINE))
    comment = Comment(_join(text))
    parameter = ""
    for tag, value in zip(parts[::2], map(_join, parts[1::2])):
        if tag == "param":
            parameter, _, comment.parameters[parameter] = value.partition(" ")
        elif tag == "owned" and parameter:
            comment.owned[parameter] = value
        else:
            comment.tags[tag] = value
    return comment


def _join(text: str) -> str:
    return " ".join(text.split())


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
                parameters[name] = part.replace(pointer[0], "(*)") if pointer else part[: part.rindex(name)].strip()
    return parameters
