"""Checks that what the C headers declare is in the reference page, in the C++ facade and in every binding.

A function is in a binding when the native code of the binding calls it and the binding's declarations hold its name:
tsr_license_refresh is License.refresh in Python and licenseRefresh in Node."""

import ast
import dataclasses
import pathlib
import re
import sys
from collections.abc import Callable

import generated
import public_headers
from public_headers import Function

ROOT = generated.ROOT
BINDINGS = ROOT / "bindings"

# In no language but C, or in another form everywhere.
FACADE_WITHOUT = {
    "tsr_live_objects": "for leak tests; the facade is header-only and leaves it to C",
    "tsr_error_code": "the status that every call returns",
    "TSR_OK": "a call that returns normally",
    "TSR_ENTITLEMENT_NONE": "an empty variant",
}
BINDING_WITHOUT = {
    "tsr_error_code": "the status that every call returns",
    "tsr_op_ended": "an awaited call tells by itself",
    "tsr_op_wait": "await, or the blocking call",
}
# Called, but without a name of its own in the binding.
INNER = {
    r"tsr_error_\w+|tsr_status_name": "the members of the exceptions",
    r"tsr_op_(?!cancel)\w+": "the result of an awaited call",
    r"tsr_abi_check": "called at import",
    r"tsr_license_code_name": "how a licence code shows itself",
    r"tsr_license_is_current": "lets check() give the same object again",
    r"tsr_\w+_init": "keyword arguments",
    r"tsr_rowset_\w+": "the rows of an answer, as the language has them",
    r"tsr_loaded_set": "what the loader returns",
}
PYTHON_NAMES = {
    "tsr_app_license": "License.__init__",
    "tsr_app_open": "App.__init__",
    "tsr_app_open_async": "start_open_app",
    "tsr_app_store": "Store.__init__",
    "tsr_app_store_async": "start_app_store",
    "tsr_cache_load": "Cache._get_or_load",
    "tsr_document_inspect": "inspect",
    "tsr_hwid_json": "Hwid.to_dict",
    "tsr_hwid_probe": "Hwid.__init__",
    "tsr_hwid_probe_async": "start_probe_hwid",
    "tsr_issuer_open": "Issuer.__init__",
    "tsr_key_export": "Key.export_text",
    "tsr_key_generate_async": "start_generate_key",
    "tsr_key_import": "Key.import_text",
    "tsr_key_public": "Key.public_key",
    "tsr_license_import": "License.import_bundle",
    "tsr_license_import_async": "License._start_import_bundle",
    "tsr_license_key_check": "check_license_key",
    "tsr_license_key_generate": "generate_license_key",
    "tsr_license_open": "License.__init__",
    "tsr_license_open_async": "start_open_license",
    "tsr_license_verify": "License.verify_bundle",
    "tsr_license_verify_async": "License._start_verify_bundle",
    "tsr_rows_column": "Rows.columns",
    "tsr_rows_next": "Rows.__next__",
    "tsr_sealed_create": "SealedWriter.__init__",
    "tsr_sealed_finish": "SealedWriter.finish",
    "tsr_sealed_get": "Store._get_sealed",
    "tsr_sealed_get_async": "Store._start_get_sealed",
    "tsr_sealed_log_append": "SealedLog.append",
    "tsr_sealed_log_flush": "SealedLog.flush",
    "tsr_sealed_log_open": "SealedLog.__init__",
    "tsr_sealed_log_read": "Store._read_log",
    "tsr_sealed_log_read_async": "Store._start_read_log",
    "tsr_sealed_open": "SealedReader.__init__",
    "tsr_sealed_put": "Store._put_sealed",
    "tsr_sealed_put_async": "Store._start_put_sealed",
    "tsr_sealed_read": "SealedReader.read_into",
    "tsr_sealed_size": "SealedReader.size",
    "tsr_sealed_write": "SealedWriter.write",
    "tsr_store_erase": "erase_store",
    "tsr_store_erase_async": "start_erase_store",
    "tsr_store_open": "Store.__init__",
    "tsr_store_open_async": "start_open_store",
    "tsr_store_salvage": "salvage_store",
    "tsr_store_salvage_async": "start_salvage_store",
    "tsr_store_with_tenant": "Store.__init__",
    "tsr_tx_begin": "Tx.__init__",
    "tsr_tx_begin_async": "start_begin",
    "tsr_tx_nest": "Tx.__init__",
    "tsr_verdict_json": "Verdict.to_dict",
}
NODE_NAMES = {
    "tsr_key_id": "keyFacts",
    "tsr_key_public": "keyFacts",
    "tsr_key_type": "keyFacts",
    "tsr_license_check": "licenseChecker",
    "tsr_op_cancel": "cancel",
    "tsr_rows_column": "storePrepare",
    "tsr_rows_column_count": "storePrepare",
    "tsr_rows_next": "storePrepare",
}


def code_of(*paths: pathlib.Path) -> str:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(paths))
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.DOTALL)


def mentions(text: str, name: str) -> bool:
    return re.search(rf"\b{name}\b", text) is not None


def split(function: Function) -> tuple[str, str]:
    """Noun and member: ("verdict", "reasons"), ("license", "refresh")."""
    noun, _, member = function.name.removeprefix("tsr_").removesuffix("_async").partition("_")
    first = member.partition("_")[0]
    if "index" in function.parameters or member.endswith("_count"):
        return noun, f"{first}s"
    if first == "entitlement":
        return noun, first
    return noun, member


def python_declared() -> set[str]:
    """"name" and "Class.name"."""
    declared = set()
    for node in ast.parse((BINDINGS / "python/tessera/_native.pyi").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            declared.add(node.name)
        elif isinstance(node, ast.ClassDef):
            declared |= {f"{node.name}.{member.name}" for member in node.body if isinstance(member, ast.FunctionDef)}
    return declared


def python_names(function: Function) -> set[str]:
    noun, member = split(function)
    member = member.removesuffix("_ms")
    if function.name.endswith("_async"):
        return {f"{noun.capitalize()}._start_{member}"}
    return {function.name.removeprefix("tsr_"), f"{noun.capitalize()}.{member}", f"{noun.capitalize()}._{member}"}


def node_declared() -> set[str]:
    """"name" of the addon's functions and "RawNoun.name" of the objects that they give."""
    text = code_of(BINDINGS / "node/lib/native.ts")
    declared = set()
    for interface, body in re.findall(r"interface (\w+)[^{]*\{(.*?)^\}", text, re.DOTALL | re.MULTILINE):
        prefix = "" if interface == "Native" else f"{interface}."
        declared |= {prefix + name for name in re.findall(r"^  (?:readonly )?(\w+)\??[(:]", body, re.MULTILINE)}
    return declared


def node_names(function: Function) -> set[str]:
    noun, member = split(function)
    return {camel(function.name.removeprefix("tsr_").removesuffix("_async")), camel(f"{noun}_{member}"),
            f"Raw{noun.capitalize()}.{camel(member)}"}  # fmt: skip


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def missing_in_facade(functions: list[Function]) -> list[str]:
    code = code_of(*public_headers.HEADERS.rglob("*.hpp"))
    names = [function.name for function in functions] + public_headers.constants()
    return [f"{name} is not used by include/tessera/cpp" for name in names
            if name not in FACADE_WITHOUT and not mentions(code, name)]  # fmt: skip


@dataclasses.dataclass
class Binding:
    folder: str
    declared: Callable[[], set[str]]
    names: Callable[[Function], set[str]]  # any of them will do
    renamed: dict[str, str]
    has_blocking_calls: bool  # else the asynchronous twin stands for both

    def missing(self, functions: list[Function]) -> list[str]:
        code = code_of(*(BINDINGS / self.folder / "src").glob("*.[ch]pp"))
        declared = self.declared()
        twins = set() if self.has_blocking_calls else {function.name for function in functions}
        found = []
        for function in functions:
            name = function.name
            # The language releases objects; the leak tests prove it.
            if name in BINDING_WITHOUT or name.endswith("_free") or f"{name}_async" in twins:
                continue
            wanted = {self.renamed[name]} if name in self.renamed else self.names(function)
            if not mentions(code, name):
                found.append(f"{name} is not called by bindings/{self.folder}/src")
            elif not any(re.fullmatch(pattern, name) for pattern in INNER) and not wanted & declared:
                found.append(f"{name} is not declared by bindings/{self.folder}, as {' or '.join(sorted(wanted))}")
        return found


KNOWN = (
    Binding("node", node_declared, node_names, NODE_NAMES, has_blocking_calls=False),
    Binding("python", python_declared, python_names, PYTHON_NAMES, has_blocking_calls=True),
)


def main() -> int:
    functions = public_headers.all_functions()
    names = {function.name for function in functions} | set(public_headers.constants())
    page = (ROOT / "docs/reference/c-api.md").read_text(encoding="utf-8")
    found = [f"{f.name} is not in docs/reference/c-api.md" for f in functions if not mentions(page, f.name)]
    found += missing_in_facade(functions)
    folders = {path.name for path in BINDINGS.glob("*/")}
    found += [f"bindings/{folder} is not known to this gate" for folder in folders - {b.folder for b in KNOWN}]
    for binding in KNOWN:
        if binding.folder in folders:
            found += binding.missing(functions)
    for name in {**FACADE_WITHOUT, **BINDING_WITHOUT, **PYTHON_NAMES, **NODE_NAMES}.keys() - names:
        found.append(f"{name} is an exception of this gate, but is not declared in the headers")
    for line in sorted(found):
        print(line)
    return 1 if found or not functions else 0


if __name__ == "__main__":
    sys.exit(main())
