"""Fails when a function or constant of the C headers is not used by the C++ facade."""

import pathlib
import re
import sys

# For leak tests, and what the facade has in another form.
NOT_WRAPPED = {"tsr_live_objects", "tsr_str_of", "tsr_error_code", "TSR_OK", "TSR_ENTITLEMENT_NONE"}


def main() -> int:
    include = pathlib.Path(sys.argv[1])
    c_text = "".join(path.read_text() for path in sorted(include.glob("*.h")))
    facade = "".join(path.read_text() for path in sorted(include.rglob("*.hpp")))
    code = re.sub(r"/\*.*?\*/", "", c_text, flags=re.DOTALL)
    facade = re.sub(r"//.*", "", facade)  # a mention in a comment is no use
    names = set(re.findall(r"\b(tsr_\w+)\s*\(", code)) | set(re.findall(r"\b(TSR_[A-Z0-9_]+) = ", code))
    names = {name for name in names if not re.search(rf"\(\*{name}\)", code)}
    missing = sorted(name for name in names - NOT_WRAPPED if not re.search(rf"\b{name}\b", facade))
    for name in missing:
        print(f"{name} is in the C headers, but include/tessera/cpp does not use it")
    print(f"{len(names)} names, {len(missing)} missing")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
