"""Runs clang-tidy over the library and the tools; files that passed and have not changed since are left out."""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIDY = str(ROOT / ".venv/bin/clang-tidy")
FOLDERS = ("sdk", "capi", "tools")
HEADER_FOLDERS = ("sdk", "capi", "include", "tools")
HEADER_SUFFIXES = {".h", ".hpp", ".def", ".inc"}


def digest_of(paths) -> str:
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def shared_inputs() -> str:
    """One digest of all that can change the findings of every file."""
    headers = [
        path for folder in HEADER_FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in HEADER_SUFFIXES
    ]
    version = subprocess.run([TIDY, "--version"], check=True, capture_output=True, text=True).stdout
    return digest_of([ROOT / ".clang-tidy", *headers]) + version


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: tidy.py BUILD_DIR")
        return 2
    build_dir = pathlib.Path(sys.argv[1])
    passed_dir = build_dir / "tidy-passed"
    passed_dir.mkdir(exist_ok=True)
    shared = shared_inputs()
    wanted = {}
    for entry in json.loads((build_dir / "compile_commands.json").read_text(encoding="utf-8")):
        source = pathlib.Path(entry["file"])
        if source.is_relative_to(ROOT) and source.relative_to(ROOT).parts[0] in FOLDERS:
            key = hashlib.sha256((shared + entry["command"]).encode() + source.read_bytes()).hexdigest()
            wanted[source] = passed_dir / key
    if not wanted:
        print("no source found")
        return 1
    changed = [source for source, mark in wanted.items() if not mark.exists()]

    def run(source: pathlib.Path) -> subprocess.CompletedProcess:
        command = [TIDY, "--quiet", "--extra-arg=-Wno-ignored-gch", "-p", build_dir, source]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    failures = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, done in zip(changed, pool.map(run, changed)):
            if done.returncode == 0:
                wanted[source].touch()
            else:
                failures += 1
                print(done.stdout or f"{source.relative_to(ROOT)}: {TIDY} failed")
    for mark in set(passed_dir.iterdir()) - set(wanted.values()):
        mark.unlink()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
