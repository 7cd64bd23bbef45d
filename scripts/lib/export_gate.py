"""Checks that the shared library exports what the headers declare, in the version node of its ABI major:
TSR_API in the headers = capi/abi/<list>.symbols = nm -D."""

import pathlib
import re
import subprocess
import sys

import public_headers

ROOT = public_headers.ROOT
SYMBOLS = ROOT / "capi/abi/tessera.symbols"
TESTING_SYMBOLS = ROOT / "capi/abi/testing.symbols"
TESTING_HEADER = ROOT / "tests/support/tessera_testing.h"


def listed(path: pathlib.Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def exported(library: pathlib.Path) -> tuple[set[str], set[str]]:
    """Names and version nodes of the dynamic symbols that the library defines."""
    shown = subprocess.run(
        ["nm", "-D", "--defined-only", "--format=posix", library], check=True, capture_output=True, text=True
    )
    names, nodes = set(), set()
    for line in shown.stdout.splitlines():
        symbol, kind = line.split()[:2]
        name, _, node = symbol.partition("@")
        if kind != "A":  # the version node itself
            names.add(name)
            nodes.add(node.lstrip("@"))
    return names, nodes


def differences(left: str, left_names: set[str], right: str, right_names: set[str]) -> list[str]:
    return [f"{name}: in {left}, not in {right}" for name in sorted(left_names - right_names)] + [
        f"{name}: in {right}, not in {left}" for name in sorted(right_names - left_names)
    ]


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: export_gate.py LIBRARY")
        return 2
    declared = {function.name for function in public_headers.all_functions()}
    found = []
    for path, header_names in (
        (SYMBOLS, declared),
        (TESTING_SYMBOLS, {function.name for function in public_headers.functions(TESTING_HEADER)}),
    ):
        names = listed(path)
        if names != sorted(set(names)):
            found.append(f"{path.name} is not sorted, or names a symbol twice")
        found += differences("the headers", header_names, path.name, set(names))
    names, nodes = exported(pathlib.Path(sys.argv[1]))
    found += differences(SYMBOLS.name, set(listed(SYMBOLS)), "the library", names)
    major = re.search(r"TSR_ABI_MAJOR (\d+)", (public_headers.HEADERS / "version.h").read_text(encoding="utf-8"))[1]
    if nodes != {f"TSR_{major}"}:
        found.append(f"version nodes are {sorted(nodes)}, wanted TSR_{major}")
    for line in found:
        print(line)
    return 1 if found or not declared else 0


if __name__ == "__main__":
    sys.exit(main())
