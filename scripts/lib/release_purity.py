"""Proves that a release holds no way to inject clock, hardware or faults: none of the marks below may appear in
its files. The same marks must all appear in a testing build, or the proof would prove nothing."""

import pathlib
import re
import sys

# Symbols of the testing ABI, of its inside (mangled) and of what it calls.
MARKS = (rb"tsr_testing_", rb"N7tessera7testing", rb"hardware_root", rb"maybe_throw")
# No environment variable of ours either, but for the one that names the configuration of the command line.
FORBIDDEN = (*MARKS, rb"tessera::testing", rb"TESSERA_[A-Z]+")
ALLOWED_IN_TOOL = {"TESSERA_CONFIG"}


def main() -> int:
    if len(sys.argv) < 3 or sys.argv[1] not in ("--release", "--testing"):
        print("usage: release_purity.py --release|--testing LIBRARY [TOOL]")
        return 2
    files = [pathlib.Path(name) for name in sys.argv[2:]]
    found = []
    if sys.argv[1] == "--testing":
        library = files[0].read_bytes()
        found = [f"the testing build lacks {mark.decode()}" for mark in MARKS if not re.search(mark, library)]
    else:
        for file in files:
            content = file.read_bytes()
            hits = {match[0].decode() for pattern in FORBIDDEN for match in re.finditer(pattern, content)}
            if file != files[0]:
                hits -= ALLOWED_IN_TOOL
            found += [f"{file.name} holds {hit}" for hit in sorted(hits)]
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
