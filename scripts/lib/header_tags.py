"""Checks that every public function says what its callers must know: threads, since, errors, ownership, blocking."""

import re
import sys

import public_headers

TAGS = {"blocks", "errors", "notincallback", "return", "since", "threads"}
# What a function may wait for. One without @blocks never waits.
BLOCKS = {"callback", "cpu", "disk"}


def complaints(function: public_headers.Function, names: set[str]) -> list[str]:
    comment, tags = function.comment, function.comment.tags
    if not comment.text:
        return ["has no documentation comment"]
    found = [f"has an unknown tag @{tag}" for tag in sorted(tags.keys() - TAGS)]
    found += [f"lacks @{tag}" for tag in ("threads", "since") if not tags.get(tag)]
    if "tsr_error**" in map(_compact, function.parameters.values()):
        if not tags.get("errors"):
            found.append("can fail but lacks @errors")
        if "TSR_MUST_USE" not in function.attributes:
            found.append("can fail but lacks TSR_MUST_USE")
    if "blocks" in tags and tags["blocks"] not in BLOCKS:
        found.append(f"says @blocks {tags['blocks']}; known are {', '.join(sorted(BLOCKS))}")
    if "blocks" not in tags and f"{function.name}_async" in names:
        found.append("has a twin in the background but lacks @blocks")
    if "blocks" in tags and function.name.endswith("_async"):
        found.append("runs in the background but says @blocks")
    found += [f"documents {name}, which is no parameter" for name in comment.parameters if name not in function.parameters]
    for name, kind in function.parameters.items():
        if _gives_ownership(kind) and not function.name.endswith("_free"):
            owner = re.match(r"(tsr_\w+)\(\)", comment.owned.get(name, ""))
            if owner is None:
                found.append(f"lacks '@param[out] {name} ... @owned tsr_..._free()'")
            elif owner[1] not in names:
                found.append(f"{name} is released by {owner[1]}(), which is not declared")
    return found


def _compact(kind: str) -> str:
    return kind.replace(" ", "")


def _gives_ownership(kind: str) -> bool:
    """An out-parameter for a handle (tsr_thing **) or for a buffer."""
    return re.fullmatch(r"tsr_\w+\*\*", _compact(kind)) is not None or _compact(kind) == "tsr_buf*"


def main() -> int:
    functions = public_headers.all_functions()
    if not functions:
        print("no public function found")
        return 1
    names = {function.name for function in functions}
    failures = 0
    for function in functions:
        for text in complaints(function, names):
            failures += 1
            print(f"include/{function.header}:{function.line}: {function.name} {text}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
