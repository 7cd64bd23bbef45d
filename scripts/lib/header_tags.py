"""Checks that every public function says what its callers must know: threads, since, errors, ownership."""

import re
import sys

import public_headers


def complaints(function: public_headers.Function, release_functions: set[str]) -> list[str]:
    comment = function.comment
    if not comment.strip():
        return ["has no documentation comment"]
    found = [f"lacks {tag}" for tag in ("@threads", "@since") if tag not in comment]
    if "tsr_error**" in (kind.replace(" ", "") for kind in function.parameters.values()):
        if "@errors" not in comment:
            found.append("can fail but lacks @errors")
        if "TSR_MUST_USE" not in function.attributes:
            found.append("can fail but lacks TSR_MUST_USE")
    documented = _parameter_texts(comment)
    found += [f"documents {name}, which is no parameter" for name in documented if name not in function.parameters]
    for name, kind in function.parameters.items():
        if _gives_ownership(kind) and not function.name.endswith("_free"):
            owner = re.search(r"@owned\s+(tsr_\w+)\(\)", documented.get(name, ""))
            if owner is None:
                found.append(f"lacks '@param[out] {name} ... @owned tsr_..._free()'")
            elif owner[1] not in release_functions:
                found.append(f"{name} is released by {owner[1]}(), which is not declared")
    return found


def _parameter_texts(comment: str) -> dict[str, str]:
    parts = re.split(r"@param(?:\[\w+(?:,\w+)?\])?\s+(\w+)", comment)
    texts = {}
    for name, text in zip(parts[1::2], parts[2::2]):
        texts[name] = re.split(r"@(?:errors|threads|since|return|blocks)", text)[0]
    return texts


def _gives_ownership(kind: str) -> bool:
    """An out-parameter for a handle (tsr_thing **) or for a buffer."""
    compact = kind.replace(" ", "")
    return re.fullmatch(r"tsr_\w+\*\*", compact) is not None or compact == "tsr_buf*"


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
            print(f"include/tessera/{function.where}: {function.name} {text}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
