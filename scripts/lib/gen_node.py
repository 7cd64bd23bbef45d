"""Writes the code lists of the Node binding from those of the library; --check compares instead."""

import json
import sys

import generated
from gen_docs import ERROR, LICENSE_CODE, ROOT, entries

CODES = ROOT / "bindings/node/lib/codes.ts"
PACKAGE = ROOT / "bindings/node/package.json"


def codes_module() -> str:
    errors = entries(ROOT / "sdk/base/errors.def", ERROR, "TSR_ERROR")
    named = [(number + 1 == len(errors), error[0], error[4]) for number, error in enumerate(errors)]
    licenses = entries(ROOT / "sdk/license/license_codes.def", LICENSE_CODE, "TSR_LICENSE_CODE")
    lines = [
        "// Written by scripts/lib/gen_node.py from errors.def and license_codes.def; not by hand.",
        "",
        "/** What a caller can do about a failed call: docs/reference/errors.md. */",
        "export type ErrorCode =",
        *(f'  | "{name.lower()}"{";" if last else ""} // {text}' for last, name, text in named),
        "",
        "/** Licence codes with their numbers: docs/reference/license-codes.md. Those below 20 leave the licence usable. */",
        "export const licenseCodes = {",
        *(f"  {name}: {value}," for name, value, _, _ in licenses),
        "} as const;",
        "",
        "/** What a licence is: an answer, never an error of a call. */",
        "export type LicenseCode = keyof typeof licenseCodes;",
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    status = generated.write_or_compare({CODES: codes_module()})
    version = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
    if json.loads(PACKAGE.read_text(encoding="utf-8"))["version"] != version:
        print(f"{PACKAGE.relative_to(ROOT)}: the version is not {version}")
        status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
