#!/usr/bin/env python3
"""Compiles every public header alone, pedantic, with warnings as errors, by gcc and clang in each language it
promises, and checks that misuse which must not compile does not."""

import concurrent.futures
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = ROOT / "include"
WARNINGS = ["-pedantic", "-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wconversion", "-Wundef"]
C_WARNINGS = ["-Wstrict-prototypes", "-Wmissing-prototypes"]
COMPILERS = (("gcc", "g++"), ("clang-19", "clang++-19"))
C_STANDARDS = ("c99", "c11", "c17")

MUST_NOT_COMPILE = {
    "TSR_LIT takes literals only": ("c11", "#include <tessera/types.h>\ntsr_str f(const char *p);\n"
                                           "tsr_str f(const char *p) { return TSR_LIT(p); }\n"),
    "a status must be looked at": ("c11", "#include <tessera/version.h>\nvoid f(void);\n"
                                          "void f(void) { tsr_abi_check(1, 0, NULL); }\n"),
}  # fmt: skip


def compile_text(text: str, compiler: str, standard: str) -> str:
    """The compiler's complaint, empty when it has none."""
    language = "c++" if standard.startswith("c++") else "c"
    command = [compiler, "-x", language, f"-std={standard}", *WARNINGS, f"-I{INCLUDE}", "-S", "-o", os.devnull, "-"]
    if language == "c":
        command += C_WARNINGS
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    return done.stderr if done.returncode != 0 else ""


def jobs():
    """(title, text, compiler, standard) of everything that must compile."""
    for header in sorted(INCLUDE.rglob("*")):
        if header.suffix not in (".h", ".hpp"):
            continue
        name = header.relative_to(INCLUDE)
        # Twice: the guard must hold.
        text = f"#include <{name}>\n#include <{name}>\n"
        for c_compiler, cxx_compiler in COMPILERS:
            if header.suffix == ".h":
                for standard in C_STANDARDS:
                    yield str(name), text, c_compiler, standard
                yield str(name), text, cxx_compiler, "c++11"
            yield str(name), text, cxx_compiler, "c++20"


def main() -> int:
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        wanted = list(jobs())
        complaints = list(pool.map(lambda job: compile_text(*job[1:]), wanted))
    failures = 0
    for (title, _, compiler, standard), complaint in zip(wanted, complaints):
        if complaint:
            failures += 1
            print(f"{title} does not compile alone with {compiler} -std={standard}:\n{complaint}")
    for title, (standard, text) in MUST_NOT_COMPILE.items():
        for compiler, _ in COMPILERS:
            if not compile_text(text, compiler, standard):
                failures += 1
                print(f"{compiler} accepts what it must refuse: {title}")
    if not wanted:
        print("no public header found")
        return 1
    print(f"{len(wanted) - failures} of {len(wanted)} compilations are clean")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
