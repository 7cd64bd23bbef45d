"""Writes the Python classes of status codes and licence codes from their lists; --check compares instead."""

import ast
import sys

import generated
from gen_docs import ERROR, LICENSE_CODE, ROOT, entries

PACKAGE = ROOT / "bindings/python/tessera"
NOTICE = "# Written by scripts/lib/gen_python.py from {}; change that."


def doc(text: str) -> str:
    text = ast.literal_eval(f'"{text}"')
    return text[0].upper() + text[1:] + "."


def class_name(code: str) -> str:
    return "".join(word.capitalize() for word in code.split("_")) + "Error"


def errors_module() -> str:
    codes = entries(ROOT / "sdk/base/errors.def", ERROR, "TSR_ERROR")
    names = ["Error", "ErrorCode", *(class_name(name) for name, *_ in codes)]
    lines = [
        NOTICE.format("sdk/base/errors.def"),
        '"""Exceptions: one class for each status of the C ABI."""',
        "",
        "import builtins",
        "import json",
        "from typing import Any",
        "",
        "from ._codes import LicenseCode",
        "from ._enum import OpenIntEnum",
        "",
        "__all__ = [",
        *(f'    "{name}",' for name in names),
        "]",
        "",
        "",
        "class ErrorCode(OpenIntEnum):",
        '    """Why a call failed, by what a caller can do about it: docs/reference/errors.md."""',
        "",
        *(f"    {name} = {value}" for name, value, *_ in codes),
        "",
        "",
        "class Error(Exception):",
        '    """A call of the SDK failed. str() is one sentence: what happened, to what, why, and what to do next; it holds no',
        '    secret and no raw hardware id."""',
        "",
        "    code: ErrorCode",
        "    domain: str",
        '    """The area that failed: "hwid", "license", ..."""',
        "    retryable: bool",
        '    """Whether the same call may succeed later without a change by the caller."""',
        "    detail: dict[str, Any]",
        '    """Particulars; empty when there are none."""',
        "",
        "    def __init__(self, text: str, code: int, domain: str, retryable: bool, detail: dict[str, Any]) -> None:",
        "        super().__init__(text)",
        "        self.code = ErrorCode(code)",
        "        self.domain = domain",
        "        self.retryable = retryable",
        "        self.detail = detail",
        "",
        "    def __str__(self) -> str:",
        "        return str(self.args[0])",
        "",
        "    def __reduce__(self) -> tuple[Any, ...]:",
        "        return type(self), (self.args[0], int(self.code), self.domain, self.retryable, self.detail)",
        "",
        "    @property",
        "    def license_code(self) -> LicenseCode | None:",
        '        """What is wrong with the licence, when this is a LicenseError."""',
        '        code = self.detail.get("license_code")',
        "        return None if code is None else LicenseCode(code)",
        "",
    ]
    for name, _, _, base, text in codes:
        lines += ["", f"class {class_name(name)}(Error, builtins.{base}):", f'    """{doc(text)}"""', ""]
    lines += [
        "",
        "_CLASSES: dict[int, type[Error]] = {",
        *(f"    ErrorCode.{name}: {class_name(name)}," for name, *_ in codes),
        "}",
        "",
        "",
        "def from_status(status: int, text: str, domain: str, retryable: bool, detail: str) -> Error:",
        '    """The exception for a status; an unknown one of a newer library gives Error itself."""',
        "    return _CLASSES.get(status, Error)(text, status, domain, retryable, json.loads(detail))",
    ]
    return "\n".join(lines) + "\n"


def codes_module() -> str:
    codes = entries(ROOT / "sdk/license/license_codes.def", LICENSE_CODE, "TSR_LICENSE_CODE")
    lines = [
        NOTICE.format("sdk/license/license_codes.def"),
        '"""Licence codes."""',
        "",
        "from . import _native",
        "from ._enum import OpenIntEnum",
        "",
        "_FIRST_DENIAL = 20",
        "",
        "",
        "class LicenseCode(OpenIntEnum):",
        '    """What a licence is: an answer, never an error: docs/reference/license-codes.md."""',
        "",
        *(f"    {name} = {value}" for name, value, *_ in codes),
        "",
        "    @property",
        "    def usable(self) -> bool:",
        '        """Whether an application may run under this code."""',
        "        return self < _FIRST_DENIAL",
        "",
        "    @property",
        "    def meaning(self) -> str:",
        '        """One line that says what the code means."""',
        "        return _native.license_code_text(self)",
        "",
        "    @property",
        "    def next_step(self) -> str:",
        '        """One line that says what to do; "" when there is nothing to do."""',
        "        return _native.license_code_next(self)",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(
        generated.write_or_compare({PACKAGE / "_errors.py": errors_module(), PACKAGE / "_codes.py": codes_module()})
    )
