#!/usr/bin/env python3
"""Checks the direction of every include:
base <- text <- crypto <- areas <- app <- capi -> include <- facade <- {tools, bindings, examples}."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
SOURCES = {".h", ".hpp", ".c", ".cpp", ".cc", ".def", ".inc"}

LAYERS = ("base", "text", "crypto")  # each may include those before it; areas may include all three
TOP = "app"  # wires the areas, so it may include every one
C_HEADERS = {"stddef.h", "stdint.h", "string.h"}
# Everything that lives on the public headers. tests/unit, tests/support and tests/fuzz may look inside.
PUBLIC_ONLY = ("tools", "examples", "bindings", "benchmark", "tests/capi", "tests/facade", "tests/consumer",
               "tests/lifecycle", "tests/cli", "tests/demo", "tests/keystore")  # fmt: skip


def sdk_areas() -> set[str]:
    return {folder.name for folder in (ROOT / "sdk").iterdir() if folder.is_dir()}


def allowed_in_sdk(area: str, areas: set[str]) -> set[str]:
    if area == TOP:
        return areas
    if area in LAYERS:
        return set(LAYERS[: LAYERS.index(area) + 1])
    return {*LAYERS, area}


def complaint(path: pathlib.PurePosixPath, quote: str, target: str, areas: set[str]) -> str:
    """Why `path` must not include `target`, or an empty string."""
    place = str(path)
    first = target.split("/")[0]
    is_sdk = "/" in target and first in areas
    is_public = first == "tessera"
    if place.startswith("sdk/") and len(path.parts) > 2:
        area = path.parts[1]
        if is_public:
            return "sdk/ must not know the C ABI"
        if is_sdk and first not in allowed_in_sdk(area, areas):
            return f"{area} must not include {first}"
        if quote == '"' and not is_sdk:
            return "write the path from sdk/"
    elif place.startswith("include/"):
        if is_sdk:
            return "public headers must not include sdk/"
        if path.suffix == ".h" and not (target in C_HEADERS or (is_public and target.endswith(".h"))):
            return "public C headers include Tessera's own and " + ", ".join(sorted(C_HEADERS))
        if path.suffix == ".hpp" and not is_public and not is_standard(target):
            return "public C++ headers include Tessera's own and the standard library's"
    elif place.startswith(PUBLIC_ONLY) and is_sdk and not ROOT.joinpath(*path.parts[:2], target).exists():
        return "only capi/ and the tests of the inside may include sdk/"
    return ""


def is_standard(target: str) -> bool:
    return target in C_HEADERS or re.fullmatch(r"[a-z_]+", target) is not None


def main() -> int:
    areas = sdk_areas()
    failures = checked = 0
    for top in ("sdk", "capi", "include", "tools", "examples", "bindings", "benchmark", "tests"):
        for file in sorted((ROOT / top).rglob("*")):
            if file.suffix not in SOURCES or not file.is_file():
                continue
            checked += 1
            text = file.read_text(encoding="utf-8")
            path = pathlib.PurePosixPath(file.relative_to(ROOT))
            for match in INCLUDE.finditer(text):
                why = complaint(path, match[1], match[2], areas)
                if why:
                    failures += 1
                    line = text.count("\n", 0, match.start()) + 1
                    print(f"{path}:{line}: includes {match[2]}: {why}")
    if checked == 0:
        print("no source found")
        return 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
