"""Builds the Python sdist, from it the wheel, and tags that for the glibc it needs: `python_wheel.py` prints its path."""

import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINDING = ROOT / "bindings/python"
WORK = ROOT / "build/python-test"
TOOLS = ROOT / ".venv/bin/python"
LAUNCHERS = {f"CMAKE_{language}_COMPILER_LAUNCHER": "ccache" for language in ("C", "CXX")}
# An sdist is built far from .deps.
SQLCIPHER = os.environ.get("TESSERA_SQLCIPHER_ROOT", str(ROOT / ".deps/sqlcipher"))


class StepFailure(Exception):
    def __init__(self, step: str, output: str):
        super().__init__(step)
        self.step = step
        self.output = output


def step(name: str, command: list[object], **environment: str) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=WORK, env=os.environ | environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        raise StepFailure(name, done.stdout)
    return done.stdout


def empty_folder(name: str) -> pathlib.Path:
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def build_from_sdist() -> pathlib.Path:
    """The unpacked sdist, always in the same place, so that ccache knows its files."""
    dist = empty_folder("dist")
    step("sdist", [TOOLS, "-m", "build", "--sdist", "--no-isolation", "--outdir", dist, BINDING])
    sources = empty_folder("sdist")
    # An sdist gives all files one old date, by which ninja would take a changed file for the one it knows.
    step("unpack", ["tar", "--extract", "--touch", "--file", next(dist.glob("*.tar.gz")), "--directory", sources])
    return next(sources.iterdir())


def build_wheel(sources: pathlib.Path, name: str, **defines: str) -> pathlib.Path:
    out = empty_folder(name)
    settings = [f"-Ccmake.define.{define}={value}" for define, value in (LAUNCHERS | {"TESSERA_SQLCIPHER_ROOT": SQLCIPHER} | defines).items()]
    # As deep below the sources as the presets' folders: then what they compile alike comes from ccache.
    settings.append(f"-Cbuild-dir={sources / 'native/build' / name}")
    step(f"wheel ({name})", [TOOLS, "-m", "build", "--wheel", "--no-isolation", *settings, "--outdir", out, sources])
    return next(out.glob("*.whl"))


def tag_wheel(wheel: pathlib.Path) -> pathlib.Path:
    tagged = empty_folder("tagged")
    path = f"{TOOLS.parent}:{os.environ['PATH']}"
    step("auditwheel", [TOOLS, "-m", "auditwheel", "repair", "--plat", "auto", "--wheel-dir", tagged, wheel], PATH=path)
    return next(tagged.glob("*manylinux*.whl"))


def main() -> int:
    os.environ.setdefault("CCACHE_BASEDIR", str(ROOT))
    os.environ.setdefault("CCACHE_NOHASHDIR", "1")
    WORK.mkdir(parents=True, exist_ok=True)
    try:
        print(tag_wheel(build_wheel(build_from_sdist(), "release")))
    except StepFailure as failure:
        print(f"{failure.step} failed:\n{failure.output}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
