"""Writes capi/abi/api.json, what the C headers declare and document; --check compares instead."""

import json
import re
import sys

import generated
import public_headers

API = generated.ROOT / "capi/abi/api.json"


def entry(function: public_headers.Function) -> dict:
    comment = function.comment
    parameters = []
    for name, kind in function.parameters.items():
        parameter = {"name": name, "type": kind}
        if name in comment.owned:
            parameter["owned"] = comment.owned[name].removesuffix("()")
        parameters.append(parameter)
    return {
        "name": function.name,
        "header": function.header,
        "summary": comment.summary,
        "returns": function.returns,
        "parameters": parameters,
        **{tag: comment.tags[tag] for tag in ("errors", "threads", "blocks", "since") if tag in comment.tags},
        **({"notincallback": True} if "notincallback" in comment.tags else {}),
    }


def document() -> dict:
    version = (public_headers.HEADERS / "version.h").read_text(encoding="utf-8")
    return {
        "abi": {part.lower(): int(re.search(rf"TSR_ABI_{part} (\d+)", version)[1]) for part in ("MAJOR", "MINOR")},
        "functions": [entry(function) for function in public_headers.all_functions()],
    }


if __name__ == "__main__":
    sys.exit(generated.write_or_compare({API: json.dumps(document(), indent=1, ensure_ascii=False) + "\n"}))
