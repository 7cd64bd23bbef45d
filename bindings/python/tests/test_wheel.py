"""The installed wheel: what it exports, needs and carries."""

import importlib.metadata
import pathlib
import re
import ssl
import subprocess
from typing import Any

import pytest
import tessera
from tessera import _native


pytestmark = pytest.mark.wheel


def native_file() -> pathlib.Path:
    assert _native.__file__
    return pathlib.Path(_native.__file__)


def tool(*command: object) -> str:
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def test_exports_its_init_function_only() -> None:
    exported = [line.split()[-1] for line in tool("nm", "-D", "--defined-only", native_file()).splitlines()]
    assert exported == ["PyInit__native"]


def test_needs_nothing_that_is_missing() -> None:
    needs = tool("ldd", native_file())
    assert "not found" not in needs
    # OpenSSL, libsodium and SQLCipher are inside; what is left belongs to every system.
    names = {line.split()[0].split("/")[-1].split(".so")[0] for line in needs.splitlines()}
    assert names <= {"linux-vdso", "libstdc++", "libm", "libgcc_s", "libc", "ld-linux-x86-64", "ld-linux-aarch64", "libasan"}


def test_undefined_symbols_are_the_interpreters_or_of_a_needed_library() -> None:
    undefined = {line.split()[-1] for line in tool("nm", "-D", "--undefined-only", native_file()).splitlines()}
    foreign = {
        name for name in undefined
        if not re.match(r"_?Py|_ZN?K?S|_ZNK?St|_Z(n|d)[wa]|_ZT|__asan|__ubsan|_Unwind|__cxa|__gxx|_ITM|__gmon", name)
        and "@GLIBC" not in name and "@CXXABI" not in name and "@GCC" not in name
    }  # fmt: skip
    assert foreign == set()


def test_runs_its_own_openssl() -> None:
    """Python's ssl module has the system's OpenSSL loaded; ours is another copy with its own version."""
    built_with = tool("dpkg-query", "-W", "-f", "${Version}", "libssl-dev").split("-")[0]
    assert tessera.build_info()["openssl"] == built_with
    assert re.fullmatch(r"1\.\d+\.\d+", tessera.build_info()["libsodium"])
    assert ssl.OPENSSL_VERSION.startswith("OpenSSL ")
    tessera.Key.generate(tessera.KeyType.RS256)
    mapped = {line.split()[-1] for line in pathlib.Path("/proc/self/maps").read_text().splitlines() if "libcrypto" in line}
    # Whatever libcrypto is mapped came with Python: our module names none as needed.
    assert "libcrypto" not in tool("readelf", "-d", native_file()), mapped


def test_metadata() -> None:
    metadata: Any = importlib.metadata.metadata("tessera-sdk")
    assert metadata["Version"] == tessera.__version__ == tessera.version() == tessera.build_info()["version"]
    assert metadata["License-Expression"] == "Apache-2.0"
    assert importlib.metadata.requires("tessera-sdk") is None
    files = {path.name for path in importlib.metadata.files("tessera-sdk") or ()}
    assert {"py.typed", "_native.pyi", "LICENSE", "libssl-dev.txt", "libsodium-dev.txt", "sqlcipher.txt"} <= files
    tags = importlib.metadata.distribution("tessera-sdk").read_text("WHEEL") or ""
    assert re.search(r"^Tag: cp3\d+-cp3\d+-manylinux_2_\d+_\w+$", tags, re.MULTILINE)


def test_features() -> None:
    assert tessera.features() == tessera.Feature.HWID | tessera.Feature.LICENSE | tessera.Feature.STORE


def test_every_public_name_has_a_docstring() -> None:
    import inspect

    import tessera.aio

    undocumented = []
    for module in (tessera, tessera.aio):
        for name in module.__all__:
            thing = getattr(module, name)
            if not (inspect.isclass(thing) or inspect.isroutine(thing)):
                continue
            if not inspect.getdoc(thing):
                undocumented.append(name)
            if inspect.isclass(thing) and thing.__module__.startswith("tessera"):
                for member, value in inspect.getmembers(thing):
                    is_own = member in {m for base in thing.__mro__ if base.__module__.startswith("tessera") for m in vars(base)}
                    is_call = inspect.isroutine(value) or isinstance(value, property)
                    if is_own and is_call and not member.startswith("_") and not inspect.getdoc(getattr(thing, member)):
                        undocumented.append(f"{name}.{member}")
    assert undocumented == []
